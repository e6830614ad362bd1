"""Sessions: readers don't write, writers don't collide, times keep their zone."""

from __future__ import annotations

import inspect
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session

from app.base import database as databases
from app.base.database import Database
from app.base.parts import parts_of
from app.base.throttles import Throttle

AT = datetime(2026, 11, 23, 12, 30, tzinfo=timezone(timedelta(hours=5)))


def _row(name: str, at: datetime = AT) -> Throttle:
    return Throttle(key=name.encode().ljust(16), scope="test", started_at=at, times=1)


def test_times_come_back_aware_and_in_utc(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with database.writing() as session:
        session.add(_row("a"))
    with database.reading() as session:
        found = session.scalars(select(Throttle.started_at)).one()
    assert found == AT
    assert found.tzinfo == UTC


def test_refuse_naive_time(session: Session) -> None:
    session.add(_row("a", datetime(2026, 11, 23)))  # noqa: DTZ001 - it is what must be refused
    with pytest.raises(StatementError, match="naive"):
        session.flush()


def test_failed_statement_does_not_repeat_what_was_typed(either_app: Flask) -> None:
    with parts_of(either_app).database.engine.connect() as connection, pytest.raises(DBAPIError) as problem:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "canary"})
    assert "canary" not in str(problem.value)


def test_reading_session_refuses_to_write(either_app: Flask) -> None:
    with parts_of(either_app).database.reading() as session:
        session.add(_row("a"))
        with pytest.raises(RuntimeError, match="reading"):
            session.flush()


def test_reader_sees_one_snapshot(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    count = select(func.count()).select_from(Throttle)
    with database.reading() as reader:
        before = reader.scalar(count)
        with database.writing() as writer:
            writer.add(_row("a"))
        assert reader.scalar(count) == before


def test_exception_rolls_back(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database

    def fail() -> None:
        with database.writing() as session:
            session.add(_row("a"))
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Throttle)) == 0


def test_many_writers_that_read_first_never_find_it_locked(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database

    def read_then_write(number: int) -> None:
        with database.writing() as session:
            session.scalar(select(func.count()).select_from(Throttle))
            session.add(_row(str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_then_write, range(80)))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Throttle)) == 80


def test_writer_who_waited_in_vain_does_not_wait_once_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SQLITE_BUSY_SECONDS", 0.03)
    database: Database = parts_of(app).database
    database.engine.dispose()
    said: list[str] = []
    event.listen(database.engine, "connect", lambda driver, _record: driver.set_trace_callback(said.append))
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError), database.writing() as session:
        session.connection()
    other.close()
    last = max(number for number, words in enumerate(said) if words == "BEGIN IMMEDIATE")
    assert [words for words in said[:last] if "busy_timeout" in words][-1] == "PRAGMA busy_timeout=0"
    assert [words for words in said[last:] if "busy_timeout" in words] == ["PRAGMA busy_timeout=30"]


def test_no_coroutine_stands_in_the_teardown(app: Flask) -> None:
    assert not [f for f in app.teardown_appcontext_funcs if inspect.iscoroutinefunction(f)]
