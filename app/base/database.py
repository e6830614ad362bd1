"""Engine, sessions and column types, the same on SQLite (WAL) and PostgreSQL.

A session is opened for reading or for writing, never both. On SQLite a writing transaction begins with BEGIN
IMMEDIATE: one that began as a reader and then writes fails at once with "database is locked", whatever the timeout.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from app.base.failures import DATABASE_FAILS, LOCKED, REFUSES, reason_of
from app.base.identifiers import LENGTH, new_public_id
from app.base.ports import Ports
from app.base.sealing import PORTS, Vault
from app.base.turns import SharedMoment, Turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_SECONDS = 10
# Nobody waits longer for rows that others hold, or for a server that does not answer: the web server ends a request
# after a minute, and its process with it.
POSTGRES_LOCK_SECONDS = 10
POSTGRES_ANSWERS_SECONDS = {"connect_timeout": 5, "tcp_user_timeout": 15_000}  # the latter in milliseconds
SQLITE_LOOKS_AGAIN_SECONDS = (0.0005, 0.002)
# Emptying the journal keeps others from writing while it waits for those who read.
SQLITE_EMPTYING_SECONDS = 0.25
# What is deleted is overwritten, and what the journal held before it began anew is cut off: old commits would tell in
# which order people answered.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "journal_size_limit=0")
_WRITING = "undersigned_writing"
_READONLY = "postgresql_readonly"
_PATIENCE = "undersigned_patience"
POOLED = "undersigned_pooled"  # under which name a connection knows that a pooler stands before the server


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; naive values are refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive time can't be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def named_enum(kind: type[Any], length: int = 24) -> Enum:
    """Return a column type that stores an enum's value as text, so that a new value needs no type migration."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=length, values_callable=lambda e: [m.value for m in e]
    )


# The type of a row id that is drawn and not counted (`draw_row_id`); on SQLite only INTEGER is the row's own number.
DRAWN_ID = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The base of every table; every constraint has a name."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime()}


class PublicId:
    """An id for the database and another, random one for the world."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(LENGTH), unique=True, default=new_public_id)

    def __init__(self, **values: Any) -> None:
        # Sealed columns are bound to the public id, so it must exist before the first flush.
        values.setdefault("public_id", new_public_id())
        super().__init__(**values)


class LooselyPublicId(PublicId):
    """A public id that rows are sealed under and never looked for by: it has no index, and needs none to be unique."""

    public_id: Mapped[str] = mapped_column(String(LENGTH), default=new_public_id)


class ReadingSession(Session):
    """A session that refuses to flush."""


class Database:
    """An engine and the sessions on it; each session carries the ports."""

    def __init__(self, url: str, ports: Ports | None = None) -> None:
        self.engine = _create_engine(url)
        self.ports = ports
        self.refused = SharedMoment()
        self._turns: Turns | None = None
        self._writer = self.engine.execution_options(**{_WRITING: True})
        self._reader = _reader_of(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the embedded database is in use."""
        return self.engine.dialect.name == "sqlite"

    @property
    def is_pooled(self) -> bool:
        """Tell whether a pooler such as PgBouncer stands before PostgreSQL. Asks for a connection."""
        with self.engine.connect() as connection:
            return bool(connection.info.get(POOLED))

    def new_reader(self) -> Session:
        """Return a session that sees one snapshot and refuses to flush; the caller closes it."""
        return ReadingSession(self._reader, info={PORTS: self.ports, "reading": True}, autoflush=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a reading session for the block."""
        with self.new_reader() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a writing session for the block; commit at its end, roll back on any exception."""
        turn = self._turns.patience() if self._turns else nullcontext()
        with turn as patience, Session(self._writer, info={PORTS: self.ports}, expire_on_commit=False) as session:
            try:
                if patience is not None:
                    session.connection(execution_options={_PATIENCE: patience})
                yield session
                session.commit()
            except DATABASE_FAILS as error:
                self._note(error)
                raise
        if self._turns:
            self._turns.note(in_vain=False)

    def ask_to_write(self, connection: Connection) -> None:
        """Begin to write into SQLite's file, and don't; raises OperationalError where it can't be written.

        While somebody else writes, it can be.
        """
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA busy_timeout=0")
        try:
            driver.execute("BEGIN IMMEDIATE")  # where the file is read-only, SQLite lets it pass: it only reads then
            try:
                driver.execute("UPDATE alembic_version SET version_num = version_num WHERE 0")
            finally:
                driver.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise OperationalError("BEGIN IMMEDIATE", None, error) from None
        finally:
            driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}")

    def share_turns(self, processes: int) -> None:
        """Let one of the processes that will be forked from this one be free for those who read, whoever waits."""
        self._turns = Turns(processes)

    def _note(self, error: Exception) -> None:
        reason = reason_of(error)
        if reason.startswith(REFUSES):
            self.refused.set()
        if reason.startswith(LOCKED) and self._turns:
            self._turns.note(in_vain=True)

    def empty_journal(self) -> bool:
        """Write SQLite's journal into the database and cut it to nothing; tell whether that could be done now.

        The journal keeps each commit apart from the next one, the database does not. PostgreSQL keeps a journal of its
        own, which the service can't reach: there this does nothing, and is done.
        """
        if not self.is_sqlite:
            return True
        with self.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection  # no transaction: in one there is no checkpoint
            driver.execute(f"PRAGMA busy_timeout={SQLITE_EMPTYING_SECONDS * 1000:.0f}")
            try:
                is_busy, *_pages = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}")
        return not is_busy

    def sweep_versions(self, tables: Iterable[str]) -> None:
        """Take old versions of rows out of PostgreSQL's tables, which else keep them for long; SQLite has none."""
        if self.is_sqlite:
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in tables:
                connection.exec_driver_sql(f'VACUUM "{name}"')


