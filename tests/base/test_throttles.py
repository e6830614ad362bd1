"""Throttles: so many per window, over threads and databases, and naming nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.base.throttles import Throttle, allow, reset


def test_allow_so_many_per_window(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    clock.freeze(clock.now())
    with database.writing() as session:
        assert [allow(session, "test", "ada", 3, 60) for _ in range(5)] == [True] * 3 + [False] * 2
        assert allow(session, "test", "someone else", 3, 60)
        assert allow(session, "another scope", "ada", 3, 60)
        clock.advance(seconds=61)
        assert allow(session, "test", "ada", 3, 60)
        reset(session, "test", "ada")
        assert [allow(session, "test", "ada", 1, 60) for _ in range(2)] == [True, False]


def test_window_of_a_clock_that_ran_ahead_is_over_when_it_is_right_again(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    right = clock.now()
    with database.writing() as session:
        clock.freeze(right + timedelta(days=1))
        assert [allow(session, "test", "ada", 1, 60) for _ in range(2)] == [True, False]
        clock.freeze(right)
        assert [allow(session, "test", "ada", 1, 60) for _ in range(2)] == [True, False]


def test_hold_over_parallel_tries(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database

    def try_once(_number: int) -> bool:
        with database.writing() as session:
            return allow(session, "test", "ada", 5, 3600)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_once, range(40))) == 5


def test_store_no_subject(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with database.writing() as session:
        allow(session, "test", "canary@example.org", 5, 3600)
        assert "canary" not in repr(session.execute(select(Throttle.__table__)).all())
