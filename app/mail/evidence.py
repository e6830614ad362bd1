"""What else tells of a mail's fate: receipts, bounces, the relay's log, witness copies; and what they settle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.audit.actions import SYSTEM, record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.locales import lazy_gettext as _l
from app.base.rows import has_changed, insert_into
from app.base.sealing import Place, open_many, seal
from app.mail.models import Mail, MailAttempt, MailEvidence
from app.mail.queries import fates_of
from app.mail.states import DUE, MailClass, MailState, Proof
from app.smtp.states import Trouble
from app.smtp.troubles import trouble_reported

BOUNCES = (Proof.BOUNCED_SOFT, Proof.BOUNCED_HARD)
HOPELESS = (Trouble.NO_SUCH_ADDRESS, Trouble.TOO_LARGE)  # the same bytes would come back from the same address
LOG = "log"  # how the source of what the relay's log says begins; the server's own id of the mail follows
_LOST = (MailState.REFUSED, MailState.UNCERTAIN, MailState.BOUNCED, MailState.DROPPED)
LONGEST_WORDS = 2000  # characters of a report or a log line that are kept
WORDS_BYTES = 1024  # envelopes are padded to multiples of it
LONGEST_STATUS = 16
LONGEST_SOURCE = 40
MOST_SETTLED = 500
CAUGHT_UP = timedelta(days=2)  # evidence that came while the mail was in a worker's hands is never older than that
_LABELS = {
    Proof.DELIVERED: _l("A receipt: it reached the mailbox"),
    Proof.RELAYED: _l("A receipt: it went on to a server that gives none"),
    Proof.LOGGED: _l("The mail server’s log: the next server took it"),
    Proof.WITNESSED: _l("The copy in the archive mailbox arrived"),
    Proof.DELAYED: _l("A report: it is delayed and still being tried"),
    Proof.BOUNCED_SOFT: _l("It came back, for a reason that may pass"),
    Proof.BOUNCED_HARD: _l("It came back for good"),
}


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, opened for somebody who may read it."""

    proof: Proof
    status: str
    source: str
    words: str
    recorded_at: datetime

    @property
    def is_from_log(self) -> bool:
        """Tell whether the mail server's log told it."""
        return self.source.partition(" ")[0] == LOG

    @property
    def label(self) -> str:
        """What it tells, in plain words."""
        return str(_LABELS[self.proof])


def record_proof(session: Session, mail_id: str, proof: Proof, status: str, source: str, words: str) -> bool:
    """Keep a piece of evidence and let it settle its mail; tell whether it was new.

    `mail_id` is a public id; `source` says what the evidence comes from (an incoming message's public id, or `log` and
    the server's id), so that nothing counts twice. False also when there is no such mail any more. What a person
    decided stays: evidence never queues a mail, and official mail that somebody queued again goes.
    """
    row_id = session.scalar(select(Mail.id).where(Mail.public_id == mail_id))
    if row_id is None or not _keep(session, row_id, proof, status, source, words):
        return False
    _settle(session, mail_id, proof, status, words)
    return True


def settle_known(session: Session) -> int:
    """Settle mails by evidence that came while a worker still held them; return how many.

    Only what was recorded since the last try was due counts: a bounce of the copy before says nothing about this one.
    """
    rows = session.execute(
        select(Mail.public_id, MailEvidence)
        .join(MailEvidence, MailEvidence.mail_id == Mail.id)
        .where(
            MailEvidence.recorded_at >= clock.now() - CAUGHT_UP,
            MailEvidence.recorded_at >= Mail.due_at,
            ((Mail.state == MailState.UNCERTAIN) & (MailEvidence.proof != Proof.DELAYED))
            | ((Mail.state == MailState.ACCEPTED) & MailEvidence.proof.in_(BOUNCES)),
        )
        .order_by(MailEvidence.id)
        .limit(MOST_SETTLED)
    ).all()
    places = [(_place(row.MailEvidence.public_id), row.MailEvidence.words_sealed) for row in rows]
    words = open_many(session, places, "evidence of a mail's fate")
    return sum(
        _settle(session, row.public_id, row.MailEvidence.proof, row.MailEvidence.status, opened["words"])
        for row, opened in zip(rows, words, strict=True)
    )


def evidence_of(session: Session, mail_id: str) -> list[Evidence]:
    """Return what is known of a mail's fate beyond the relay's answers, oldest first."""
    return evidence_of_many(session, [mail_id])[mail_id]


