"""A clock that ran a day ahead and was set right: no mail waits for the time that it showed."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.models import Mail
from app.mail.sending import pace
from app.mail.sending.jobs import purge_lanes
from app.mail.sending.models import MailLane
from app.mail.sending.rates import Rate, advance
from app.mail.states import MailState
from tests.factories.mails import make_mail
from tests.mail.sending.pacing import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_outage_while_the_clock_ran_ahead_holds_nothing_back_afterwards(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    clock.freeze(NOON + DAY)
    with database.writing() as session:
        lanes = pace.server_lane(session, "mail.example.org"), pace.domain_lane(session, "example.org")
        pace.rest(session, lanes[0])
        pace.strike_domain(session, lanes[1], 3)
        advance(session, Rate(1), {b"l" * 16: 500})
        make_mail(session)
        make_mail(session, MailState.DEFERRED, due_in=5 * HOUR, failures=4)
    clock.freeze(NOON)
    purge_lanes(either_app)
    with database.reading() as session:
        assert [pace.resting_until(session, lane) for lane in lanes] == [None, None]
        assert set(session.scalars(select(MailLane.next_slot_at))) == {None}
        assert set(session.scalars(select(Mail.due_at))) == {NOON}
        assert set(session.scalars(select(Mail.created_at))) == {NOON}


def test_waits_that_are_meant_stay(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    clock.freeze(NOON)
    with database.writing() as session:
        lane = pace.server_lane(session, "mail.example.org")
        until = pace.rest(session, lane)
        slots = advance(session, Rate(1), {b"l" * 16: 5000})
        make_mail(session, MailState.DEFERRED, age=HOUR, due_in=DAY)
        make_mail(session, due_in=3 * DAY, has_slot=True)
    purge_lanes(either_app)
    with database.reading() as session:
        assert pace.resting_until(session, lane) == until
        assert session.scalar(select(MailLane.next_slot_at).where(MailLane.lane_key == b"l" * 16)) == slots[b"l" * 16]
        assert set(session.scalars(select(Mail.due_at))) == {NOON + DAY, NOON + 3 * DAY}
