"""The queue's figures: each is what a plain count finds, and none reads what is over or asks more for more mails."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from app.background.models import CalendarEntry
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.models import Mail, MailControl
from app.mail.sending.models import MailLane
from app.mail.sending.seats import domain_lane, server_lane
from app.mail.sending.waiting import glance
from app.mail.states import DUE, HELD, MailClass, MailState, Pause
from app.mailroom.queue import FailureCount, QueueOverview, overview
from app.mailroom.selections import Selection, count_selected, page_of_mails
from app.mailroom.states import MailStanding
from app.smtp.states import Trouble
from tests.factories.mails import make_attempt, make_mail

SERVER = "127.0.0.1:25"
KINDS = ("invitation", "reminder", "receipt")


@contextmanager
def _outbox(app: Flask) -> Iterator[Session]:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        yield session


@contextmanager
def _reading(app: Flask) -> Iterator[Session]:
    database: Database = parts_of(app).database
    with app.app_context(), database.reading() as session:
        yield session


def _fill(app: Flask, number: int, seed: int = 1) -> None:
    chance = random.Random(seed)
    ages = (timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=5), timedelta(days=3), timedelta(days=8))
    with _outbox(app) as session:
        for _number in range(number):
            state = chance.choice(list(MailState))
            make_mail(
                session,
                state,
                trouble=chance.choice([None, *Trouble]) if state is not MailState.ACCEPTED else None,
                kind=chance.choice(KINDS),
                mail_class=chance.choice(list(MailClass)),
                age=chance.choice(ages),
                due_in=chance.choice([timedelta(hours=-2), timedelta(), timedelta(minutes=5)]),
            )


def _recounted(found: QueueOverview, mails: list[Mail]) -> None:
    """Compare every figure with a plain count over all rows."""
    now = clock.now()
    waiting = [mail for mail in mails if mail.state in DUE]
    due = [mail for mail in waiting if mail.due_at <= now]
    assert (found.waiting, found.due, found.later) == (len(waiting), len(due), len(waiting) - len(due))
    assert found.oldest_due_at == min((mail.due_at for mail in due), default=None)
    assert found.sending == sum(mail.state in HELD for mail in mails)
    assert found.uncertain == sum(mail.state is MailState.UNCERTAIN for mail in mails)
    for depth in found.depths:
        of_class = [mail for mail in mails if mail.mail_class is depth.mail_class]
        assert depth.due == sum(mail in due for mail in of_class)
        assert depth.later == sum(mail in waiting and mail not in due for mail in of_class)
        assert depth.uncertain == sum(mail.state is MailState.UNCERTAIN for mail in of_class)
    ends = [mail.finished_at for mail in mails if mail.state is MailState.ACCEPTED and mail.finished_at]
    spans = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
    assert {name: getattr(found.rate, name) for name in spans} == {
        name: sum(end > now - span for end in ends) for name, span in spans.items()
    }
    week = [mail for mail in mails if mail.finished_at and mail.finished_at > now - timedelta(days=7)]
    expected = [
        FailureCount(
            trouble,
            sum(mail.trouble is trouble for mail in waiting),
            sum(mail.trouble is trouble and mail.state in {MailState.REFUSED, MailState.BOUNCED} for mail in week),
            sum(mail.trouble is trouble and mail.state is MailState.DROPPED for mail in week),
        )
        for trouble in Trouble
    ]
    assert list(found.reasons) == [each for each in expected if each.waiting or each.given_up or each.not_sent]


def test_every_figure_equals_its_recount(either_app: Flask) -> None:
    clock.freeze(clock.now())
    _fill(either_app, 400)
    with _reading(either_app) as session:
        found, mails = overview(session, SERVER), list(session.scalars(select(Mail)))
    assert found.reasons
    _recounted(found, mails)


def test_an_empty_queue_has_figures_too(either_app: Flask) -> None:
    with _reading(either_app) as session:
        found = overview(session, SERVER)
    _recounted(found, [])
    assert (found.control.pause, found.looked_at, found.is_watched) == (Pause.NOTHING, None, False)
    assert (found.server_rests_until, found.resting_domains) == (None, 0)


def test_the_servers_rest_and_the_workers_visit_are_told(either_app: Flask) -> None:
    clock.freeze(clock.now())
    soon, before = clock.now() + timedelta(minutes=5), clock.now() - timedelta(minutes=1)
    with _outbox(either_app) as session:
        lanes = {server_lane(session, SERVER): soon, domain_lane(session, "a.example.org"): soon}
        lanes |= {domain_lane(session, "b.example.org"): soon, domain_lane(session, "c.example.org"): before}
        for key, until in lanes.items():
            session.add(MailLane(lane_key=key, resting_until=until, used_at=clock.now()))
        session.add(CalendarEntry(job="sweep outbox", due_at=clock.now(), finished_at=before))
        session.add(MailControl(id=1, pause=Pause.BULK, changed_by="somebody", changed_at=before))
    with _reading(either_app) as session:
        found = overview(session, SERVER)
    assert (found.server_rests_until, found.resting_domains) == (soon, 2)
    assert (found.looked_at, found.is_watched) == (before, True)
    assert (found.control.pause, found.control.changed_by, found.control.changed_at) == (
        Pause.BULK, "somebody", before,
    )  # fmt: skip
    clock.advance(minutes=10)
    with _reading(either_app) as session:
        found = overview(session, SERVER)
    assert (found.server_rests_until, found.is_watched) == (None, False)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(oldest_first=True),
        Selection(MailStanding.WAITING),
        Selection(MailStanding.GIVEN_UP, Trouble.BUSY, oldest_first=True),
        Selection(trouble=Trouble.CAPPED, kind="receipt"),
    ],
)
def test_pages_hold_each_mail_of_a_selection_once(app: Flask, selection: Selection) -> None:
    _fill(app, 300)
    with _reading(app) as session:
        wanted = [
            mail.public_id
            for mail in session.scalars(select(Mail).order_by(Mail.id))
            if (selection.standing is None or mail.state in selection.standing.states)
            and (selection.trouble is None or mail.trouble is selection.trouble)
            and (not selection.kind or mail.kind == selection.kind)
        ]
        seen: list[str] = []
        cursor = None
        while True:
            page = page_of_mails(session, selection, cursor)
            seen += [mail.public_id for mail in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert count_selected(session, selection) == len(wanted)
    assert seen == (wanted if selection.oldest_first else wanted[::-1])


def test_the_list_tells_code_and_status_of_the_last_try(app: Flask) -> None:
    with _outbox(app) as session:
        mail = make_mail(session, MailState.DEFERRED, failures=2)
        make_attempt(session, mail, 450, "4.7.1 Greylisted, see 192.0.2.4.5.6")
        make_attempt(session, mail, 452, "4.2.2 <somebody@example.org> is full")
        make_mail(session)
    with _reading(app) as session:
        untried, tried = page_of_mails(session, Selection(), None).items
    assert (tried.code, tried.status, tried.failures) == (452, "4.2.2", 2)
    assert (untried.code, untried.status) == (None, "")


def _asked(engine: Engine) -> list[tuple[str, object]]:
    said: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        if "mails" in statement and "EXPLAIN" not in statement:
            said.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    return said


def test_figures_and_lists_go_by_indexes(either_app: Flask) -> None:
    """Whatever is over must cost nothing: no statement reads the table of mails from end to end."""
    database: Database = parts_of(either_app).database
    _fill(either_app, 50)
    said = _asked(database.engine)
    with _reading(either_app) as session:
        overview(session, SERVER)
        assert glance(session).newest_id
        for standing in MailStanding:
            page_of_mails(session, Selection(standing), None)
            count_selected(session, Selection(standing))
        asked = list(said)
        assert len(asked) > 10
        if not database.is_sqlite:
            session.execute(text("SET enable_seqscan = off"))  # fifty rows are read faster than an index
        connection = session.connection()
        for statement, values in asked:
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            plan = " | ".join(
                str(row[-1])
                for row in connection.exec_driver_sql(explain + statement, values)  # type: ignore[arg-type]
            )
            assert "SCAN mails" not in plan, statement
            assert "Seq Scan on mails" not in plan, statement


def test_figures_cost_the_same_number_of_statements_for_any_number_of_mails(app: Flask) -> None:
    database: Database = parts_of(app).database
    numbers = []
    for more in (0, 5, 100):
        _fill(app, more)
        said: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object, kept: list[str] = said) -> None:
            kept.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        with _reading(app) as session:
            overview(session, SERVER)
            page_of_mails(session, Selection(), None)
        event.remove(database.engine, "before_cursor_execute", note)
        numbers.append(len([each for each in said if each.startswith("SELECT")]))
    assert numbers[1:] == [8, 8]
    assert numbers[0] <= 8
