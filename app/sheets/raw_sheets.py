"""What the child that reads a list says of it: rows, flaws of cells and what makes it unreadable, without sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from app.sheets.cells import LONGEST_CELL, Flaw, Told, flaws_of, in_one_line, tamed
from app.sheets.looks import NO_HEADINGS, Look, LookRequest
from app.sheets.tables import Record, find_headings, is_filled, is_total

MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELLS = 1_500_000  # that are not empty
MOST_CHARACTERS = 50_000_000
LONGEST_HEADING = 100
_LONGEST_SAMPLE, _WIDEST_SAMPLE, _MOST_SAMPLES = 60, 8, 3
_MOST_ABOVE = 300  # rows that may stand above the headings
_LAST_ROWS = 5  # among which a sum is looked for


class Obstacle(StrEnum):
    """Why nothing of a list can be read."""

    EMPTY = "empty"
    ONLY_HEADINGS = "only headings"
    HIDDEN = "hidden"
    UNDECODABLE = "undecodable"
    NUL = "nul"
    MIXTURE = "mixture"
    UNCLOSED = "unclosed"
    DAMAGED = "damaged"
    CUT_SHORT = "cut short"
    NO_SPREADSHEET = "no spreadsheet"
    NO_OLD_EXCEL = "no old excel"
    LOCKED = "locked"
    UNPACKED = "unpacked"
    PARTS = "parts"
    ROWS = "rows"
    COLUMNS = "columns"
    CELLS = "cells"
    CHARACTERS = "characters"


class Unreadable(Exception):
    """Nothing of the list can be read."""

    def __init__(self, obstacle: Obstacle, **facts: object) -> None:
        super().__init__(obstacle)
        self.obstacle, self.facts = obstacle, facts


@dataclass
class RawSheet:
    """A list as it stands in the file.

    `above` are the rows over the headings, `others` what else the file may be: which guess, the look, how close it is,
    and pairs of rows that are read otherwise. `worksheets` are (name, is hidden, rows);
    `unread_links` are links to addresses that are not read.
    """

    look: Look
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    flaws: list[Told] = field(default_factory=list)
    above: list[tuple[int, list[str]]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    worksheets: list[tuple[str, bool, int]] = field(default_factory=list)
    unread_links: int = 0

    def note_other(
        self, guess: str, look: Look, is_close: bool, pairs: Iterable[tuple[tuple[int, list[str]], ...]]
    ) -> None:
        """Note another way to read the file, with the first rows that it reads otherwise."""
        rows = [[sample(*one) for one in pair] for pair, _ in zip(pairs, range(_MOST_SAMPLES), strict=False)]
        if rows:
            self.others.append({"guess": guess, "look": look.as_fields(), "is_close": is_close, "rows": rows})


def sample(number: int, cells: Iterable[str]) -> tuple[int, list[str]]:
    """Return the beginning of a row, to be looked at."""
    shown = [in_one_line(cell, _LONGEST_SAMPLE) for cell, _ in zip(cells, range(_WIDEST_SAMPLE), strict=False)]
    return number, shown


def told(read: Callable[[], RawSheet]) -> bytes:
    """Return what the child says: the list, or why there is none."""
    try:
        sheet = read()
    except Unreadable as error:
        said: dict[str, Any] = {"obstacle": error.obstacle, "facts": error.facts}
    else:
        said = vars(sheet) | {"look": sheet.look.as_fields()}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def raw_sheet(records: Iterable[list[str]], asked: LookRequest, *, is_delimited: bool = False) -> RawSheet:
    """Take a list's records in; raises Unreadable when there are none or too many.

    In a delimited file a row that is wider than the others was likely cut at a delimiter inside a name.
    """
    filled = _filled(records)
    if not filled:
        raise Unreadable(Obstacle.EMPTY)
    found = find_headings(filled, asked)
    at = next((index for index, (number, _cells) in enumerate(filled) if number == found.row), None)
    headings = [] if at is None else filled[at][1]
    body = filled if at is None else filled[at + 1 :]
    if not body:
        raise Unreadable(Obstacle.ONLY_HEADINGS, row=found.row)
    if len(body) > MOST_ROWS:
        raise Unreadable(Obstacle.ROWS, most=MOST_ROWS)
    sheet = RawSheet(replace(asked.look, heading_row=found.row), _header(headings, body))
    sheet.above = [] if at is None else [sample(*record) for record in filled[:at]]
    _take_rows(sheet, headings, body)
    if is_delimited:
        _mark_wide_rows(sheet, headings, body)
    for other, is_close in found.others:
        look = replace(sheet.look, heading_row=other)
        sheet.note_other("heading_row", look, is_close, _heading_pairs(filled, found.row, other))
    return sheet


def _filled(records: Iterable[list[str]]) -> list[Record]:
    """Return the records that aren't empty, by their number; raises Unreadable for too much of anything."""
    kept: list[Record] = []
    cells = characters = 0
    for number, record in enumerate(records, start=1):
        count = sum(1 for cell in record if cell and not cell.isspace())
        if not count:
            continue
        if len(record) > MOST_COLUMNS:
            del record[max(_width(record), MOST_COLUMNS) :]
        if len(kept) > MOST_ROWS + _MOST_ABOVE:
            raise Unreadable(Obstacle.ROWS, most=MOST_ROWS)
        cells += count
        characters += sum(min(len(cell), LONGEST_CELL) for cell in record)
        if cells > MOST_CELLS:
            raise Unreadable(Obstacle.CELLS, most=MOST_CELLS)
        if characters > MOST_CHARACTERS:
            raise Unreadable(Obstacle.CHARACTERS, most=MOST_CHARACTERS)
        kept.append((number, record))
    return kept


