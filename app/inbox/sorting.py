"""Look into what came in: use reports and witness copies, and hand on letters and automatic answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base.addresses import is_same
from app.base.database import Database
from app.base.failures import DATABASE_FAILS
from app.base.parts import parts_of
from app.base.ports import ports_of
from app.base.rows import has_changed
from app.inbox.autoreplies import is_automatic, is_receipt
from app.inbox.bounces import apply, is_copy_of, letter_of, mail_of, marked_mail
from app.inbox.failures import Report
from app.inbox.messages import summarise
from app.inbox.models import InboundMessage
from app.inbox.parsing import parse
from app.inbox.reports import is_delivery_report, read_report
from app.inbox.states import InboundKind, InboundState
from app.inbox.storage import body_digest, in_state, raw_of, seal_summary, summaries_of
from app.mail.evidence import record_proof
from app.mail.registry import Registry
from app.mail.states import Proof

log = structlog.get_logger()
PURPOSE = "sort incoming mail"
MOST_FAILURES = 3


@dataclass(frozen=True)
class Sorted:
    """What a message was found to be, before anything is looked up."""

    kind: InboundKind
    summary: dict[str, Any]
    reports: tuple[Report, ...] = ()
    body: bytes = b""  # its digest


def sort_new(app: Flask) -> int:
    """Sort every message that nobody has looked at yet, oldest first; return how many.

    Each is a transaction of its own. A message that can't be read, or whose use fails, is held for a person. Where the
    database fails, it is left for the next time; after a few of these the error is raised.
    """
    database: Database = parts_of(app).database
    registry: Registry = parts_of(app).mail_kinds
    number, failed, last = 0, 0, 0
    with app.app_context():
        while True:
            with database.reading() as session:
                rows = in_state(session, InboundState.NEW, after=last)
            if not rows:
                return number
            for row in rows:
                last = row.id
                try:
                    number += _sort_one(database, registry, row.public_id)
                    failed = 0
                except DATABASE_FAILS as error:
                    failed += 1
                    log.warning("mail.inbound_not_sorted", inbound=row.public_id, error=type(error).__name__)
                    if failed == MOST_FAILURES:
                        raise


def look_into(raw: bytes, envelope_to: str) -> Sorted:
    """Tell what a message is, from its bytes alone."""
    message = parse(raw)
    automatic = is_automatic(message)
    summary = summarise(message, envelope_to) | {"is_automatic": automatic, "mail": ""}
    reports = read_report(message)
    if reports or (is_delivery_report(message) and not is_receipt(message)):
        return Sorted(InboundKind.REPORT, summary, tuple(reports))
    return Sorted(InboundKind.AUTOMATIC if automatic else InboundKind.LETTER, summary, body=body_digest(raw))


def _sort_one(database: Database, registry: Registry, public_id: str) -> bool:
    """Sort one message; tell whether it was still to be sorted."""
    found = _read(database, public_id)
    try:
        with database.writing() as session:
            state = _use(session, registry, public_id, found)
    except DATABASE_FAILS:
        raise
    except Exception as error:  # noqa: BLE001 - one message that can't be used must not stop the ones behind it
        log.warning("mail.inbound_unusable", inbound=public_id, error=type(error).__name__)
        with database.writing() as session:
            is_held = _settle(session, public_id, found.kind, InboundState.HELD, found.summary)
            state = InboundState.HELD if is_held else None
    if state is not None:
        log.info("mail.inbound_sorted", inbound=public_id, kind=found.kind.value, state=state.value)
    return state is not None


def _read(database: Database, public_id: str) -> Sorted:
    """Open a message and look into it, before any lock is taken."""
    found = _unreadable("")
    try:
        with database.reading() as session:
            envelope_to = summaries_of(session, [public_id], PURPOSE)[public_id]["envelope_to"]
            raw = raw_of(session, public_id, PURPOSE) or b""
        found = _unreadable(envelope_to)
        return look_into(raw, envelope_to)
    except DATABASE_FAILS:
        raise
    except Exception as error:  # noqa: BLE001 - strangers write these bytes: what can't be read, a person looks at
        log.warning("mail.inbound_unreadable", inbound=public_id, error=type(error).__name__)
        return found


def _use(session: Session, registry: Registry, public_id: str, found: Sorted) -> InboundState | None:
    """Let a message have its effect and return its new state; None where another worker was first."""
    # The row is taken by its first change, so that the second of two workers waits and then finds it settled.
    if not _settle(session, public_id, found.kind, InboundState.READ, found.summary):
        return None
    kind, state, summary = found.kind, InboundState.HELD, dict(found.summary)
    if kind is not InboundKind.UNREADABLE:
        marked = marked_mail(session, summary)
        summary["mail"] = marked or mail_of(session, summary["refers_to"])
        if kind is InboundKind.REPORT:
            state = _use_report(session, registry, public_id, found, marked)
        elif letter := _letter_copied(session, summary):
            kind, summary["mail"] = InboundKind.WITNESS, letter
            state = _use_witness(session, registry, public_id, found, letter)
        else:
            state = InboundState.WAITING
    _settle(session, public_id, kind, state, summary, since=InboundState.READ)
    return state


def _use_report(session: Session, registry: Registry, public_id: str, found: Sorted, marked: str) -> InboundState:
    is_used = apply(session, registry, found.reports, marked, public_id)
    return InboundState.READ if is_used else InboundState.HELD


def _letter_copied(session: Session, summary: dict[str, Any]) -> str:
    """Return the letter whose copy a message in our archive mailbox says to be; empty for any other message.

    Where it went counts, and not what its own header says: the archive's address stands in no letter.
    """
    witness = ports_of(session).witness_address
    went_to = [summary["envelope_to"].strip("<> "), *summary["delivered_to"]]
    if not witness or not any(is_same(address, witness) for address in went_to):
        return ""
    return letter_of(session, summary["message_id"])


def _use_witness(session: Session, registry: Registry, public_id: str, found: Sorted, letter: str) -> InboundState:
    """Take a copy for proof if it is the letter's to the last byte; a person looks at any other."""
    if not is_copy_of(session, registry, letter, found.body):
        return InboundState.HELD
    record_proof(session, letter, Proof.WITNESSED, "", public_id, "")
    return InboundState.READ


def _settle(
    session: Session,
    public_id: str,
    kind: InboundKind,
    state: InboundState,
    summary: dict[str, Any],
    since: InboundState = InboundState.NEW,
) -> bool:
    result = session.execute(
        update(InboundMessage)
        .where(InboundMessage.public_id == public_id, InboundMessage.state == since)
        .values(kind=kind, state=state, summary_sealed=seal_summary(session, public_id, summary))
    )
    return has_changed(result)


def _unreadable(envelope_to: str) -> Sorted:
    summary = {
        "from": "", "from_name": "", "to": [], "subject": "", "date": "", "message_id": "", "refers_to": [],
        "envelope_to": envelope_to, "delivered_to": [], "excerpt": "", "is_automatic": False, "mail": "",
    }  # fmt: skip
    return Sorted(InboundKind.UNREADABLE, summary)
