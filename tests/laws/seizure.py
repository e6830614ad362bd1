"""What an attacker does with a seized database and no key: links rows, looks for odd ones out, searches for words."""

from __future__ import annotations

import base64
import quopri
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.base.database import Base
from app.base.parts import parts_of

# Rows that everybody of a statement shares say nothing about one of them.
SHARED = {"campaigns", "statements", "versions", "organisers", "alembic_version"}
SHORTEST_TELLING = 12  # characters or bytes; shorter values coincide by chance
PUBLIC_ID_LENGTH = 20
CROWD = 5  # a value that more rows of one table share points to nobody


@dataclass(frozen=True)
class Row:
    """One raw row; on PostgreSQL with the number of the transaction that wrote it and where it lies."""

    table: str
    values: dict[str, Any]
    transaction: int | None
    place: int

    @property
    def key(self) -> tuple[str, int]:
        return self.table, self.place

    @property
    def shape(self) -> tuple[Any, ...]:
        """What can be compared between people: which columns are empty, how long the others are, the plain words."""
        return (
            self.table,
            *((name, _shape_of(name, value)) for name, value in sorted(self.values.items())),
        )


def every_row(app: Flask) -> list[Row]:
    """Read every row of every table without the key, in the order in which the database keeps them."""
    with parts_of(app).database.engine.connect() as connection:
        return [row for table in Base.metadata.tables for row in _rows(connection, table)]


def _rows(connection: Connection, table: str) -> Iterator[Row]:
    is_postgres = connection.dialect.name == "postgresql"
    columns = "xmin::text::bigint AS _xmin, t.*" if is_postgres else "t.*"
    order = " ORDER BY ctid" if is_postgres else ""
    found = connection.execute(text(f'SELECT {columns} FROM "{table}" t{order}'))
    for place, values in enumerate(found.mappings()):
        plain = dict(values)
        yield Row(table, plain, plain.pop("_xmin", None), place)


def linked(rows: list[Row], start: Row) -> set[tuple[str, int]]:
    """Return the rows that lead from one row over equal telling values and foreign keys, and on from those."""
    by_value: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        for value in set(_handles(row)):
            by_value[value].append(row)
    for value, sharing in list(by_value.items()):
        if max(Counter(row.table for row in sharing).values()) > CROWD:
            del by_value[value]
    found, waiting = {start.key}, [start]
    while waiting:
        for value in _handles(waiting.pop()):
            for other in by_value.get(value, ()):
                if other.key not in found and other.table not in SHARED:
                    found.add(other.key)
                    waiting.append(other)
    return found


def _handles(row: Row) -> Iterator[Any]:
    """Yield what a row can be found by: its own id, the ids it refers to, and every long value."""
    if row.table in SHARED:
        return
    table = Base.metadata.tables[row.table]
    for name, value in row.values.items():
        if value is None:
            continue
        column = table.columns[name]
        if name == "id":
            yield row.table, value
        for key in column.foreign_keys:
            if key.column.table.name not in SHARED:
                yield key.column.table.name, value
        if isinstance(value, memoryview):
            value = bytes(value)
        if isinstance(value, (str, bytes)) and len(value) >= SHORTEST_TELLING and not _is_common(name):
            yield value
    if row.transaction is not None:
        yield "transaction", row.transaction


def _is_common(name: str) -> bool:
    return name in {"state", "stage", "kind", "visibility", "text_sha256", "mail_class", "message_id"} or name.endswith(
        "_at"
    )


def _shape_of(name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (bytes, memoryview)):
        return len(bytes(value))
    if name == "id" or name.endswith(("_id", "_at")) or (name == "source" and len(value) == PUBLIC_ID_LENGTH):
        return "some"
    return value if isinstance(value, (int, bool)) else str(value)


def disguises(word: str) -> dict[str, bytes]:
    """Return the ways in which a word may stand in a file."""
    utf8 = word.encode()
    found = {
        "UTF-8": utf8,
        "UTF-16 LE": word.encode("utf-16-le"),
        "UTF-16 BE": word.encode("utf-16-be"),
        "JSON": word.encode("ascii", "backslashreplace"),
        "hex": utf8.hex().encode(),
        "HEX": utf8.hex().upper().encode(),
        "quoted-printable": quopri.encodestring(utf8),
        "URL": quote(word).encode(),
    }
    for shift in range(3):
        # Base64 of the word at each of the three offsets, without the letters that its neighbours change.
        encoded = base64.b64encode(b"\0" * shift + utf8 + b"\0" * 3)
        found[f"base64 at {shift}"] = encoded[-(-shift * 4 // 3) + (1 if shift else 0) : len(utf8) * 4 // 3 - 1]
    return {how: needle for how, needle in found.items() if len(needle) >= 5}


def found_in(haystacks: Iterable[bytes], words: Iterable[str]) -> list[tuple[str, str]]:
    """Return which words stand in the bytes, and in which disguise."""
    whole = b"\n".join(haystacks)
    return [(word, how) for word in words for how, needle in disguises(word).items() if needle in whole]
