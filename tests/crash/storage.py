"""Faults of the storage, switched on and off while the application uses it."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

PATIENCE_SECONDS = 0.03


class Fault:
    """Something wrong with a database between `begin` and `end`; `lasts` False ends it with the first failure."""

    def __init__(self, engine: Engine, *, lasts: bool = True) -> None:
        self.engine = engine
        self.failures = 0
        self.is_on = self._has_begun = False
        self._lasts = lasts
        self._lock = threading.Lock()
        engine.dispose()
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "handle_error", self._note)

    def begin(self) -> None:
        """Let it go wrong from now on; from any thread, and one time only."""
        with self._lock:
            if not self._has_begun:
                self.is_on = self._has_begun = True
                self._begin()

    def end(self) -> None:
        """Let all be well again."""
        with self._lock:
            if self.is_on:
                self.is_on = False
                self._end()

    def _begin(self) -> None:
        pass

    def _end(self) -> None:
        pass

    def _prepare(self, connection: Any, _record: object) -> None:
        pass

    def _note(self, _context: object) -> None:
        self.failed()

    def failed(self) -> None:
        """Count a failure."""
        if self.is_on:
            self.failures += 1
            if not self._lasts:
                self.end()


class FullDisk(Fault):
    """The system lets nothing be written to a file, at the moment at which SQLite writes: when it commits."""

    def __init__(self, engine: Engine, *, lasts: bool = True) -> None:
        super().__init__(engine, lasts=lasts)
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        event.listen(engine, "commit", self._fill)
        event.listen(engine, "rollback", self._free)

    def failed(self) -> None:
        """Let others write again: the limit is the whole process's."""
        self._free()
        super().failed()

    def _fill(self, _connection: Connection) -> None:
        if self.is_on:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, self._limits[1]))

    def _free(self, _connection: object = None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def _end(self) -> None:
        self._free()


class NoMorePages(Fault):
    """SQLite itself says that the disk is full as soon as its file would have to grow."""

    def _begin(self) -> None:
        self.engine.dispose()

    def _end(self) -> None:
        self.engine.dispose()

    def _prepare(self, connection: Any, _record: object) -> None:
        if self.is_on:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count={pages}")


class Locked(Fault):
    """Another process writes and does not come to an end."""

    _other: sqlite3.Connection

    def _begin(self) -> None:
        self._other = sqlite3.connect(str(self.engine.url.database), isolation_level=None, check_same_thread=False)
        self._other.execute("BEGIN IMMEDIATE")

    def _end(self) -> None:
        self._other.close()


class HeldRows(Fault):
    """Another transaction holds every mail's row."""

    _other: psycopg.Connection[Any]

    def _begin(self) -> None:
        self._other = psycopg.connect(address_of(self.engine))
        self._other.execute("SELECT id FROM mails FOR UPDATE")

    def _end(self) -> None:
        self._other.close()

    def _prepare(self, connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = {PATIENCE_SECONDS * 1000:.0f}")
        connection.commit()


class Torn(Fault):
    """The server ends every connection on which something would be committed."""

    def __init__(self, engine: Engine, *, lasts: bool = True) -> None:
        super().__init__(engine, lasts=lasts)
        event.listen(engine, "commit", self._tear)

    def _tear(self, connection: Connection) -> None:
        if self.is_on:
            driver: Any = connection.connection.dbapi_connection
            with psycopg.connect(address_of(self.engine), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [driver.info.backend_pid])


class LostAnswer(Fault):
    """What is committed is committed, but the caller is not told."""

    def __init__(self, engine: Engine, *, lasts: bool = True) -> None:
        super().__init__(engine, lasts=lasts)
        event.listen(engine, "commit", self._lose)

    def _lose(self, connection: Connection) -> None:
        if self.is_on:
            driver: Any = connection.connection.dbapi_connection
            driver.commit()
            self.failed()
            raise OperationalError("COMMIT", None, ConnectionError("the answer was lost"))


def address_of(engine: Engine) -> str:
    """Return where PostgreSQL is, as its own driver wants it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


FAULTS: dict[str, Callable[..., Fault]] = {
    "full": FullDisk,
    "no more pages": NoMorePages,
    "locked": Locked,
    "held": HeldRows,
    "torn": Torn,
    "lost": LostAnswer,
}


def quietly(act: Callable[[], object]) -> bool:
    """Do something as a loop that must go on does it; tell whether the database failed."""
    with suppress(OperationalError):
        act()
        return False
    return True
