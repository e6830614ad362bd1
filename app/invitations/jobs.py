"""What comes round in asking: the orders to write to very many, and word to former addresses."""

from __future__ import annotations

import time

import structlog
from flask import Flask

from app.background.calendar import Job
from app.background.pacing import SHARE_FOR_OTHERS, WorkPace
from app.base.database import Database
from app.base.parts import parts_of
from app.invitations import bulk_orders, moves

log = structlog.get_logger()

EVERY_SECONDS = 5
MOVES_EVERY_SECONDS = 60
MOST_SECONDS = 30.0  # in one go, so that other jobs get their turn


def ask_the_prepared(app: Flask) -> None:
    """Work on the orders for a while; what is left waits for the next time."""
    work_off_askings(app, MOST_SECONDS)


def work_off_askings(app: Flask, most_seconds: float | None = None, share_for_others: float = SHARE_FOR_OTHERS) -> int:
    """Work off every order in chunks, by turns, each in a transaction of its own; return how many chunks there were.

    A kill loses at most the chunk in hand, which the next run repeats. An order that fails stops none of the others.
    """
    database: Database = parts_of(app).database
    pace = WorkPace(share_for_others if database.is_sqlite else 0.0, bulk_orders.CHUNK)
    ends_at = None if most_seconds is None else time.monotonic() + most_seconds
    with database.reading() as session:
        waiting = bulk_orders.unfinished(session)
    chunks = 0
    while waiting and (ends_at is None or time.monotonic() < ends_at):
        for asking_id in list(waiting):
            with pace.portion() as size:
                has_more = _work_on(database, asking_id, size)
            if not has_more:
                waiting.remove(asking_id)
            chunks += 1
            if waiting:
                pace.rest()
    return chunks


def _work_on(database: Database, asking_id: int, size: int) -> bool:
    try:
        with database.writing() as session:
            return bulk_orders.work_on(session, asking_id, size)
    except Exception as error:  # noqa: BLE001 - one order that fails must not stop the others; it is tried again later
        log.error("asking.failed", order=asking_id, error=type(error).__name__)
        return False


def tell_of_moves(app: Flask) -> None:
    """Tell the readers of former addresses, some in each transaction."""
    database: Database = parts_of(app).database
    looked_at = 1
    while looked_at:
        with database.writing() as session:
            looked_at = moves.tell_former_addresses(session)


JOBS = (
    Job("ask the prepared", EVERY_SECONDS, ask_the_prepared),
    Job("tell of moved addresses", MOVES_EVERY_SECONDS, tell_of_moves),
)
