"""What comes round in asking: the orders to write to very many, and word to former addresses."""

from __future__ import annotations

import time

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.invitations import bulk_orders, moves

log = structlog.get_logger()

EVERY_SECONDS = 5
MOVES_EVERY_SECONDS = 60
MOST_SECONDS = 30.0  # in one go, so that other jobs get their turn
# On SQLite nobody else writes during a chunk. One that took longer than this is followed by one of half its size, and
# one that took less than half of it by one of twice its size.
LONGEST_HOLD_SECONDS = 0.25
SMALLEST_CHUNK = 20
# How long others get to write, for each second that a chunk kept them from it. Those who wait don't queue: they look
# again at least every tenth of a second.
SHARE_FOR_OTHERS = 1.0
SHORTEST_REST_SECONDS = 0.02


def ask_the_prepared(app: Flask) -> None:
    """Work on the orders for a while; what is left waits for the next time."""
    work_off_askings(app, MOST_SECONDS)


def work_off_askings(app: Flask, most_seconds: float | None = None, share_for_others: float = SHARE_FOR_OTHERS) -> int:
    """Work off every order in chunks, by turns, each in a transaction of its own; return how many chunks there were.

    A kill loses at most the chunk in hand, which the next run repeats. An order that fails stops none of the others.
    """
    database: Database = parts_of(app).database
    rest = share_for_others if database.is_sqlite else 0.0
    ends_at = None if most_seconds is None else time.monotonic() + most_seconds
    with database.reading() as session:
        waiting = bulk_orders.unfinished(session)
    chunks, size = 0, bulk_orders.CHUNK
    while waiting and (ends_at is None or time.monotonic() < ends_at):
        for asking_id in list(waiting):
            began_at = time.monotonic()
            if not _work_on(database, asking_id, size):
                waiting.remove(asking_id)
            held = time.monotonic() - began_at
            size = _next_size(size, held)
            chunks += 1
            if rest and waiting:
                time.sleep(max(held * rest, SHORTEST_REST_SECONDS))
    return chunks


def _next_size(size: int, held_seconds: float) -> int:
    if held_seconds > LONGEST_HOLD_SECONDS:
        return max(size // 2, min(SMALLEST_CHUNK, bulk_orders.CHUNK))
    return min(size * 2, bulk_orders.CHUNK) if held_seconds < LONGEST_HOLD_SECONDS / 2 else size


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
