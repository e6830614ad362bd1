"""What comes round in mail: late proof, and forgetting what is remembered of addresses and tries."""

from __future__ import annotations

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.base.throttles import purge
from app.mail.addresses import stir
from app.mail.evidence import settle_known

log = structlog.get_logger()

THROTTLES_KEPT_SECONDS = 2 * 24 * 3600  # the longest window is a day


def purge_throttles(app: Flask) -> None:
    """Forget throttles whose windows are long over, so that guessing fills no disk."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        purge(session, THROTTLES_KEPT_SECONDS)


def stir_addresses(app: Flask) -> None:
    """Forget what no longer matters of addresses, and leave their rows in an order that says nothing."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        stir(session)


def settle_proven_mail(app: Flask) -> None:
    """Settle what was proven while a worker still held it."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        settle_known(session)


JOBS = [
    Job("settle proven mail", 60, settle_proven_mail),
    Job("purge throttles", 3600, purge_throttles),
    Job("stir addresses", 3600, stir_addresses),
]
