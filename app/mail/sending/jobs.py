"""What comes round in sending: sweeping up after dead workers and wrong clocks, forgetting the pace of long ago."""

from __future__ import annotations

from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.sending import mistimed, pace
from app.mail.sending.worker import Worker


def sweep_outbox(app: Flask) -> None:
    """Free what dead workers held."""
    worker = Worker(app)
    try:
        worker.sweep()
    finally:
        worker.close()


def purge_lanes(app: Flask) -> None:
    """Forget the pace towards servers and domains that nothing was sent to for days, and waits out of all reason.

    The calendar runs it at once where a clock was set back by hours: then the job itself is due too far ahead.
    """
    database: Database = parts_of(app).database
    with database.writing() as session:
        pace.purge(session)
        mistimed.take_back(session)


JOBS = [
    Job("sweep outbox", 15, sweep_outbox),
    Job("purge lanes", 3600, purge_lanes),
]
