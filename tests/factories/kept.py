"""What factories made once for an empty database, written down again instead of being made again.

A closed statement with four signatures takes the product half a second of work, and hundreds of tests begin with one.
From the second time on, the rows that the same calls left are put back as they were. Only calls that begin with
nothing are kept, one after the other in one transaction, with nothing else written between: so they stand for exactly
the same rows. Tests of what the journal tells make everything anew.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, Table, event, inspect
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Base
from app.base.sealing import PORTS

P = ParamSpec("P")
T = TypeVar("T")
Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]
_STATE, _WRITTEN = "kept_state", "kept_written"
_GO_ON = "SELECT setval(name, last) FROM unnest(%s::regclass[], %s::bigint[]) AS s(name, last)"
_READS = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE", "SHOW")


@dataclass(frozen=True)
class Made:
    """What one call of a factory left by table, rows and keys; where the sequences stand; and what it returned."""

    written: dict[str, list[tuple[Any, ...]]]
    changed: dict[str, list[tuple[Any, ...]]]  # of those that are written, the ones that were there before
    gone: dict[str, list[tuple[Any, ...]]]
    whole: frozenset[str]
    sequences: list[tuple[str, int]]
    returned: bytes


class _Kept:
    """What was made in this process, by the calls that led to it."""

    made: dict[tuple[Any, ...], Made] = {}
    seen: set[tuple[Any, ...]] = set()
    is_off = False


@contextmanager
def everything_anew() -> Iterator[None]:
    """Make everything by the product's own actions, row by row and commit by commit."""
    _Kept.is_off, before = True, _Kept.is_off
    try:
        yield
    finally:
        _Kept.is_off = before


def kept(make: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[Session, P], T]:
    """Keep what a factory makes for an empty database, or right after another kept call."""

    @wraps(make)
    def made(session: Session, /, *args: P.args, **changed: P.kwargs) -> T:
        if _Kept.is_off:
            return make(session, *args, **changed)
        begun = _begun(session)
        call = _pickled((args, changed)) if begun is not None else None
        if begun is None or call is None:
            return make(session, *args, **changed)
        key = (*begun, make.__module__, make.__name__, call)
        known = _Kept.made.get(key)
        if known is None:
            returned = _make(session, key, lambda: make(session, *args, **changed))
        else:
            returned = _put_back(session, known)
        session.info[_STATE] = key, _written(session)
        return returned

    return made


