"""What waits in the outbox, as a sender sees it at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.mail.models import Mail, MailControl
from app.mail.queries import THE_ONE_CONTROL
from app.mail.states import DUE, Pause, Priority

MAILS: Any = Mail.__table__


@dataclass(frozen=True, slots=True)
class Glance:
    """What a waiting sender sees of the outbox: while it stays the same, nothing new may go."""

    due_at: datetime | None
    newest_id: int
    pause: Pause


def next_due_at(session: Session) -> datetime | None:
    """Return when the next waiting mail is due, or None if none waits."""
    return _earliest(session.execute(select(*_seeks())).one())


def glance(session: Session) -> Glance:
    """Look at what a sender that waits must know, in one statement that seeks in indexes."""
    newest = select(func.max(MAILS.c.id)).scalar_subquery()
    pause = select(MailControl.pause).where(MailControl.id == THE_ONE_CONTROL).scalar_subquery()
    *due, newest_id, paused = session.execute(select(*_seeks(), newest, pause)).one()
    return Glance(_earliest(due), newest_id or 0, paused or Pause.NOTHING)


def _seeks() -> list[ScalarSelect[datetime]]:
    """Return, for each state and priority in which mails wait, when the first of them is due."""
    return [
        select(MAILS.c.due_at)
        .where(MAILS.c.state == state, MAILS.c.priority == int(priority))
        .order_by(MAILS.c.due_at)
        .limit(1)
        .scalar_subquery()
        for state in DUE
        for priority in Priority
    ]


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
