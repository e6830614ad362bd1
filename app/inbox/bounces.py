"""Apply what reports say to the mails that they are about, and to the addresses those went to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.addresses import is_same
from app.base.ports import ports_of
from app.base.sealing import Place, open_one
from app.inbox.failures import Report
from app.inbox.storage import body_digest
from app.mail.addresses import note_bounce
from app.mail.evidence import record_proof
from app.mail.models import Mail
from app.mail.registry import Frozen, Registry, RenderedMail
from app.mail.return_paths import read_mark
from app.mail.states import MailClass, Proof

# Where several recipients of one mail are reported at once, the worst counts.
_WORST_FIRST = (Proof.BOUNCED_HARD, Proof.BOUNCED_SOFT, Proof.DELAYED, Proof.DELIVERED, Proof.RELAYED, Proof.WITNESSED)


def marked_mail(session: Session, summary: dict[str, Any]) -> str:
    """Return the public id of the mail whose signed mark stands in an address a message went to; empty for none."""
    for address in [summary["envelope_to"], *summary["delivered_to"], *summary["to"]]:
        mail_id = read_mark(session, address)
        if mail_id and session.scalar(select(Mail.id).where(Mail.public_id == mail_id)) is not None:
            return mail_id
    return ""


def letter_of(session: Session, message_id: str) -> str:
    """Return the public id of the official mail that has a message id; empty for none."""
    is_letter = (Mail.message_id == message_id) & (Mail.mail_class == MailClass.OFFICIAL)
    return session.scalar(select(Mail.public_id).where(is_letter)) or ""


def mail_of(session: Session, message_ids: Iterable[str]) -> str:
    """Return the public id of the mail that has one of some message ids; empty for none."""
    wanted = list(dict.fromkeys(message_ids))
    rows = session.execute(select(Mail.message_id, Mail.public_id).where(Mail.message_id.in_(wanted))).all()
    found = {row.message_id: row.public_id for row in rows}
    return next((found[each] for each in wanted if each in found), "")


def apply(session: Session, registry: Registry, reports: Sequence[Report], marked: str, source: str) -> int:
    """Let the reports of one message tell of the mails they are about; return how many mails were found.

    A mail is known by the signed mark in the address that the report came to (`marked`), by its envelope id, or by the
    message id of what came back: knowing only an address changes nothing. Where our return path carries marks, a
    receipt comes to one, so a receipt without it proves nothing: organisers see the ids on their pages. `source` is the
    public id of the incoming message: told twice, it counts once.
    """
    has_marks = bool(ports_of(session).return_path)
    told: dict[str, list[tuple[Proof, Report]]] = {}
    for report in reports:
        mail_id = marked or _mail_of_report(session, report)
        if mail_id and (marked or not (has_marks and report.is_arrival)):
            told.setdefault(mail_id, []).extend(_meaning(session, report))
    for mail_id, meanings in told.items():
        if meanings:
            proof, report = min(meanings, key=lambda each: _WORST_FIRST.index(each[0]))
            _tell(session, registry, mail_id, proof, report, source)
    return len(told)


def address_of(session: Session, registry: Registry, mail_id: str) -> str:
    """Return the address that a mail went to, or an empty string where it can't be told any more.

    The report's own word for it is not used: anybody who got one mail, and so its mark, could stop any address with it.
    """
    rendered = _rendered(session, registry, mail_id, "whose mail came back")
    return rendered.to_address if rendered is not None else ""


def is_copy_of(session: Session, registry: Registry, mail_id: str, digest: bytes) -> bool:
    """Tell whether something has the very body of a frozen letter; `digest` is `app.inbox.storage.body_digest` of it.

    Headers are not compared, since servers on the way add some.
    """
    rendered = _rendered(session, registry, mail_id, "compare a copy with its letter")
    return isinstance(rendered, Frozen) and body_digest(rendered.message) == digest


def _rendered(session: Session, registry: Registry, mail_id: str, purpose: str) -> RenderedMail | Frozen | None:
    mail = session.execute(select(Mail).where(Mail.public_id == mail_id)).scalar_one()
    references = open_one(session, Place("mails", "references_sealed", mail_id), mail.references_sealed, purpose)
    try:
        with session.begin_nested():
            return registry.kind(mail.kind).render(session, references)
    except Exception:  # noqa: BLE001 - its row is gone or its reason is; then nothing more is sent there for it either
        return None


def _mail_of_report(session: Session, report: Report) -> str:
    if report.envelope_id:
        known = session.scalar(select(Mail.public_id).where(Mail.public_id == report.envelope_id))
        if known is not None:
            return known
    return mail_of(session, [report.original_message_id]) if report.original_message_id else ""


def _meaning(session: Session, report: Report) -> list[tuple[Proof, Report]]:
    """Say what a report proves. What became of the witness copy says no more than that the relay took the mail."""
    witness = ports_of(session).witness_address
    if not witness or not is_same(report.recipient, witness):
        return [(report.proof, report)]
    return [(Proof.WITNESSED, report)] if report.is_arrival else []


def _tell(session: Session, registry: Registry, mail_id: str, proof: Proof, report: Report, source: str) -> None:
    words = report.diagnostic or report.action
    if not record_proof(session, mail_id, proof, report.status, source, words):
        return
    if report.action == "failed" and report.fault.is_of_the_address:
        address = address_of(session, registry, mail_id)
        if address:
            # Where the report names another address, the mail was forwarded, or the address has been corrected since:
            # that is held against it only if it happens again and again.
            note_bounce(session, address, report.is_hard and is_same(report.recipient, address))