def _make(session: Session, key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """Make it, and keep it if it is made for the second time: most calls are made once only."""
    if key not in _Kept.seen:
        _Kept.seen.add(key)
        with everything_anew():
            returned = make()
            session.flush()
        return returned
    before = _rows(session)
    with everything_anew():
        returned = make()
        session.flush()
    after, packed = _rows(session), _pickled(returned)
    if packed is not None:
        whole = _written_by_triggers(session)
        written = {table: _new(rows, before[table], table in whole) for table, rows in after.items()}
        _Kept.made[key] = Made(
            written={table: rows for table, rows in written.items() if rows or table in whole},
            changed={t: [row for row in rows if _key(t, row) in before[t]] for t, rows in written.items()},
            gone={
                table: gone
                for table, rows in before.items()
                if (gone := [one for one in rows if one not in after[table]])
            },
            whole=whole,
            sequences=_sequences(session),
            returned=packed,
        )
    return returned


def _new(
    rows: dict[tuple[Any, ...], tuple[Any, ...]], before: dict[tuple[Any, ...], tuple[Any, ...]], is_whole: bool
) -> list[tuple[Any, ...]]:
    return [row for key, row in rows.items() if is_whole or before.get(key) != row]


def _put_back(session: Session, known: Made) -> Any:
    cursor = _cursor(session)
    is_postgres = _is_postgres(session)
    cursor.execute("SET LOCAL session_replication_role = replica" if is_postgres else "PRAGMA defer_foreign_keys = ON")
    for table in sorted(known.written.keys() | known.gone.keys(), key=lambda name: name in known.whole):
        _take_out(cursor, table, known, is_postgres)
        if rows := known.written.get(table):
            cursor.executemany(_insert(table, is_postgres), rows)
    if is_postgres:
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(
            "SELECT setval(name, last) FROM unnest(%s::regclass[], %s::bigint[]) AS s(name, last)", _columns(known)
        )
    session.connection().info[_WRITTEN] = _written(session) + 1
    _look_again(session, known)
    return _Unpickler(io.BytesIO(known.returned), session).load()


def _look_again(session: Session, known: Made) -> None:
    """Bring what the session has loaded up to what was put back."""
    written = {table: {_key(table, row) for row in rows} for table, rows in known.written.items()}
    for one in list(session.identity_map.values()):
        mapped = inspect(one)
        if tuple(mapped.identity) in written.get(mapped.mapper.local_table.name, ()):
            session.refresh(one)


def _columns(known: Made) -> tuple[list[str], list[int]]:
    return [name for name, _ in known.sequences], [last for _, last in known.sequences]


def _take_out(cursor: Any, name: str, known: Made, is_postgres: bool) -> None:
    if name in known.whole:
        cursor.execute(f'DELETE FROM "{name}"')
        return
    mark = "%s" if is_postgres else "?"
    same = " AND ".join(f'"{column.name}" = {mark}' for column in _tables()[name].primary_key)
    if replaced := known.gone.get(name, []) + [_key(name, row) for row in known.changed.get(name, [])]:
        cursor.executemany(f'DELETE FROM "{name}" WHERE {same}', replaced)


@cache
def _places(name: str) -> tuple[int, ...]:
    """Return where the columns of a table's key stand in its rows."""
    table = _tables()[name]
    return tuple(list(table.columns).index(column) for column in table.primary_key)


def _key(name: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(row[place] for place in _places(name))


@cache
def _insert(name: str, is_postgres: bool) -> str:
    marks = ", ".join(["%s" if is_postgres else "?"] * len(_tables()[name].columns))
    overriding = "OVERRIDING SYSTEM VALUE " if is_postgres else ""
    return f'INSERT INTO "{name}" ({_listed(name)}) {overriding}VALUES ({marks})'


@cache
def _listed(name: str) -> str:
    return ", ".join(f'"{column.name}"' for column in _tables()[name].columns)


def _begun(session: Session) -> tuple[Any, ...] | None:
    """Return the calls that led to what stands in the database, none for an empty one; None if nobody knows."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    state = session.info.get(_STATE)
    if state is not None and state[1] == _written(session):
        return tuple(state[0])
    if not _is_empty(session):
        return None
    return session.get_bind().dialect.name, id(session.info[PORTS]), clock._Frozen.at


def _written(session: Session) -> int:
    return int(session.connection().info.get(_WRITTEN, 0))


@event.listens_for(Engine, "before_cursor_execute")
def _count(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
    if not statement.lstrip().startswith(_READS):
        connection.info[_WRITTEN] = connection.info.get(_WRITTEN, 0) + 1


@event.listens_for(Engine, "rollback")
@event.listens_for(Engine, "rollback_savepoint")
def _undone(connection: Any, *_others: Any) -> None:
    connection.info[_WRITTEN] = connection.info.get(_WRITTEN, 0) + 1


@cache
def _tables() -> dict[str, Table]:
    return dict(Base.metadata.tables)


@cache
def _looking_for_rows() -> str:
    return "SELECT " + " OR ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in _tables())


def _is_empty(session: Session) -> bool:
    return not _cursor(session).execute(_looking_for_rows()).fetchone()[0]


def _rows(session: Session) -> Rows:
    cursor = _cursor(session)
    found: Rows = {}
    for name, table in _tables().items():
        columns = [column.name for column in table.columns]
        places = [columns.index(column.name) for column in table.primary_key]
        rows = cursor.execute(
            f'SELECT {", ".join(f"{chr(34)}{one}{chr(34)}" for one in columns)} FROM "{name}"'
        ).fetchall()
        found[name] = {tuple(row[place] for place in places): tuple(row) for row in rows}
    return found


def _sequences(session: Session) -> list[tuple[str, int]]:
    if not _is_postgres(session):
        return []
    asked = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    return [(name, last) for name, last in _cursor(session).execute(asked).fetchall()]


def _written_by_triggers(session: Session) -> frozenset[str]:
    """Return the tables that triggers write to where they can't be told to rest: these are put back as a whole."""
    if _is_postgres(session):
        return frozenset()
    found = _cursor(session).execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    words = {word.strip('"(),;') for (text,) in found for word in text.split("BEGIN", 1)[-1].split()}
    return frozenset(words & set(_tables()))


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _cursor(session: Session) -> Any:
    return session.connection().connection.cursor()


def _pickled(value: object) -> bytes | None:
    """Return a value as bytes, rows by their keys; None if it holds a row that is not in the database, or worse."""
    into = io.BytesIO()
    try:
        _Pickler(into).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return into.getvalue()


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> tuple[type[Any], tuple[Any, ...]] | None:
        if isinstance(value, Session):
            raise pickle.PicklingError
        if not isinstance(value, Base):
            return None
        identity = inspect(value).identity
        if identity is None:
            raise pickle.PicklingError
        return type(value), tuple(identity)


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, session: Session) -> None:
        super().__init__(source)
        self._session = session

    def persistent_load(self, mark: tuple[type[Any], tuple[Any, ...]]) -> Any:
        kind, identity = mark
        return self._session.get_one(kind, identity if len(identity) > 1 else identity[0])
