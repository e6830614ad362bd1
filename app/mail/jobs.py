"""What comes round in mail: sweeping up after dead workers, incoming mail, proof, and forgetting throttles."""

from __future__ import annotations

import structlog
from flask import Flask

from app.base import clock
from app.base.database import Database
from app.base.throttles import purge
from app.mail import pace
from app.mail.addresses import stir
from app.mail.calendar import Job
from app.mail.evidence import settle_known
from app.mail.inbound import forget_used
from app.mail.inbox import FAILURES, poll
from app.mail.log_reading import read_log
from app.mail.outbox import next_due_at
from app.mail.sorting import sort_new
from app.mail.worker import Worker

log = structlog.get_logger()

THROTTLES_KEPT_SECONDS = 2 * 24 * 3600  # the longest window is a day


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


def purge_throttles(app: Flask) -> None:
    """Forget throttles whose windows are long over, so that guessing fills no disk."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        purge(session, THROTTLES_KEPT_SECONDS)


def purge_lanes(app: Flask) -> None:
    """Forget the pace towards servers and domains that nothing was sent to for days."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        pace.purge(session)


def forget_used_reports(app: Flask) -> None:
    """Forget incoming reports and copies that were used long ago."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        forget_used(session)


def stir_addresses(app: Flask) -> None:
    """Forget what no longer matters of addresses, and leave their rows in an order that says nothing."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        stir(session)


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


def settle_proven_mail(app: Flask) -> None:
    """Settle what was proven while a worker still held it."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        settle_known(session)


JOBS = [
    Job("sweep outbox", 15, sweep_outbox),
    Job("fetch incoming mail", 60, fetch_incoming_mail),
    Job("read incoming mail", 15, read_incoming_mail),
    Job("read relay log", 60, read_relay_log),
    Job("settle proven mail", 60, settle_proven_mail),
    Job("purge throttles", 3600, purge_throttles),
    Job("purge lanes", 3600, purge_lanes),
    Job("forget used reports", 24 * 3600, forget_used_reports),
    Job("stir addresses", 3600, stir_addresses),
]
