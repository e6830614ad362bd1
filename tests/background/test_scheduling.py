"""The calendar: each due job once, whichever process keeps it; held by a lease, and round again after a failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.background.calendar import Calendar, Job
from app.background.models import CalendarEntry
from app.background.scheduling import LEASE, Schedule, take
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.base.throttles import Throttle, allow
from app.mail.jobs import JOBS
from tests.background.worker_processes import PATIENCE_SECONDS, begin, keep_calendar
from tests.factories.parts import exchange

HOUR = 3600


@pytest.fixture
def calendar_of(either_app: Flask) -> Callable[[list[Job]], Flask]:
    """Give the application a calendar of the test's own jobs."""

    def fill(jobs: list[Job]) -> Flask:
        calendar = Calendar()
        calendar.register(jobs)
        exchange(either_app, calendar=calendar)
        return either_app

    return fill


def _entry(app: Flask, name: str) -> CalendarEntry:
    with parts_of(app).database.reading() as session:
        found: CalendarEntry = session.scalars(select(CalendarEntry).where(CalendarEntry.job == name)).one()
        return found


def _round(schedule: Schedule) -> list[str]:
    begun = schedule.begin_due()
    assert schedule.wait(PATIENCE_SECONDS)
    return begun


def test_two_scheduler_processes_run_each_job_once(either_app: Flask, tmp_path: Path) -> None:
    settings, written, begin_at = parts_of(either_app).settings, tmp_path / "runs", time.time() + 1.0
    both = [begin(tmp_path / "log", keep_calendar, settings, written, begin_at) for _each in range(2)]
    for process in both:
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0, (tmp_path / "log").read_text()
    assert len(written.read_text().splitlines()) == 5


def test_many_takers_of_one_job(calendar_of: Callable[[list[Job]], Flask]) -> None:
    job = Job("once", HOUR, lambda _app: None)
    app = calendar_of([job])
    database: Database = parts_of(app).database
    _round(Schedule(app))
    for _again in range(5):
        with database.writing() as session:
            session.execute(update(CalendarEntry).values(due_at=clock.now(), held_until=None, holder=None))
        barrier = Barrier(4)
        taken: list[str] = []

        def grab(holder: str, barrier: Barrier = barrier, taken: list[str] = taken) -> None:
            barrier.wait()
            with database.writing() as session:
                if take(session, job, holder):
                    taken.append(holder)

        takers = [Thread(target=grab, args=(str(number),)) for number in range(4)]
        for thread in takers:
            thread.start()
        for thread in takers:
            thread.join()
        assert len(taken) == 1


def test_job_comes_round(calendar_of: Callable[[list[Job]], Flask]) -> None:
    clock.freeze(clock.now())
    app = calendar_of([Job("often", 15, lambda _app: None), Job("seldom", HOUR, lambda _app: None)])
    schedule = Schedule(app)
    assert _round(schedule) == ["often", "seldom"]
    assert _round(schedule) == []
    clock.advance(seconds=14)
    assert _round(Schedule(app)) == []
    clock.advance(seconds=1)
    assert _round(Schedule(app)) == ["often"]
    clock.advance(hours=1)
    assert _round(schedule) == ["often", "seldom"]
    assert _entry(app, "seldom").finished_at == clock.now()


def test_failed_job_is_named_and_comes_round_again(
    calendar_of: Callable[[list[Job]], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_app: Flask) -> None:
        raise LookupError("canary.person@example.org")

    clock.freeze(clock.now())
    app = calendar_of([Job("fails", 15, fail)])
    assert _round(Schedule(app)) == ["fails"]
    said = capsys.readouterr()
    assert "fails" in said.out + said.err
    assert "LookupError" in said.out + said.err
    assert "canary" not in said.out + said.err
    assert _entry(app, "fails").finished_at is None
    clock.advance(seconds=15)
    assert _round(Schedule(app)) == ["fails"]


def test_lease_of_a_dead_holder_ends(calendar_of: Callable[[list[Job]], Flask]) -> None:
    job = Job("held", 15, lambda _app: None)
    clock.freeze(clock.now())
    app = calendar_of([job])
    _round(Schedule(app))
    clock.advance(seconds=15)
    with parts_of(app).database.writing() as session:
        assert take(session, job, "dead")
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert _round(Schedule(app)) == []
    clock.advance(seconds=1)
    assert _round(Schedule(app)) == ["held"]


def test_slow_job_keeps_its_lease_and_hinders_no_other(
    calendar_of: Callable[[list[Job]], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.background.scheduling.RENEW_SECONDS", 0.0)
    may_end, has_begun, quick = Event(), Event(), []

    def dawdle(_app: Flask) -> None:
        has_begun.set()
        may_end.wait(PATIENCE_SECONDS)

    clock.freeze(clock.now())
    app = calendar_of([Job("quick", 15, lambda _app: quick.append(1)), Job("slow", 15, dawdle)])
    schedule = Schedule(app)
    schedule.begin_due()
    assert has_begun.wait(PATIENCE_SECONDS)
    for _minute in range(3):
        clock.advance(seconds=45)
        schedule._running["quick"].join()
        schedule.begin_due()
        assert "slow" not in _round(Schedule(app))
    may_end.set()
    assert schedule.wait(PATIENCE_SECONDS)
    assert len(quick) == 4
    assert _entry(app, "slow").held_until is None


def test_due_time_of_a_clock_that_was_wrong_is_not_waited_for(calendar_of: Callable[[list[Job]], Flask]) -> None:
    app = calendar_of([Job("often", 15, lambda _app: None)])
    clock.freeze(clock.now())
    clock.advance(days=400)
    _round(Schedule(app))
    clock.advance(days=-400)
    assert _round(Schedule(app)) == ["often"]


def test_emptied_calendar_is_written_down_again(calendar_of: Callable[[list[Job]], Flask]) -> None:
    app = calendar_of([Job("often", 15, lambda _app: None)])
    schedule = Schedule(app)
    _round(schedule)
    with parts_of(app).database.writing() as session:
        session.query(CalendarEntry).delete()
    _round(schedule)
    assert _round(schedule) == ["often"]


def test_jobs_of_mail_run(either_app: Flask) -> None:
    clock.freeze(clock.now())
    database: Database = parts_of(either_app).database
    with database.writing() as session:
        assert allow(session, "test", "old", 1, HOUR)
    clock.advance(days=2, seconds=1)
    with database.writing() as session:
        assert allow(session, "test", "new", 1, HOUR)
    for job in JOBS:
        job.run(either_app)
    with database.reading() as session:
        assert len(session.scalars(select(Throttle)).all()) == 1


def test_what_nobody_ordered_is_looked_for_and_nothing_is_written(
    calendar_of: Callable[[list[Job]], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[int] = []
    app = calendar_of([Job("long", 1, lambda _app: wanted.clear(), is_wanted=lambda _session: bool(wanted))])
    schedule = Schedule(app)
    _round(schedule)
    with monkeypatch.context() as idle:
        idle.setattr(parts_of(app).database, "writing", None)
        for _look in range(3):
            assert _round(schedule) == []
        assert schedule.seconds_to_next(5.0) == 0.5, "it looks again soon"
    wanted.append(1)
    assert _round(schedule) == ["long"]
    assert wanted == []