def _width(record: list[str]) -> int:
    return next((index for index in range(len(record), 0, -1) if is_filled(record[index - 1])), 0)


def _header(headings: list[str], body: list[Record]) -> list[str]:
    """Return the headings, and a letter for each column that has none, also beyond the last heading."""
    width = max([_width(headings), *(_width(record) for _number, record in body)])
    if width > MOST_COLUMNS:
        raise Unreadable(Obstacle.COLUMNS, count=width, most=MOST_COLUMNS)
    shown = [in_one_line(cell, LONGEST_HEADING) for cell in headings[:width]]
    shown += [""] * (width - len(shown))
    return [heading or column_letter(index) for index, heading in enumerate(shown)]


def column_letter(index: int) -> str:
    """Return the letters a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def _take_rows(sheet: RawSheet, headings: list[str], body: list[Record]) -> None:
    width, repeated = len(sheet.header), [cell.strip() for cell in headings if is_filled(cell)]
    for number, record in body:
        cells = [cell.strip() for cell in record[:width]]
        if len(cells) < width:
            cells += [""] * (width - len(cells))
        sheet.flaws.extend(flaws_of(number, cells))
        if len(repeated) > 1 and [cell for cell in cells if cell] == repeated:
            sheet.flaws.append((number, None, Flaw.HEADINGS_AGAIN, ""))
        sheet.rows.append((number, [tamed(cell) for cell in cells]))
    for number, cells in sheet.rows[1:][-_LAST_ROWS:]:
        if is_total(cells):
            sheet.flaws.append((number, None, Flaw.TOTAL, ""))


def _mark_wide_rows(sheet: RawSheet, headings: list[str], body: list[Record]) -> None:
    """Where few rows have more cells than the headings, or than most, a delimiter stands inside a name there."""
    usual = len(headings) or sorted(_width(record) for _number, record in body)[len(body) // 2]
    wide = [(number, _width(record)) for number, record in body if _width(record) > usual]
    if len(wide) * 2 < len(body):
        sheet.flaws.extend((number, None, Flaw.WIDTH, str(width)) for number, width in wide)


def _heading_pairs(filled: list[Record], row: int, other: int) -> Iterable[tuple[tuple[int, list[str]], ...]]:
    """Pair the headings that were found, and what the first row is then, with what they would be otherwise."""
    records, numbers = dict(filled), [number for number, _cells in filled]

    def first_two(headings: int) -> list[tuple[int, list[str]]]:
        after = next((number for number in numbers if number > headings), 0)
        return [(NO_HEADINGS, records.get(headings, [])), (after, records.get(after, []))]

    return zip(first_two(row), first_two(other), strict=True)
