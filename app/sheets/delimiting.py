"""Runs in a child: finds what parts the cells of a text, and how those are quoted that hold it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.sheets.looks import ONE_COLUMN, heading_key
from app.sheets.raw_sheets import Obstacle, Unreadable

DELIMITERS = (";", "\t", ",", "|", "^", "~", ":")
_FOUND = DELIMITERS[:-1]  # a colon stands in too many texts to be found; it can be told
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_NEVER = "\x1f"  # parts the cells of a list of one column
_SNIFFED_CHARACTERS, _SNIFFED_LINES, _SNIFFED_HEADINGS = 200_000, 300, 60
# How well one column does, and commas that stand inside sentences: next to it, so that they are shown beside it.
_ONE_COLUMN, _IN_SENTENCES = 0.3, 0.25
# A cell of any length is read, so that it can be refused with its row and its column. This is the child's own limit.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Dialect:
    """How cells are parted and quoted."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    has_spaces_before: bool = False

    def rows(self, text: str, *, strict: bool = False) -> Iterator[list[str]]:
        """Yield the rows of a text; raises csv.Error for a quotation mark left open, if strict."""
        return csv.reader(
            _lines(text), delimiter=self.delimiter or _NEVER, quotechar=self.quote,
            escapechar=self.escape, doublequote=self.escape is None, skipinitialspace=self.has_spaces_before,
            strict=strict,
        )  # fmt: skip


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends; a copy of it as a file would take four bytes for each letter."""
    return (found[0] for found in _LINE.finditer(text))


def find_dialects(text: str, told: str | None, headings: frozenset[str]) -> list[tuple[Dialect, float]]:
    """Return ways to part the text, the likeliest first, each with how well it does from 0 to 1."""
    lines = "\n".join(text[:_SNIFFED_CHARACTERS].splitlines()[:_SNIFFED_LINES])
    scored = [(_quoted(lines, delimiter), _score(lines, delimiter, headings)) for delimiter in (*_FOUND, ONE_COLUMN)]
    ranked = sorted((one for one in scored if one[1] > 0), key=lambda one: -one[1])
    if told is None:
        return ranked
    return [(_quoted(lines, told), 1.0), *(one for one in ranked if one[0].delimiter != told)]


def records(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """Yield every record of a text; raises Unreadable where a quotation mark is left open."""
    if dialect.quote in text and _ends_inside_quotes(text, dialect):
        raise _unclosed(text, dialect)
    try:
        yield from dialect.rows(text)
    except csv.Error as error:
        raise _unclosed(text, dialect) from error


def _score(lines: str, delimiter: str, headings: frozenset[str]) -> float:
    """Say how many rows have as many cells as most have; one column is what remains when nothing else does well."""
    if delimiter == ONE_COLUMN:
        return _ONE_COLUMN
    rows = [row for row in _quoted(lines, delimiter).rows(lines) if any(row)]
    rows = rows[_first_headings(rows, headings) :]  # titles and legends above them have other widths
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    score = count / len(rows) + min(width, 20) / 1000
    return _IN_SENTENCES if delimiter == "," and _is_in_sentences(rows) else score


def _first_headings(rows: list[list[str]], headings: frozenset[str]) -> int:
    known = (sum(1 for cell in row if heading_key(cell) in headings) for row in rows[:_SNIFFED_HEADINGS])
    return next((index for index, count in enumerate(known) if count > 1), 0)


def _is_in_sentences(rows: list[list[str]]) -> bool:
    """Tell whether each comma has a space behind it and the first line has none: "Last, First", not a list's cells."""
    after = [cell for row in rows for cell in row[1:]]
    return len(rows[0]) == 1 and all(cell.startswith(" ") for cell in after)


def _quoted(lines: str, delimiter: str) -> Dialect:
    parted = re.escape(delimiter) if delimiter else "\n"
    edge = f"(?=[ ]*(?:{parted}|\n|\r|$))"
    if '"' not in lines:
        singles = re.findall(f"(?:^|{parted})'[^'\n]*'{edge}", lines, re.MULTILINE)
        return Dialect(delimiter, "'" if len(singles) * 2 >= lines.count("'") > 1 else '"')
    spaced = delimiter not in ("", "\t") and re.search(f'{parted} +"[^"\n]*"{edge}', lines) is not None
    escaped = Dialect(delimiter, '"', "\\", spaced)
    return escaped if '\\"' in lines and _suits(lines, escaped) else Dialect(delimiter, '"', None, spaced)


def _suits(lines: str, escaped: Dialect) -> bool:
    """Tell whether backslashes before quotation marks are there to keep them, and no end of a path."""
    plain = Dialect(escaped.delimiter, '"', None, escaped.has_spaces_before)
    return _is_sound(lines, escaped) and not _is_sound(lines, plain)


def _is_sound(lines: str, dialect: Dialect) -> bool:
    try:
        for _row in dialect.rows(lines, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _ends_inside_quotes(text: str, dialect: Dialect) -> bool:
    try:
        for _row in dialect.rows(text, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _unclosed(text: str, dialect: Dialect) -> Unreadable:
    lines = enumerate(text.splitlines(), start=1)
    line = next((number for number, line in lines if line.count(dialect.quote) % 2), 1)
    return Unreadable(Obstacle.UNCLOSED, line=line)
