"""Put mails into the outbox, in the transaction of what causes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.identifiers import new_public_id
from app.base.ports import ports_of
from app.base.rows import AT_ONCE, has_changed, insert_into, portions
from app.base.sealing import Place, blind_index, seal_for_worker
from app.mail.evidence import HOPELESS
from app.mail.models import Mail
from app.mail.registry import MailKind, References
from app.mail.states import MailState
from app.smtp.states import Trouble


@dataclass(frozen=True)
class Outgoing:
    """One mail to queue.

    `recipient` is whatever names the addressee stably (a public id or an address) and `occasion` what makes this mail
    different from the last of its kind; both are only stored as a keyed digest. `references` are public ids, from
    which the mail is rendered when sent.
    """

    kind: MailKind
    recipient: str
    occasion: str
    references: References
    message_id: str | None = None  # official mail has its own, frozen one
    frozen_sha256: str | None = None


def enqueue(session: Session, outgoing: Outgoing) -> str:
    """Queue one mail and return its public id; queueing the same occasion again returns the first one's."""
    return enqueue_many(session, [outgoing])[0]


def enqueue_many(session: Session, outgoings: Iterable[Outgoing]) -> list[str]:
    """Queue many mails and return their public ids in order; a mail that was queued before is not queued twice.

    No more than a chunk is held at a time, so `outgoings` may be as long as it likes and need not be a list.
    """
    queue = insert_into(session, Mail.__table__).on_conflict_do_nothing(index_elements=["occasion_key"])
    found: list[str] = []
    outgoings = iter(outgoings)
    while rows := [_row(session, outgoing) for outgoing in islice(outgoings, AT_ONCE)]:
        session.execute(queue, rows)
        found += _public_ids(session, [row["occasion_key"] for row in rows])
    return found


def not_queued(session: Session, outgoings: Iterable[Outgoing]) -> list[Outgoing]:
    """Return which of some mails were never queued; a look, so that a writer who finds little need not hold a lock."""
    wanted = {occasion_key(session, outgoing): outgoing for outgoing in outgoings}
    for part in portions(list(wanted)):
        for known in session.scalars(select(Mail.occasion_key).where(Mail.occasion_key.in_(part))):
            del wanted[known]
    return list(wanted.values())


def occasion_key(session: Session, outgoing: Outgoing) -> bytes:
    """Return the keyed digest of kind, occasion and recipient, by which the same mail is known again."""
    return blind_index(session, "mail occasion", f"{outgoing.kind.name}\0{outgoing.recipient}\0{outgoing.occasion}")


def send_again(session: Session, mail_id: str) -> bool:
    """Queue a mail once more because a person says so; tell whether it is certain not to have arrived.

    What came back goes again only where that can help: never the same bytes to an address that does not exist or that
    takes none of their size.
    """
    came_back = (Mail.state == MailState.BOUNCED) & Mail.trouble.not_in(HOPELESS)
    held_back = (Mail.state == MailState.DROPPED) & (Mail.trouble == Trouble.BOUNCING)
    result = session.execute(
        update(Mail)
        .where(
            Mail.public_id == mail_id,
            Mail.state.in_([MailState.REFUSED, MailState.DEFERRED]) | came_back | held_back,
        )
        .values(state=MailState.QUEUED, due_at=clock.now(), finished_at=None, failures=0, has_slot=False)
    )
    return has_changed(result)


def drop(session: Session, mail_id: str) -> bool:
    """Take back a mail that has not left; tell whether that was still possible."""
    result = session.execute(
        update(Mail)
        .where(Mail.public_id == mail_id, Mail.state.in_([MailState.QUEUED, MailState.DEFERRED]))
        .values(state=MailState.DROPPED, finished_at=clock.now())
    )
    return has_changed(result)


def rule_uncertain(session: Session, mail_id: str, *, arrived: bool) -> bool:
    """Let a person decide about an uncertain mail: it arrived, or it goes again. Tell whether it was uncertain."""
    wanted: dict[str, Any] = (
        {"state": MailState.ACCEPTED, "trouble": None}
        if arrived
        else {"state": MailState.QUEUED, "finished_at": None, "failures": 0, "has_slot": False}
    )
    result = session.execute(
        update(Mail)
        .where(Mail.public_id == mail_id, Mail.state == MailState.UNCERTAIN)
        .values(due_at=clock.now(), lease_until=None, **wanted)
    )
    return has_changed(result)


def _row(session: Session, outgoing: Outgoing) -> dict[str, Any]:
    public_id, now, kind = new_public_id(), clock.now(), outgoing.kind
    return {
        "public_id": public_id,
        "kind": kind.name,
        "mail_class": kind.mail_class,
        "priority": int(kind.priority),
        "references_sealed": seal_for_worker(
            session, _place(public_id), dict(outgoing.references), kind.references_bytes
        ),
        "occasion_key": occasion_key(session, outgoing),
        "message_id": outgoing.message_id or f"<{public_id}@{ports_of(session).mail_domain}>",
        "frozen_sha256": outgoing.frozen_sha256,
        "state": MailState.QUEUED,
        "attempts": 0,
        "handovers": 0,
        "failures": 0,
        "has_slot": False,
        "is_counted": False,
        "due_at": now,
        "created_at": now,
    }


def _place(public_id: str) -> Place:
    return Place("mails", "references_sealed", public_id)


def _public_ids(session: Session, keys: list[bytes]) -> list[str]:
    query = select(Mail.occasion_key, Mail.public_id).where(Mail.occasion_key.in_(keys))
    found = dict(session.execute(query).all())
    return [found[key] for key in keys]
