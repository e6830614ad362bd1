"""Long work: ordered once, done in portions that a kill can't double, tried again, and left alone once it fails on."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.background.long_works import (
    MOST_FAILURES,
    Ordered,
    Portion,
    WorkDropped,
    finish_work,
    order_work,
    tell_progress,
    work_of,
    work_off,
)
from app.background.models import LongWork
from app.background.pacing import WorkPace
from app.base.database import Database
from app.base.parts import parts_of

SUBJECT = "2" * 20


def _order(app: Flask, kind: str = "count", subject: str = SUBJECT) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        order_work(session, kind, subject, "olga", 10)


def _work(app: Flask, subject: str = SUBJECT) -> Ordered | None:
    with parts_of(app).database.reading() as session:
        return work_of(session, subject)


def _off(app: Flask, **portions: Portion) -> int:
    with app.app_context():
        return work_off(app, portions, share_for_others=0)


def _count(database: Database, work: Ordered, _pace: WorkPace) -> bool:
    with database.writing() as session:
        tell_progress(session, work, "counting", work.done + 4)
    return work.done + 4 < work.expected


def test_work_is_done_in_portions_and_gone_at_the_end(either_app: Flask) -> None:
    _order(either_app)
    _order(either_app)
    found = _work(either_app)
    assert found is not None
    assert (found.done, found.expected, found.percent, found.ordered_by) == (0, 10, 0, "olga")
    assert _off(either_app, count=_count) == 3
    assert _work(either_app) is None
    assert _off(either_app, count=_count) == 0


def test_a_portion_that_fails_is_tried_again_and_the_work_goes_on_where_it_stood(app: Flask) -> None:
    _order(app)
    tries: list[int] = []

    def stumble(database: Database, work: Ordered, pace: WorkPace) -> bool:
        tries.append(work.done)
        if len(tries) == 2:
            raise OSError
        return _count(database, work, pace)

    _off(app, count=stumble)
    assert tries == [0, 4, 4, 8]
    assert _work(app) is None


def test_work_that_fails_on_end_is_left_alone_until_it_is_ordered_again(app: Flask) -> None:
    _order(app, "break")
    _order(app, "count", "3" * 20)

    def fail(_database: Database, _work: Ordered, _pace: WorkPace) -> bool:
        raise OSError

    _off(app, **{"break": fail, "count": _count})
    failed = _work(app)
    assert failed is not None
    assert failed.has_failed
    assert _work(app, "3" * 20) is None, "the other work was done all the same"
    with parts_of(app).database.reading() as session:
        assert session.scalar(select(LongWork.failures)) == MOST_FAILURES
    _order(app, "break")
    _off(app, **{"break": _count})
    assert _work(app) is None


def test_work_that_begins_anew_each_time_does_not_fail_for_ever(app: Flask) -> None:
    _order(app)

    def begin(database: Database, work: Ordered, _pace: WorkPace) -> bool:
        with database.writing() as session:
            tell_progress(session, work, "begun", 5, is_lasting=False)
        raise OSError

    assert _off(app, count=begin) == MOST_FAILURES


def test_work_of_other_kinds_is_not_touched(app: Flask) -> None:
    _order(app, "other")
    with parts_of(app).database.writing() as session:
        session.execute(update(LongWork).values(done=3))
    assert _off(app, count=_count) == 0
    found = _work(app)
    assert found is not None
    assert found.percent == 30


def test_what_failed_is_whose_who_tries_it_again_and_what_goes_on_stays_whose_it_was(either_app: Flask) -> None:
    def order(actor: str, wish: str) -> Ordered:
        with either_app.app_context(), parts_of(either_app).database.writing() as session:
            order_work(session, "count", SUBJECT, actor, 10, {"wish": wish})
        found = _work(either_app)
        assert found is not None
        return found

    first = order("olga", "red")
    assert order("ivan", "blue") == first
    with parts_of(either_app).database.writing() as session:
        session.execute(update(LongWork).values(failures=MOST_FAILURES))
    again = order("ivan", "blue")
    assert (again.ordered_by, again.asked, again.has_failed) == ("ivan", {"wish": "blue"}, False)
    with parts_of(either_app).database.writing() as session, pytest.raises(WorkDropped):
        finish_work(session, first)
