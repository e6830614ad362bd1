"""Take back the waits that a clock which ran ahead has written down, once it is right again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mail.models import Mail
from app.mail.sending.models import MailLane
from app.mail.sending.pace import RESTS
from app.mail.sending.rates import current_time
from app.mail.states import DUE

MARGIN = timedelta(minutes=1)  # by which the clocks of two machines may differ

_mails: Any = Mail.__table__
_lanes: Any = MailLane.__table__


def take_back(session: Session) -> None:
    """End rests that are longer than any, forget a pace and let mails go that are of a time still to come.

    Otherwise a mail server that was away while the clock stood a day ahead would get no mail for that day.
    """
    now = current_time()
    too_far = (_lanes.c.resting_until > now + RESTS[-1] + MARGIN) | (_lanes.c.used_at > now + MARGIN)
    session.execute(update(_lanes).where(too_far).values(resting_until=None, next_slot_at=None, used_at=now))
    # Asked by `due_at` first, which is in the index: a mail that is due already waits for nothing. It counts as queued
    # now, or it would be tried again here before its time whenever a try has failed.
    ahead = _mails.c.state.in_(DUE) & (_mails.c.due_at > now + MARGIN) & (_mails.c.created_at > now + MARGIN)
    session.execute(update(_mails).where(ahead).values(due_at=now, created_at=now, has_slot=False))
