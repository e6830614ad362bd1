"""What comes round in sending: sweeping up after dead workers, and forgetting the pace of long ago."""

from __future__ import annotations

from flask import Flask

from app.background.calendar import Job
from app.base import clock
from app.base.database import Database
from app.mail.sending import pace
from app.mail.sending.claims import next_due_at
from app.mail.sending.worker import Worker


def sweep_outbox(app: Flask) -> None:
    """Free what dead workers held, and ring for mail that is due: its own ring may be lost."""
    worker = Worker(app)
    try:
        worker.sweep()
    finally:
        worker.close()
    database: Database = app.extensions["database"]
    with database.reading() as session:
        due_at = next_due_at(session)
    if due_at is not None and due_at <= clock.now():
        app.extensions["bell"]()


def purge_lanes(app: Flask) -> None:
    """Forget the pace towards servers and domains that nothing was sent to for days."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        pace.purge(session)


JOBS = [
    Job("sweep outbox", 15, sweep_outbox),
    Job("purge lanes", 3600, purge_lanes),
]
