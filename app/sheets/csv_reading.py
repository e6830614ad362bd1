"""Runs in a child: reads a list in text, whatever its encoding, its delimiter and its way to quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from app.sheets.decoding import Decoded, decode, telling_lines, text_in
from app.sheets.delimiting import Dialect, find_dialects, records
from app.sheets.looks import NO_HEADINGS, LookRequest, heading_key, heard
from app.sheets.raw_sheets import RawSheet, raw_sheet, told

_CLOSE = 0.8  # of the best way to part the cells
_WORTH_SHOWING = 0.5
_LOOKED_AT = 4000  # characters, for the first rows that another delimiter parts
_FEWEST_NAMES = 3


def answer(content: bytes) -> bytes:
    """Say what a list holds. The first line of `content` is what is asked."""
    asked, listed = heard(content)
    return told(lambda: _read(listed, asked))


def _read(content: bytes, asked: LookRequest) -> RawSheet:
    if b"\n" not in content and b"\0" not in content:
        content = content.replace(b"\r", b"\n")  # as Macs once ended lines
    decoded = decode(content, asked.look.encoding)
    text, declared = _declared_delimiter(decoded.text)
    told_delimiter = asked.look.delimiter if asked.look.delimiter is not None else declared
    dialects = find_dialects(text, told_delimiter, asked.headings)
    dialect = dialects[0][0]
    used = replace(asked.look, encoding=decoded.encoding, delimiter=dialect.delimiter, worksheet=None)
    parted = list(records(text, dialect))
    if names := _names_in_a_line(parted, asked.headings):
        parted, used = names, replace(used, heading_row=NO_HEADINGS)
    sheet = raw_sheet(parted, replace(asked, look=used), is_delimited=True)
    _note_encodings(sheet, content, decoded, dialect)
    _note_delimiters(sheet, text, dialects)
    return sheet


def _declared_delimiter(text: str) -> tuple[str, str | None]:
    """Excel may write the delimiter into a first line of its own: "sep=;"."""
    found = re.match(r'"?sep=([,;\t|])"?\r?\n', text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, None)


def _names_in_a_line(parted: list[list[str]], headings: frozenset[str]) -> list[list[str]]:
    """Return a row for each cell where the whole list is one line of names: "Ann May, Bo Li, Cy Fox"."""
    rows = [row for row in parted if any(cell.strip() for cell in row)]
    cells = [cell.strip() for cell in rows[0] if cell.strip()] if len(rows) == 1 else []
    are_names = all(" " in cell and "@" not in cell and not any(c.isdigit() for c in cell) for cell in cells)
    if len(cells) < _FEWEST_NAMES or not are_names or any(heading_key(cell) in headings for cell in cells):
        return []
    return [[cell] for cell in cells]


def _note_encodings(sheet: RawSheet, content: bytes, decoded: Decoded, dialect: Dialect) -> None:
    for encoding, is_close in decoded.others:
        look = replace(sheet.look, encoding=encoding)
        sheet.note_other("encoding", look, is_close, _spelt(content, dialect, decoded.encoding, encoding))


def _spelt(
    content: bytes, dialect: Dialect, encoding: str, other: str
) -> Iterator[tuple[tuple[int, list[str]], tuple[int, list[str]]]]:
    """Yield the lines that two encodings read otherwise, as each reads them."""
    for number, line in telling_lines(content):
        read, otherwise = (text_in(line.rstrip(b"\r"), name) for name in (encoding, other))
        if read != otherwise:
            yield (number, _cells(read, dialect)), (number, _cells(otherwise, dialect))


def _cells(line: str, dialect: Dialect) -> list[str]:
    return next(iter(dialect.rows(line)), [])


def _note_delimiters(sheet: RawSheet, text: str, dialects: list[tuple[Dialect, float]]) -> None:
    (dialect, best), *rest = dialects
    beginning = text[:_LOOKED_AT]
    for other, score in rest:
        if score < best * _WORTH_SHOWING:
            continue
        look = replace(sheet.look, delimiter=other.delimiter)
        rows = zip_longest(dialect.rows(beginning), other.rows(beginning), fillvalue=list[str]())
        pairs = (((n, one), (n, two)) for n, (one, two) in enumerate(rows, start=1) if one != two)
        sheet.note_other("delimiter", look, score >= best * _CLOSE, pairs)