def evidence_of_many(session: Session, mail_ids: Iterable[str]) -> dict[str, list[Evidence]]:
    """Return the evidence of each mail by its public id, oldest first; a mail without any has an empty list."""
    found: dict[str, list[Evidence]] = {mail_id: [] for mail_id in mail_ids}
    rows = session.execute(
        select(Mail.public_id.label("mail"), MailEvidence)
        .join(Mail, Mail.id == MailEvidence.mail_id)
        .where(Mail.public_id.in_(list(found)))
        .order_by(MailEvidence.recorded_at, MailEvidence.id)
    ).all()
    places = [(_place(row.MailEvidence.public_id), row.MailEvidence.words_sealed) for row in rows]
    for row, opened in zip(rows, open_many(session, places, "evidence of a mail's fate"), strict=True):
        kept = row.MailEvidence
        found[row.mail].append(Evidence(kept.proof, kept.status, kept.source, opened["words"], kept.recorded_at))
    return found


def why_not_arrived(session: Session, mail_ids: Sequence[str]) -> dict[str, str]:
    """Return why mails did not arrive, of at most some hundred: what was said about each last.

    A report of the bounce goes before what the server answered at the last try, and that before our own words.
    """
    found: dict[str, str] = {}
    lost = {mail_id: fate for mail_id, fate in fates_of(session, mail_ids).items() if fate.state in _LOST}
    evidence = evidence_of_many(session, lost)
    answers = _last_answers(session, [mail_id for mail_id in lost if not evidence[mail_id]])
    for mail_id, fate in lost.items():
        bounces = [one.words for one in evidence[mail_id] if one.proof in BOUNCES]
        trouble = fate.trouble.label if fate.trouble else ""
        found[mail_id] = bounces[-1] if bounces else answers.get(mail_id, trouble)
    return {mail_id: words for mail_id, words in found.items() if words}


def _last_answers(session: Session, mail_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(
            Mail.public_id.label("mail"),
            MailAttempt.public_id.label("attempt"),
            MailAttempt.code,
            MailAttempt.answer_sealed,
        )
        .join(Mail, Mail.id == MailAttempt.mail_id)
        .where(
            Mail.public_id.in_(mail_ids), MailAttempt.number == Mail.attempts, MailAttempt.answer_sealed.is_not(None)
        )
    ).all()
    places = [(Place("mail_attempts", "answer_sealed", row.attempt), row.answer_sealed or b"") for row in rows]
    opened = open_many(session, places, "why mails were refused")
    return {
        row.mail: " ".join(part for part in (str(row.code or ""), said["answer"]) if part)
        for row, said in zip(rows, opened, strict=True)
    }


def _keep(session: Session, row_id: int, proof: Proof, status: str, source: str, words: str) -> bool:
    public_id = new_public_id()
    values = {
        "public_id": public_id,
        "mail_id": row_id,
        "proof": proof,
        "status": status[:LONGEST_STATUS],
        "source": source[:LONGEST_SOURCE],
        "words_sealed": seal(session, _place(public_id), {"words": words[:LONGEST_WORDS]}, WORDS_BYTES),
        "recorded_at": clock.now(),
    }
    kept = session.execute(
        insert_into(session, MailEvidence)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[MailEvidence.mail_id, MailEvidence.source])
        .returning(MailEvidence.id)
    )
    return kept.scalar() is not None


def _settle(session: Session, mail_id: str, proof: Proof, status: str, words: str) -> bool:
    """Let evidence change its mail's state, by one conditional update; tell whether it did."""
    if proof.is_arrival:
        wanted, values = _arrived()
    elif proof in BOUNCES:
        # Either way the relay has given up on this copy; only the address is judged differently.
        wanted = Mail.state.in_([MailState.ACCEPTED, MailState.UNCERTAIN])
        trouble = trouble_reported(status, words)
        values = {"state": MailState.BOUNCED, "trouble": trouble, "finished_at": clock.now()}
    else:
        return False
    result = session.execute(
        update(Mail).where(Mail.public_id == mail_id, wanted).values(lease_until=None, **values),
        execution_options={"synchronize_session": False},
    )
    if not has_changed(result):
        return False
    record(session, SYSTEM, "mail.proven", mail_id, None, proof=proof.value, status=status[:LONGEST_STATUS])
    return True


def _arrived() -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Say which mails a proof of arrival settles, and how.

    A personal mail that waits for its second try need not go again. Official mail waits for one only because a person
    decided so, and that stands.
    """
    second_try = Mail.state.in_(DUE) & (Mail.handovers >= 1) & (Mail.mail_class != MailClass.OFFICIAL)
    values = {
        "state": MailState.ACCEPTED,
        "trouble": None,
        "finished_at": func.coalesce(Mail.finished_at, clock.now()),
    }
    return (Mail.state == MailState.UNCERTAIN) | second_try, values


def _place(public_id: str) -> Place:
    return Place("mail_evidence", "words_sealed", public_id)
