"""Mails of the outbox in any state, as if a worker had been at them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import Place, blind_index, seal
from app.mail.models import Mail, MailAttempt
from app.mail.states import FINISHED, MailClass, MailState, Priority
from app.smtp.states import Trouble

_numbers = count(1)


def make_mail(
    session: Session,
    state: MailState = MailState.QUEUED,
    *,
    trouble: Trouble | None = None,
    kind: str = "invitation",
    mail_class: MailClass = MailClass.BULK,
    age: timedelta = timedelta(),
    due_in: timedelta = timedelta(),
    **columns: Any,
) -> Mail:
    """Put a mail into the outbox that was queued, and where it is over was over, `age` ago; it is flushed."""
    public_id, now = new_public_id(), clock.now()
    values: dict[str, Any] = {
        "priority": int(Priority.NORMAL),
        "occasion_key": blind_index(session, "mail occasion", f"made {next(_numbers)}"),
        "message_id": f"<{public_id}@example.org>",
        "references_sealed": seal(session, Place("mails", "references_sealed", public_id), {"invitation": "none"}),
        "attempts": 0,
        "handovers": 0,
        "failures": 0,
        "has_slot": False,
        "due_at": now + due_in,
        "finished_at": now - age if state in FINISHED else None,
        "created_at": now - age,
    } | columns
    mail = Mail(public_id=public_id, kind=kind, mail_class=mail_class, state=state, trouble=trouble, **values)
    session.add(mail)
    session.flush()
    return mail


def make_attempt(
    session: Session, mail: Mail, code: int | None = 450, answer: str = "", at: datetime | None = None
) -> MailAttempt:
    """Add a try of a mail, with what the server said."""
    mail.attempts += 1
    attempt = MailAttempt(
        mail_id=mail.id,
        number=mail.attempts,
        server="127.0.0.1:25",
        started_at=at or clock.now(),
        finished_at=at or clock.now(),
        code=code,
    )
    place = Place("mail_attempts", "answer_sealed", attempt.public_id)
    attempt.answer_sealed = seal(session, place, {"answer": answer})
    session.add(attempt)
    session.flush()
    return attempt