def vault_at(database: Database) -> Vault | None:
    """Return the vault that a database's sessions carry."""
    return database.ports.vault if database.ports is not None else None


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if session.dirty or session.new or session.deleted:
        raise RuntimeError("This session was opened for reading.")


event.listen(ReadingSession, "before_flush", _refuse_flush)


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    # Parameters hold what people typed: an exception that repeats them would carry it into the logs (law 9).
    if parsed.get_backend_name() != "sqlite":
        return _create_postgres_engine(parsed)
    connect_args = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(parsed, connect_args=connect_args, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_postgres_engine(url: URL) -> Engine:
    own = {name: value for name, value in POSTGRES_ANSWERS_SECONDS.items() if name not in url.query}
    engine = create_engine(url, connect_args=own, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _reader_of(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", **{_READONLY: True})


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own; the "begin" listener says which kind is wanted.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgres(connection: psycopg.Connection, record: ConnectionPoolEntry) -> None:
    """Set what holds for a connection; a pooler's goes to another process of the server with each transaction.

    PgBouncer and its like are known by the process: to the client they name one that is not the server's.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    if process == connection.info.backend_pid:
        connection.execute(f"SET lock_timeout = {POSTGRES_LOCK_SECONDS * 1000:.0f}")
    else:
        record.info[POOLED] = True
        connection.prepare_threshold = None  # the next process would not know what was prepared
    connection.commit()


def _begin_postgres(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_READONLY):
        # A connection that was read with comes back as one that insists on writing, also where the server is read-only.
        driver: Any = connection.connection.dbapi_connection
        driver.read_only = None
    patience = options.get(_PATIENCE)
    if patience is None and connection.info.get(POOLED) and options.get("isolation_level") != "AUTOCOMMIT":
        patience = POSTGRES_LOCK_SECONDS
    if patience is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience * 1000:.0f}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_WRITING):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _begin_soon(driver, options.get(_PATIENCE, SQLITE_BUSY_SECONDS)):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits no more, and raises as SQLAlchemy does
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}")


def _begin_soon(driver: sqlite3.Connection, patience: float) -> bool:
    """Begin to write as soon as nobody else does; give up after so many seconds. The driver must not wait itself.

    SQLite itself waits ever longer between two looks, a tenth of a second in the end, and so sleeps through many a gap
    between two writers who take turns. We look again after a millisecond or so.
    """
    gives_up_at = time.monotonic() + patience
    while time.monotonic() < gives_up_at:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(random.uniform(*SQLITE_LOOKS_AGAIN_SECONDS))  # noqa: S311 - it only spreads those who wait
        else:
            return True
    return False
