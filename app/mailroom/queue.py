"""What the queue's page shows: how much waits, how fast it goes, what fails and why. Numbers, and nobody's name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.background.models import CalendarEntry
from app.base import clock
from app.mail.models import Mail, MailControl
from app.mail.queries import THE_ONE_CONTROL
from app.mail.sending.models import MailLane
from app.mail.sending.seats import server_lane
from app.mail.states import DUE, HELD, MailClass, MailState, Pause
from app.smtp.states import Trouble

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAILURES_FOR = timedelta(days=7)
# The sweeper comes round every few seconds while any worker runs.
SWEEPER = "sweep outbox"
PATIENCE = timedelta(minutes=10)
_GIVEN_UP = (MailState.REFUSED, MailState.BOUNCED)
_OPEN = (*DUE, *HELD, MailState.UNCERTAIN)
HELD_MAIL = "mail that nobody could place"  # the place of a later stage's page, which knows to what a letter may answer


@dataclass(frozen=True)
class Depth:
    """How many mails of a class wait: due now, and for their time."""

    mail_class: MailClass
    due: int
    later: int
    uncertain: int


@dataclass(frozen=True)
class Throughput:
    """How many mails the server accepted in the last minute, hour and day."""

    minute: int
    hour: int
    day: int


@dataclass(frozen=True)
class FailureCount:
    """How many mails fail for one reason: to be tried again, given up and not sent at all in the last seven days."""

    trouble: Trouble
    waiting: int
    given_up: int
    not_sent: int


@dataclass(frozen=True)
class Control:
    """What is held back, by whom and since when; nobody has ever decided where `changed_at` is None."""

    pause: Pause
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True)
class QueueOverview:
    """The whole queue at one moment."""

    depths: tuple[Depth, ...]
    due: int
    later: int
    sending: int
    uncertain: int
    oldest_due_at: datetime | None
    rate: Throughput
    reasons: tuple[FailureCount, ...]
    control: Control
    server_rests_until: datetime | None
    resting_domains: int
    looked_at: datetime | None
    is_watched: bool

    @property
    def waiting(self) -> int:
        """How many mails wait, due or not."""
        return self.due + self.later


def overview(session: Session, server: str) -> QueueOverview:
    """Return the figures of the queue's page in six statements; `server` is the mail server as its lane is named."""
    now = clock.now()
    standing = _standing(session, now)
    due: Counter[MailClass] = Counter()
    later: Counter[MailClass] = Counter()
    uncertain: Counter[MailClass] = Counter()
    for row in standing:
        if row.state in DUE:
            due[row.mail_class] += row.due
            later[row.mail_class] += row.number - row.due
        elif row.state is MailState.UNCERTAIN:
            uncertain[row.mail_class] += row.number
    oldest = min((row.oldest for row in standing if row.state in DUE), default=None)
    rests_until, domains = _resting(session, server, now)
    looked_at = session.scalar(select(CalendarEntry.finished_at).where(CalendarEntry.job == SWEEPER))
    return QueueOverview(
        depths=tuple(Depth(each, due[each], later[each], uncertain[each]) for each in MailClass),
        due=due.total(),
        later=later.total(),
        sending=sum(row.number for row in standing if row.state in HELD),
        uncertain=uncertain.total(),
        oldest_due_at=oldest if oldest is not None and oldest <= now else None,
        rate=_rate(session, now),
        reasons=_reasons(session, standing, now),
        control=control_of(session),
        server_rests_until=rests_until,
        resting_domains=domains,
        looked_at=looked_at,
        is_watched=looked_at is not None and looked_at > now - PATIENCE,
    )


def control_of(session: Session) -> Control:
    """Return what a person told the queue to hold back."""
    row = session.get(MailControl, THE_ONE_CONTROL)
    return Control(row.pause, row.changed_by, row.changed_at) if row else Control(Pause.NOTHING, "", None)


def _standing(session: Session, now: datetime) -> list[Any]:
    """Count what is not over, by the index of states: rows that are finished cost nothing."""
    is_due = func.sum(case((Mail.due_at <= now, 1), else_=0))
    query = select(
        Mail.state, Mail.mail_class, Mail.trouble, func.count().label("number"), is_due.label("due"),
        func.min(Mail.due_at).label("oldest"),
    ).where(Mail.state.in_(_OPEN))  # fmt: skip
    return list(session.execute(query.group_by(Mail.state, Mail.mail_class, Mail.trouble)))


def _rate(session: Session, now: datetime) -> Throughput:
    """Count acceptances of one day, by the index of ends."""

    def since(span: timedelta) -> Any:
        is_counted = (Mail.state == MailState.ACCEPTED) & (Mail.finished_at > now - span)
        return func.coalesce(func.sum(case((is_counted, 1), else_=0)), 0)

    return Throughput(
        *session.execute(select(since(MINUTE), since(HOUR), since(DAY)).where(Mail.finished_at > now - DAY)).one()
    )


def _reasons(session: Session, standing: list[Any], now: datetime) -> tuple[FailureCount, ...]:
    waiting: Counter[Trouble] = Counter()
    for row in standing:
        if row.state in DUE and row.trouble:
            waiting[row.trouble] += row.number
    query = select(Mail.state, Mail.trouble, func.count().label("number")).where(
        Mail.state.in_((*_GIVEN_UP, MailState.DROPPED)),
        Mail.trouble.is_not(None),
        Mail.finished_at > now - FAILURES_FOR,
    )
    given_up: Counter[Trouble] = Counter()
    not_sent: Counter[Trouble] = Counter()
    for row in session.execute(query.group_by(Mail.state, Mail.trouble)):
        (not_sent if row.state is MailState.DROPPED else given_up)[row.trouble] += row.number
    found = [FailureCount(each, waiting[each], given_up[each], not_sent[each]) for each in Trouble]
    return tuple(each for each in found if each.waiting or each.given_up or each.not_sent)


def _resting(session: Session, server: str, now: datetime) -> tuple[datetime | None, int]:
    """Return until when the mail server rests, and how many recipients' servers do."""
    is_server = MailLane.lane_key == server_lane(session, server)
    number, until = session.execute(
        select(func.count(), func.max(case((is_server, MailLane.resting_until)))).where(MailLane.resting_until > now)
    ).one()
    return until, number - 1 if until else number
