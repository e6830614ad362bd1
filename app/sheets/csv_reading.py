"""Runs in a child: reads a list in CSV, whatever its encoding and delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

from app.sheets.decoding import decode
from app.sheets.looks import Look, heard_look
from app.sheets.raw_sheets import Obstacle, RawSheet, Unreadable, raw_sheet, told

_DELIMITERS = (";", ",", "\t", "|")
_SNIFFED_CHARACTERS, _SNIFFED_LINES = 200_000, 200
# A cell of any length is read, so that it can be refused with its row and its column. This is the child's own limit.
csv.field_size_limit(2**31 - 1)


def answer(content: bytes) -> bytes:
    """Say what a list holds. The first line of `content` is the look that it is read with."""
    look, listed = heard_look(content)
    return told(lambda: _read(listed, look))


def _read(content: bytes, look: Look) -> RawSheet:
    text, encoding = decode(content, look.encoding)
    text, declared = _declared_delimiter(text)
    delimiter = look.delimiter or declared or _sniff(text)
    return raw_sheet(_records(text, delimiter), replace(look, encoding=encoding, delimiter=delimiter, worksheet=None))


def _declared_delimiter(text: str) -> tuple[str, str | None]:
    """Excel may write the delimiter into a first line of its own: "sep=;"."""
    found = re.match(r'"?sep=([,;\t|])"?\r?\n', text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, None)


def _sniff(text: str) -> str:
    """Choose the delimiter by which the heading has several columns and most rows as many."""
    lines = "\n".join(text[:_SNIFFED_CHARACTERS].splitlines()[:_SNIFFED_LINES])

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter) if any(row)]
        width = len(rows[0]) if rows else 0
        if width < 2:
            return (0.0, 0)
        return (sum(1 for row in rows if len(row) == width) / len(rows), width)

    best = max(_DELIMITERS, key=score)
    return best if score(best)[1] else ","


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    if _ends_inside_quotes(text, delimiter):
        raise _unclosed(text)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise _unclosed(text) from error


def _ends_inside_quotes(text: str, delimiter: str) -> bool:
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _unclosed(text: str) -> Unreadable:
    line = next((number for number, line in enumerate(text.splitlines(), start=1) if line.count('"') % 2), 1)
    return Unreadable(Obstacle.UNCLOSED, line=line)
