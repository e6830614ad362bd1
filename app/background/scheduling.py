"""Run the calendar: each due job once over all workers and machines, held by a lease in the database."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.background.calendar import Calendar, Job
from app.background.holders import gone, new_holder
from app.background.models import CalendarEntry
from app.base import clock
from app.base.database import Database
from app.base.logs import place_of
from app.base.parts import parts_of
from app.base.rows import has_changed, insert_into

log = structlog.get_logger()
LEASE = timedelta(seconds=60)  # renewed while the job runs
RENEW_SECONDS = 15.0
# So far ahead a due time is a mistake, of a clock that was wrong or of a job that came less often once.
MARGIN = timedelta(minutes=1)


def add_entries(session: Session, jobs: list[Job]) -> None:
    """Write down the jobs that the calendar does not know yet; they are due at once."""
    rows = [{"job": job.name, "due_at": clock.now()} for job in jobs]
    if rows:
        session.execute(
            insert_into(session, CalendarEntry).on_conflict_do_nothing(index_elements=[CalendarEntry.job]), rows
        )


def take(session: Session, job: Job, holder: str) -> bool:
    """Take a job if it is due and nobody holds it, for the length of a lease; tell whether it was taken."""
    now = clock.now()
    too_far = now + 2 * timedelta(seconds=job.every_seconds) + MARGIN
    result = session.execute(
        update(CalendarEntry)
        .where(
            CalendarEntry.job == job.name,
            or_(CalendarEntry.due_at <= now, CalendarEntry.due_at > too_far),
            or_(CalendarEntry.held_until.is_(None), CalendarEntry.held_until <= now),
        )
        .values(holder=holder, held_until=now + LEASE)
    )
    return has_changed(result)


def free_the_dead(session: Session) -> None:
    """Let go of jobs that processes of this machine held when they ended. Each can be run again without harm."""
    holders = session.scalars(select(CalendarEntry.holder).where(CalendarEntry.holder.is_not(None)).distinct())
    if dead := gone(holders):
        session.execute(
            update(CalendarEntry).where(CalendarEntry.holder.in_(dead)).values(held_until=None, holder=None)
        )


def renew(session: Session, names: list[str], holder: str) -> None:
    """Hold on to jobs that still run."""
    mine = (CalendarEntry.job.in_(names), CalendarEntry.holder == holder)
    session.execute(update(CalendarEntry).where(*mine).values(held_until=clock.now() + LEASE))


def put_back(session: Session, job: Job, holder: str, *, is_done: bool) -> None:
    """Say when a job comes round again, unless another took it over after the lease."""
    now = clock.now()
    values = {"due_at": now + timedelta(seconds=job.every_seconds), "held_until": None, "holder": None}
    if is_done:
        values["finished_at"] = now
    mine = (CalendarEntry.job == job.name, CalendarEntry.holder == holder)
    session.execute(update(CalendarEntry).where(*mine).values(**values))


class Schedule:
    """One scheduler. Each job runs in a thread of its own, so that a slow mailbox does not keep the sweeper waiting.

    With `is_long` it runs only the jobs that reckon for long, or only the others; else all.
    """

    def __init__(self, app: Flask, is_long: bool | None = None) -> None:
        calendar: Calendar = parts_of(app).calendar
        self._app = app
        self._database: Database = parts_of(app).database
        self._jobs = [job for job in calendar.jobs() if is_long in (None, job.is_long)]
        self._holder = new_holder()
        self._running: dict[str, threading.Thread] = {}
        self._renew_at = 0.0
        self._is_known = False

    def begin_due(self) -> list[str]:
        """Begin every job that is due and free, and renew the leases of those that run. Return their names."""
        self._running = {name: thread for name, thread in self._running.items() if thread.is_alive()}
        if not self._is_known:
            with self._database.writing() as session:
                add_entries(session, self._jobs)
                free_the_dead(session)
            self._is_known = True
        if self._running and time.monotonic() >= self._renew_at:
            with self._database.writing() as session:
                renew(session, list(self._running), self._holder)
            self._renew_at = time.monotonic() + RENEW_SECONDS
        return [job.name for job in self._free() if self._begin(job)]

    def seconds_to_next(self, at_most: float) -> float:
        """Return how long until the next job of the calendar may be due."""
        with self._database.reading() as session:
            times = session.scalars(
                select(CalendarEntry.due_at).where(CalendarEntry.job.in_([job.name for job in self._jobs]))
            ).all()
        left = min(((at - clock.now()).total_seconds() for at in times), default=at_most)
        return min(max(left, 0.5), at_most)

    def wait(self, seconds: float) -> bool:
        """Wait until no job runs here; tell whether that came about."""
        deadline = time.monotonic() + seconds
        for thread in self._running.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._running.values())

    def _free(self) -> list[Job]:
        """Return the jobs that a look without a lock shows to be due, so that writing is the exception."""
        with self._database.reading() as session:
            entries = {entry.job: entry for entry in session.scalars(select(CalendarEntry))}
            unwanted = {job.name for job in self._jobs if job.is_wanted is not None and not job.is_wanted(session)}
        if any(job.name not in entries for job in self._jobs):
            self._is_known = False  # somebody emptied the calendar: written down again in the next round
        now = clock.now()
        return [
            job
            for job in self._jobs
            if job.name in entries
            and job.name not in self._running
            and job.name not in unwanted
            and _may_be_due(entries[job.name], job, now)
        ]

    def _begin(self, job: Job) -> bool:
        with self._database.writing() as session:
            if not take(session, job, self._holder):
                return False
        thread = threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
        self._running[job.name] = thread
        thread.start()
        return True

    def _run(self, job: Job) -> None:
        is_done = False
        try:
            with self._app.app_context():
                job.run(self._app)
            is_done = True
        except Exception as error:  # noqa: BLE001 - one job must not end the calendar; it comes round again
            log.error("calendar.job_failed", job=job.name, error=type(error).__name__, place=place_of(error))
        try:
            with self._database.writing() as session:
                put_back(session, job, self._holder, is_done=is_done)
        except Exception as error:  # noqa: BLE001 - the lease ends by itself
            log.error("calendar.not_put_back", job=job.name, error=type(error).__name__)


def _may_be_due(entry: CalendarEntry, job: Job, now: datetime) -> bool:
    is_free = entry.held_until is None or entry.held_until <= now
    too_far = now + 2 * timedelta(seconds=job.every_seconds) + MARGIN
    return is_free and (entry.due_at <= now or entry.due_at > too_far)
