"""Absorb deltas every few seconds, and recount everything once a day."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy import select

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.counts.actions import ABSORBED_AT_ONCE, absorb, put_right
from app.counts.models import CountDelta
from app.counts.queries import differences
from app.statements.models import Statement

log = structlog.get_logger()

ABSORBS_EVERY_SECONDS = 10
HOUR, DAY = 3600, 24 * 3600


def absorb_counts(app: Flask) -> None:
    """Absorb all that waits, in portions; where nothing does, nothing is written."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        waits = session.scalar(select(CountDelta.statement_id).limit(1)) is not None
    while waits:
        with database.writing() as session:
            waits = absorb(session) == ABSORBED_AT_ONCE


def recount(app: Flask) -> None:
    """Compare every total with its recount. Where one differs, say so loudly and put it right: it must never happen."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        statements = session.scalars(select(Statement.id).order_by(Statement.id)).all()
    for statement_id in statements:
        with database.reading() as session:
            found = differences(session, statement_id)
        if found:
            with database.writing() as session:
                found = put_right(session, statement_id)
            log.error("counts.put_right", statement=statement_id, parts=found)


def sweep_counts(app: Flask) -> None:
    """Take what PostgreSQL keeps of absorbed deltas out of the table: each bears the number of its transaction."""
    parts_of(app).database.sweep_versions([CountDelta.__tablename__])


JOBS = (
    Job("absorb counts", ABSORBS_EVERY_SECONDS, absorb_counts),
    Job("recount signatures", DAY, recount, is_long=True),
    Job("sweep counts", HOUR, sweep_counts),
)
