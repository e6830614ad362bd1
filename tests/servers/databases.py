"""The databases of a test process: one SQLite file and one PostgreSQL database, empty again for every test."""

from __future__ import annotations

import copy
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine.events import ConnectionEvents, DialectEvents
from sqlalchemy.pool.events import PoolEvents

from app.base.database import Base, Database
from app.base.migrating import head_revision
from app.base.ports import Ports
from app.base.turns import SharedMoment
from config import Settings
from tests.servers.postgres import PostgresServer

# Gives an application with settings of the test's own, for a `with`.
Lend = Callable[[Settings], AbstractContextManager[Flask]]
_EVENTS = (ConnectionEvents, DialectEvents, PoolEvents)
_LISTENED = tuple(name for events in _EVENTS for name in vars(events) if not name.startswith("_"))


class Databases:
    """The databases that live as long as the process, by their address.

    An engine compiles each statement once and keeps it; with an engine of its own, every test would compile them all
    again, which took a third of its time. An engine that a test listened to is given up at its end.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Database, int]] = {}

    def at(self, url: str, ports: Ports | None) -> Database:
        """Return the database at an address, with these ports; give it back with `let_go`."""
        if url not in self._kept:
            database = Database(url)
            if database.is_sqlite:
                event.listen(database.engine, "connect", _do_without_syncing)
            self._kept[url] = database, _listeners(database)
        given = copy.copy(self._kept[url][0])
        given.ports, given.refused = ports, SharedMoment()
        return given

    def let_go(self, database: Database) -> None:
        """Close what the test left open; forget the engine if somebody still listens to it."""
        database.engine.dispose()
        for url, (kept, listeners) in tuple(self._kept.items()):
            if kept.engine is database.engine and _listeners(kept) != listeners:
                del self._kept[url]


def _do_without_syncing(connection: sqlite3.Connection, _record: object) -> None:
    """Leave out the waiting for the disk, as the PostgreSQL of the tests does: the power does not fail here."""
    connection.execute("PRAGMA synchronous=OFF")


def _listeners(database: Database) -> int:
    """Count who listens to a database's engine, its pool and its dialect."""
    engines: tuple[Engine, ...] = (database.engine, database._writer, database._reader)
    heard: list[Any] = [database.engine.pool.dispatch, database.engine.dialect.dispatch]
    heard += [engine.dispatch for engine in engines]
    return sum(len(tuple(getattr(dispatch, name, ()))) for dispatch in heard for name in _LISTENED)


def create_tables(url: str) -> None:
    """Make every table as the models say, marked as if the migrations had."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    engine.dispose()


class Emptied:
    """One PostgreSQL database with every table, emptied after each test: a copy of a template takes 20 times as long.

    Where a test changed more than rows, or left so much that the next would feel it, the database is made anew.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._name = ""
        self._shape: tuple[Any, ...] = ()

    def url(self) -> str:
        """Return the address of the empty database."""
        if not self._name:
            self._name = self._server.create(self._server.template("tables", create_tables))
            with self._server.connect(self._name) as connection:
                self._shape = _shape(connection)
        return self._server.url(self._name)

    def empty(self) -> None:
        """Part those who are still connected from it, and take out every row."""
        with self._server.connect(self._name) as connection:
            connection.execute(_PART_OTHERS)
            if _shape(connection) == self._shape:
                _delete_rows(connection)
                return
        self._server.drop(self._name)
        self._name = ""


_PART_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# What is made with a database and stays as it is: relations, columns, triggers, functions, settings, its migration.
_SHAPE = """SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute WHERE attnum > 0),
    (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_db_role_setting),
    (SELECT string_agg(version_num, ',') FROM alembic_version),
    (SELECT max(pg_relation_size(oid)) < 1000000 FROM pg_class WHERE relnamespace = 'public'::regnamespace)"""
_WRITTEN = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version'"""
_COUNT_ANEW = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


def _shape(connection: psycopg.Connection) -> tuple[Any, ...]:
    return connection.execute(_SHAPE).fetchone() or ()


def _delete_rows(connection: psycopg.Connection) -> None:
    # A replica takes rows as they come: no foreign key is looked at, whatever the order of the tables.
    connection.execute("SET session_replication_role = replica")
    for (table,) in connection.execute(_WRITTEN).fetchall():
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    connection.execute(_COUNT_ANEW)


def files_of(database: Database) -> list[Path]:
    """Return the files of an SQLite database that lie on the disk: itself and, while it is open, what SQLite adds."""
    path = Path(str(database.engine.url.database))
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert path in files
    return files


@pytest.fixture(scope="session")
def databases() -> Databases:
    return Databases()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "undersigned.db"
    create_tables(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    return path


@pytest.fixture(scope="session")
def _sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def sqlite_url(empty_sqlite: Path, _sqlite_folder: Path) -> str:
    """The file of this test: a new one at the process's one address; those who have the last one open keep it."""
    path = _sqlite_folder / "undersigned.db"
    for old in _sqlite_folder.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(empty_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _emptied_postgres(postgres_server: PostgresServer) -> Emptied:
    return Emptied(postgres_server)


@pytest.fixture
def postgres_database_url(_emptied_postgres: Emptied) -> Iterator[str]:
    yield _emptied_postgres.url()
    _emptied_postgres.empty()
