"""What an attacker does with a copied database: replay its journal commit by commit, and read old row versions."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

WAL_HEADER, FRAME_HEADER = 32, 24
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@dataclass(frozen=True)
class Committed:
    """The rows that one commit left otherwise than it found them, by table: those that are new, and all of them."""

    new: dict[str, list[dict[str, Any]]]
    written: dict[str, list[dict[str, Any]]]


def generations(wal: Path) -> list[bytes]:
    """Return the salts of the frames of a write-ahead log, without repetition: old generations lie behind the last."""
    found: list[bytes] = []
    for _page_number, _size, salts, _page in _frames(wal):
        if salts not in found:
            found.append(salts)
    return found


def replayed(database: Path, work: Path, tables: tuple[str, ...]) -> list[Committed]:
    """Replay the write-ahead log over the database, and return what each commit did to some tables."""
    pages = bytearray(database.read_bytes())
    commits, before = [], _state(pages, work, tables)
    waiting: list[tuple[int, bytes]] = []
    newest = generations(database.with_name(database.name + "-wal"))[:1]
    for number, size, salts, page in _frames(database.with_name(database.name + "-wal")):
        if [salts] != newest:
            break
        waiting.append((number, page))
        if not size:
            continue
        pages.extend(b"\0" * (size * len(page) - len(pages)))
        for place, content in waiting:
            pages[(place - 1) * len(page) : place * len(page)] = content
        waiting.clear()
        after = _state(pages, work, tables)
        commits.append(_difference(before, after))
        before = after
    return commits


def _frames(wal: Path) -> Iterator[tuple[int, int, bytes, bytes]]:
    content = wal.read_bytes() if wal.exists() else b""
    if len(content) < WAL_HEADER:
        return
    page_size = struct.unpack(">I", content[8:12])[0]
    for start in range(WAL_HEADER, len(content) - page_size - FRAME_HEADER + 1, FRAME_HEADER + page_size):
        number, size = struct.unpack(">II", content[start : start + 8])
        page = content[start + FRAME_HEADER : start + FRAME_HEADER + page_size]
        yield number, size, content[start + 8 : start + 16], page


def _state(pages: bytearray, work: Path, tables: tuple[str, ...]) -> dict[str, Rows]:
    """Return the rows of a database's bytes; told not to look for a journal, SQLite reads them as they are."""
    copy = bytearray(pages)
    copy[18:20] = b"\x01\x01"
    work.write_bytes(copy)
    connection = sqlite3.connect(f"file:{work}?immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return {table: _rows(connection, table) for table in tables}
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> Rows:
    keys = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})") if row["pk"]]
    found = connection.execute(f'SELECT * FROM "{table}"')
    return {tuple(row[key] for key in keys): tuple(zip(row.keys(), row, strict=True)) for row in found}


def _difference(before: dict[str, Rows], after: dict[str, Rows]) -> Committed:
    changed = {
        table: {key: row for key, row in rows.items() if before[table].get(key) != row} for table, rows in after.items()
    }
    new = {
        table: [dict(row) for key, row in rows.items() if key not in before[table]] for table, rows in changed.items()
    }
    return Committed(new, {table: [dict(row) for row in rows.values()] for table, rows in changed.items()})


@dataclass(frozen=True)
class RowVersion:
    """One version of a row in a heap of PostgreSQL, dead or alive: who wrote it, who ended or locked it, its bytes."""

    table: str
    transactions: frozenset[int]
    content: bytes


def heap(connection: Connection, table: str) -> list[RowVersion]:
    """Read every version of a table's rows from its file, as who seized the disk would."""
    connection.execute(text("CHECKPOINT"))
    path = f"pg_read_binary_file(pg_relation_filepath('{table}'))"
    content = bytes(connection.execute(text(f"SELECT {path}")).scalar_one())
    return [
        version for start in range(0, len(content), 8192) for version in _versions(table, content[start : start + 8192])
    ]


def _versions(table: str, page: bytes) -> Iterator[RowVersion]:
    lower = struct.unpack("<H", page[12:14])[0]
    for place in range(24, lower, 4):
        pointer = struct.unpack("<I", page[place : place + 4])[0]
        offset, flags, length = pointer & 0x7FFF, pointer >> 15 & 3, pointer >> 17
        if flags == 1 and length:
            written, ended = struct.unpack("<II", page[offset : offset + 8])
            yield RowVersion(table, frozenset({written, ended} - {0}), page[offset : offset + length])
