"""Asks what marks stand at without a session or a transaction, on connections that are used for nothing else.

A kept page is asked about thousands of times for each time that it changes, so that this costs a fifth of a session.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import weakref
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from app.base.database import POOLED, Database
from app.base.failures import DATABASE_FAILS
from app.base.marks import POSTGRES_SUM, SQLITE_SUM

FAILS = (sqlite3.Error, psycopg.Error, *DATABASE_FAILS)
_NUMBERS = itertools.count()
_STATEMENT, _ASKED = b"reader_marks", POSTGRES_SUM.encode()
_NOT_PREPARED = b"26000"  # SQLSTATE invalid_sql_statement_name


class MarksUnknown(Exception):
    """The database did not answer, or what it answered is not understood."""


@dataclass(frozen=True)
class SeenMarks:
    """What was seen: the sum of the marks, and by what it is known later that nothing at all was committed since.

    The latter is None where the database has nothing of the kind.
    """

    number: int
    unchanged: tuple[int, int] | None


class MarkWatch:
    """Connections for looking at marks; each serves one request at a time and belongs to the process that opened it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._idle: deque[_Connection] = deque()
        self._inherited: list[_Connection] = []
        self._process = 0
        weakref.finalize(self, _close, self._idle)

    def look(self, asked: str, before: SeenMarks) -> SeenMarks:
        """Look at the marks that `asked` names (`marks.bound`). Raises MarksUnknown; the next look connects anew."""
        connection = self._take()
        try:
            seen = connection.look(asked, before)
        except FAILS as error:
            connection.close()
            raise MarksUnknown from error
        self._idle.append(connection)
        return seen

    def _take(self) -> _Connection:
        process = os.getpid()
        if process != self._process:
            # What was opened before a fork is the parent's: it is neither used here nor closed, as it would be if it
            # were let go of.
            self._inherited += self._idle
            self._idle.clear()
            self._process = process
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            taken = self._database.engine.raw_connection()
            driver, is_pooled = taken.driver_connection, bool(taken.info.get(POOLED))
            taken.detach()
            return _SqliteConnection(driver) if self._database.is_sqlite else _PostgresConnection(driver, is_pooled)
        except FAILS as error:
            raise MarksUnknown from error


class _Connection:
    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._own = next(_NUMBERS)
        self.process = os.getpid()

    def look(self, asked: str, before: SeenMarks) -> SeenMarks:
        raise NotImplementedError

    def close(self) -> None:
        self._driver.close()


class _SqliteConnection(_Connection):
    """SQLite tells each connection when another one has committed anything; only then the marks are read."""

    def look(self, asked: str, before: SeenMarks) -> SeenMarks:
        ((version,),) = self._driver.execute("PRAGMA data_version")
        unchanged = self._own, version
        if before.unchanged == unchanged:
            return before
        ((number,),) = self._driver.execute(SQLITE_SUM, (asked,))
        return SeenMarks(number or 0, unchanged)


class _PostgresConnection(_Connection):
    """Asks by the protocol itself: one message there and one back, with nothing of the driver's in between.

    Behind a pooler, nothing that was prepared is found again, or what an older version prepared: each question carries
    its words.
    """

    def __init__(self, driver: Any, is_pooled: bool) -> None:
        super().__init__(driver)
        driver.autocommit = True
        self._protocol: Any = driver.pgconn
        self._is_prepared = not is_pooled and self._protocol.prepare(_STATEMENT, _ASKED).status == ExecStatus.COMMAND_OK

    def look(self, asked: str, before: SeenMarks) -> SeenMarks:
        words = [asked.encode()]
        found = self._protocol.exec_prepared(_STATEMENT, words) if self._is_prepared else None
        if found is None or found.error_field(DiagnosticField.SQLSTATE) == _NOT_PREPARED:
            self._is_prepared = False
            found = self._protocol.exec_params(_ASKED, words)
        if found.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(found.get_error_message())
        return SeenMarks(int(found.get_value(0, 0) or 0), None)


def _close(idle: Iterable[_Connection]) -> None:
    for connection in idle:
        if connection.process == os.getpid():
            connection.close()
