"""Seal everything with the newest key, in portions and while the house works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import LargeBinary, column, func, inspect, select, table, update

from app.base.database import Database
from app.base.key_proofs import SEALED, row_name
from app.base.rows import has_changed
from app.base.sealing import Place, SealBroken

MOST_ROWS = 200
MOST_BYTES = 8 * 1024 * 1024
log = structlog.get_logger()


@dataclass
class Resealed:
    """What a round did: rows sealed anew, and those that no key at hand opens."""

    rows: int = 0
    closed: int = 0


@dataclass(frozen=True)
class _Sealed:
    """One column of envelopes: `key` orders the rows, `name` is what their envelopes are bound to."""

    table: str
    column: str
    key: str
    name: str

    def selecting(self, *columns: str) -> Any:
        named = [column(each, LargeBinary) if each == self.column else column(each) for each in columns]
        return select(*named).select_from(table(self.table)).where(column(self.column).is_not(None))


def reseal(database: Database, tell: Callable[[str, int], None]) -> Resealed:
    """Seal anew whatever an older key sealed; safe to stop and to begin again. Calls `tell` for each column."""
    done = Resealed()
    for sealed in _columns(database):
        before = done.rows
        last: object = None
        while portion := _portion(database, sealed, last):
            last = portion[-1]
            _reseal(database, sealed, portion, done)
        tell(f"{sealed.table}.{sealed.column}", done.rows - before)
    return done


def _reseal(database: Database, sealed: _Sealed, keys: list[object], done: Resealed) -> None:
    """Seal anew outside of a transaction, then exchange what nobody has changed meanwhile."""
    found = {}
    with database.reading() as session:
        wanted = sealed.selecting(sealed.key, sealed.name, sealed.column).where(column(sealed.key).in_(keys))
        vault = session.info["ports"].vault
        for key, name, envelope in session.execute(wanted):
            try:
                anew = vault.sealed_anew(Place(sealed.table, sealed.column, row_name(name)), bytes(envelope))
            except SealBroken:
                done.closed += 1
                continue
            if anew is not None:
                found[key] = (bytes(envelope), anew)
    if not found:
        return
    changed = table(sealed.table, column(sealed.key), column(sealed.column, LargeBinary))
    with database.writing() as session:
        for key, (old, new) in found.items():
            is_it = (changed.c[sealed.key] == key) & (changed.c[sealed.column] == old)
            done.rows += has_changed(session.execute(update(changed).where(is_it).values({sealed.column: new})))


def _portion(database: Database, sealed: _Sealed, last: object) -> list[object]:
    """Return the keys of the next rows, as many as may be in memory at once."""
    length = func.length(column(sealed.column))
    wanted = sealed.selecting(sealed.key).add_columns(length).order_by(column(sealed.key)).limit(MOST_ROWS)
    if last is not None:
        wanted = wanted.where(column(sealed.key) > last)
    keys: list[object] = []
    size = 0
    with database.reading() as session:
        for key, bytes_of_row in session.execute(wanted):
            size += bytes_of_row
            if keys and size > MOST_BYTES:
                break
            keys.append(key)
    return keys


def _columns(database: Database) -> Iterator[_Sealed]:
    with database.reading() as session:
        inspector = inspect(session.connection())
        for name in sorted(inspector.get_table_names()):
            columns = [each["name"] for each in inspector.get_columns(name)]
            key = next(iter(inspector.get_pk_constraint(name)["constrained_columns"]), "")
            for each in columns:
                if each.endswith(SEALED):
                    yield _Sealed(name, each, key, "public_id" if "public_id" in columns else key)
