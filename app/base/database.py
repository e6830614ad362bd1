"""Engine, sessions and column types, the same on SQLite (WAL) and PostgreSQL.

A session is opened for reading or for writing, never both. On SQLite a writing transaction begins with BEGIN
IMMEDIATE: one that began as a reader and then writes fails at once with "database is locked", whatever the timeout.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

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
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.base.identifiers import LENGTH, new_public_id
from app.base.ports import Ports
from app.base.sealing import PORTS, Vault

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_SECONDS = 10
SQLITE_LOOKS_AGAIN_SECONDS = (0.0005, 0.002)
# Emptying the journal keeps others from writing while it waits for those who read.
SQLITE_EMPTYING_SECONDS = 0.25
# What is deleted is overwritten, and what the journal held before it began anew is cut off: old commits would tell in
# which order people answered.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "journal_size_limit=0")
_WRITING = "undersigned_writing"


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


class Database:
    """An engine and the sessions on it; each session carries the ports."""

    def __init__(self, url: str, ports: Ports | None = None) -> None:
        self.engine = _create_engine(url)
        self.ports = ports
        self._writer = self.engine.execution_options(**{_WRITING: True})
        self._reader = _reader_of(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the embedded database is in use."""
        return self.engine.dialect.name == "sqlite"

    def new_reader(self) -> Session:
        """Return a session that sees one snapshot and refuses to flush; the caller closes it."""
        session = Session(self._reader, info={PORTS: self.ports, "reading": True}, autoflush=False)
        event.listen(session, "before_flush", _refuse_flush)
        return session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a reading session for the block."""
        with self.new_reader() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a writing session for the block; commit at its end, roll back on any exception."""
        with Session(self._writer, info={PORTS: self.ports}, expire_on_commit=False) as session:
            yield session
            session.commit()

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


def snapshot_mark(session: Session) -> str:
    """Return a mark of what a reading session sees: while two marks are the same, so is all data.

    PostgreSQL names its snapshot. SQLite counts, for each connection, what others committed and what it changed itself.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return str(connection.exec_driver_sql("SELECT pg_current_snapshot()").scalar_one())
    name = connection.info.setdefault("snapshot_mark", secrets.token_hex(8))
    changed_by_others = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    changed_here = connection.connection.dbapi_connection.total_changes  # type: ignore[union-attr]
    return f"{name} {changed_by_others} {changed_here}"


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if session.dirty or session.new or session.deleted:
        raise RuntimeError("This session was opened for reading.")


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    # Parameters hold what people typed: an exception that repeats them would carry it into the logs (law 9).
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    connect_args = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(parsed, connect_args=connect_args, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reader_of(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own; the "begin" listener says which kind is wanted.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(_WRITING):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _begin_soon(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits no more, and raises as SQLAlchemy does
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000:.0f}")


def _begin_soon(driver: sqlite3.Connection) -> bool:
    """Begin to write as soon as nobody else does; give up after SQLITE_BUSY_SECONDS. The driver must not wait itself.

    SQLite itself waits ever longer between two looks, a tenth of a second in the end, and so sleeps through many a gap
    between two writers who take turns. We look again after a millisecond or so.
    """
    gives_up_at = time.monotonic() + SQLITE_BUSY_SECONDS
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
