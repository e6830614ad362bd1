"""What comes round with incoming mail: fetching, sorting, the relay's log, and forgetting."""

from __future__ import annotations

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.inbox.fetching import FAILURES, poll
from app.inbox.log_reading import read_log
from app.inbox.sorting import sort_new
from app.inbox.storage import forget_used

log = structlog.get_logger()


def forget_used_reports(app: Flask) -> None:
    """Forget incoming reports and copies that were used long ago."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        forget_used(session)


def fetch_incoming_mail(app: Flask) -> None:
    """Fetch what arrived in the mailbox, where one is set, and sort it."""
    try:
        poll(app)
    except FAILURES as error:
        log.warning("mail.inbox_failed", error=type(error).__name__)
    sort_new(app)


def read_incoming_mail(app: Flask) -> None:
    """Sort what came in by whichever way: use reports, hand on letters."""
    sort_new(app)


def read_relay_log(app: Flask) -> None:
    """Look into the mail server's log, where one is set, for mails whose fate is open."""
    read_log(app)


JOBS = [
    Job("fetch incoming mail", 60, fetch_incoming_mail),
    Job("read incoming mail", 15, read_incoming_mail),
    Job("read relay log", 60, read_relay_log),
    Job("forget used reports", 24 * 3600, forget_used_reports),
]
