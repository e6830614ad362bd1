"""What factories made once for an empty database, written down again instead of being made again.

A closed statement with four signatures takes the product half a second of work, and hundreds of tests begin with one.
From the second time on, the rows that the same calls left are put back as they were. Only calls that begin with
nothing are kept, one after the other in one transaction, with nothing else written between: so they stand for exactly
the same rows. Tests of what the journal tells make everything anew.
"""

from __future__ import annotations

import io
import pickle
import re
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
_WRITES = re.compile(r'(?:INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
_READS = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE", "SHOW")


@dataclass(frozen=True)
class Made:
    """What one call of a factory left by table, rows and keys; where the sequences stand; and what it returned."""

    added: dict[str, list[tuple[Any, ...]]]
    changed: dict[str, list[tuple[Any, ...]]]
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
    packed = _pickled(returned)
    if packed is not None:
        _Kept.made[key] = _difference(session, before, _rows(session), packed)
    return returned


def _difference(session: Session, before: Rows, after: Rows, packed: bytes) -> Made:
    whole = _written_by_triggers(session)
    found = Made({}, {}, {}, whole, _sequences(session), packed)
    for name, rows in after.items():
        earlier = before[name]
        if name in whole:
            found.added[name] = list(rows.values())
            continue
        found.added[name] = [row for key, row in rows.items() if key not in earlier]
        found.changed[name] = [row for key, row in rows.items() if key in earlier and earlier[key] != row]
        found.gone[name] = [key for key in earlier if key not in rows]
    return found


def _put_back(session: Session, known: Made) -> Any:
    cursor, is_postgres = _cursor(session), _is_postgres(session)
    cursor.execute("SET LOCAL session_replication_role = replica" if is_postgres else "PRAGMA defer_foreign_keys = ON")
    mark = "%s" if is_postgres else "?"
    for name, keys in known.gone.items():
        _do(cursor, f'DELETE FROM "{name}" WHERE {_same(name, mark)}', keys)
    for name, rows in known.changed.items():  # not taken out and put in: what hangs on them would go with them
        values = ", ".join(f'"{column.name}" = {mark}' for column in _tables()[name].columns)
        changed = [(*row, *_key(name, row)) for row in rows]
        _do(cursor, f'UPDATE "{name}" SET {values} WHERE {_same(name, mark)}', changed)
    for name in sorted(known.added, key=lambda name: name in known.whole):
        if name in known.whole:
            cursor.execute(f'DELETE FROM "{name}"')
        _do(cursor, _insert(name, is_postgres), known.added[name])
    if is_postgres:
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(_GO_ON, _columns(known))
    session.connection().info[_WRITTEN] = _written(session) + 1
    _look_again(session, known)
    return _Unpickler(io.BytesIO(known.returned), session).load()


def _do(cursor: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        cursor.executemany(statement, rows)


def _same(name: str, mark: str) -> str:
    return " AND ".join(f'"{column.name}" = {mark}' for column in _tables()[name].primary_key)


def _look_again(session: Session, known: Made) -> None:
    """Bring what the session has loaded up to what was put back."""
    changed = {name: {_key(name, row) for row in rows} for name, rows in known.changed.items()}
    for one in list(session.identity_map.values()):
        mapped = inspect(one)
        if tuple(mapped.identity) in changed.get(mapped.mapper.local_table.name, ()):
            session.refresh(one)


def _columns(known: Made) -> tuple[list[str], list[int]]:
    return [name for name, _ in known.sequences], [last for _, last in known.sequences]


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
    if not connection.invalidated:
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
    bodies = [text.split("BEGIN", 1)[-1] for (text,) in found]
    return frozenset(name for body in bodies for name in _WRITES.findall(body)) & _tables().keys()


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
