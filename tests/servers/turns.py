"""Two transactions of which the second runs into the first one's locks, while the clock goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of

Steps = Callable[[Session], Iterator[None]]
PATIENCE_SECONDS = 20
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def overtake(app: Flask, first: Steps, second: Callable[[Session], Any]) -> Any:
    """Let `first` take locks up to its yield and `second` run into them; a minute later `first` ends and commits.

    Returns what `second` then returned or raised. The clock is stopped, so that a minute has passed for certain.
    """
    clock.freeze(clock.now())
    result: list[Any] = []
    begun = threading.Event()

    def run() -> None:
        database: Database = parts_of(app).database
        try:
            with app.app_context(), database.writing() as session:
                begun.set()
                result.append(second(session))
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            result.append(error)

    database: Database = parts_of(app).database
    thread = threading.Thread(target=run)
    with app.app_context(), database.writing() as session:
        steps = first(session)
        next(steps)
        thread.start()
        assert begun.wait(PATIENCE_SECONDS)
        _wait_until_blocked(database)
        clock.advance(minutes=1)
        for _ in steps:
            pass
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    return result[0]


def _wait_until_blocked(database: Database) -> None:
    """Wait until PostgreSQL says that somebody waits for a lock. On SQLite the second one waits before it begins."""
    if database.is_sqlite:
        return
    pause = threading.Event()
    with database.engine.connect() as connection:
        for _ in range(PATIENCE_SECONDS * 100):
            if connection.execute(BLOCKED).scalar_one():
                return
            connection.rollback()
            pause.wait(0.01)
    raise AssertionError("The second transaction did not run into the first one's locks.")
