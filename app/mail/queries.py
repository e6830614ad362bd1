"""Ask mail what became of a mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.rows import by_name, portions
from app.base.sealing import Place, open_many
from app.mail.models import Mail, MailAttempt, MailControl
from app.mail.states import FINISHED, MailState, Pause
from app.smtp.states import Trouble

THE_ONE_CONTROL = 1


@dataclass(frozen=True)
class Fate:
    """What became of one mail so far."""

    mail_id: str
    state: MailState
    message_id: str
    attempts: int
    due_at: datetime
    finished_at: datetime | None
    trouble: Trouble | None = None

    @property
    def words(self) -> str:
        """What became of it and, where something went wrong, why: in plain words."""
        return f"{self.state.label}: {self.trouble.label}" if self.trouble else self.state.label


@dataclass(frozen=True)
class Attempt:
    """One try with the server's answer; `answers` has each recipient's own (address, code, words) where they differ."""

    number: int
    server: str
    started_at: datetime
    finished_at: datetime | None
    code: int | None
    answer: str
    answers: tuple[tuple[str, int | None, str], ...] = ()


def fates_of(session: Session, mail_ids: Iterable[str]) -> dict[str, Fate]:
    """Return the fate of each mail by its public id, in chunks of 500."""
    wanted = list(dict.fromkeys(mail_ids))
    found: dict[str, Fate] = {}
    for part in portions(wanted):
        rows = session.execute(
            select(
                Mail.public_id.label("mail_id"), Mail.state, Mail.message_id, Mail.attempts, Mail.due_at,
                Mail.finished_at, Mail.trouble,
            ).where(Mail.public_id.in_(part))
        )  # fmt: skip
        found.update({row.mail_id: by_name(Fate, row) for row in rows})
    return found


def attempts_of(session: Session, mail_id: str) -> list[Attempt]:
    """Return every try of a mail with what the server answered, oldest first."""
    query = select(MailAttempt).join(Mail, Mail.id == MailAttempt.mail_id).where(Mail.public_id == mail_id)
    rows = session.scalars(query.order_by(MailAttempt.number)).all()
    answered = [row for row in rows if row.answer_sealed is not None]
    places = [(Place("mail_attempts", "answer_sealed", row.public_id), row.answer_sealed or b"") for row in answered]
    answers = dict(zip((row.id for row in answered), open_many(session, places, "mail attempts"), strict=True))
    return [_attempt(row, answers.get(row.id, {})) for row in rows]


def waiting(session: Session) -> tuple[int, datetime | None]:
    """Return how many mails are not finished and since when the oldest of them waits."""
    count, oldest = session.execute(
        select(func.count(), func.min(Mail.created_at)).where(Mail.state.not_in(FINISHED))
    ).one()
    return count, oldest


def pause_of(session: Session) -> Pause:
    """Return what a person has told the queue to hold back; nothing, until somebody has."""
    return session.scalar(select(MailControl.pause).where(MailControl.id == THE_ONE_CONTROL)) or Pause.NOTHING


def _attempt(row: MailAttempt, said: dict[str, Any]) -> Attempt:
    answers = tuple((str(to), code, str(words)) for to, code, words in said.get("answers", ()))
    return Attempt(row.number, row.server, row.started_at, row.finished_at, row.code, said.get("answer", ""), answers)
