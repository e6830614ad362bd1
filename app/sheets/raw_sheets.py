"""What the child that reads a list says of it: rows, flaws of cells and what makes it unreadable, without sentences."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from app.base.characters import BIDI_OVERRIDES, SEPARATORS
from app.base.sheets import starts_a_formula
from app.sheets.looks import NO_HEADINGS, Look

MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELLS = 400_000  # that are not empty
MOST_CHARACTERS = 8_000_000
LONGEST_CELL = 2_000
LONGEST_HEADING = 100
_LINE_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
# Every way a line may end, and what else moves a printer's head; none may stand inside a name or an address.
_CONTROL = re.compile(f"[\x00-\x08\x0a-\x1f\x7f-\x9f{SEPARATORS}]")  # a tab parts cells
_BIDI = re.compile(f"[{BIDI_OVERRIDES}]")
_NO_CHARACTERS = ("Cs", "Co", "Cn")


class Obstacle(StrEnum):
    """Why nothing of a list can be read."""

    EMPTY = "empty"
    UNDECODABLE = "undecodable"
    NUL = "nul"
    MIXTURE = "mixture"
    UNCLOSED = "unclosed"
    DAMAGED = "damaged"
    CUT_SHORT = "cut short"
    NO_XLSX = "no xlsx"
    UNPACKED = "unpacked"
    PARTS = "parts"
    ROWS = "rows"
    COLUMNS = "columns"
    CELLS = "cells"
    CHARACTERS = "characters"


class Flaw(StrEnum):
    """What is wrong with a row or a cell."""

    WIDTH = "width"
    LINE_BREAK = "line break"
    CONTROL = "control"
    BIDI = "bidi"
    LENGTH = "length"
    NO_CHARACTER = "no character"
    FORMULA = "formula"


class Unreadable(Exception):
    """Nothing of the list can be read."""

    def __init__(self, obstacle: Obstacle, **facts: object) -> None:
        super().__init__(obstacle)
        self.obstacle, self.facts = obstacle, facts


@dataclass
class RawSheet:
    """A list as it stands in the file; a flaw is a row's number, a column or none, its kind and one fact."""

    look: Look
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    flaws: list[tuple[int, int | None, Flaw, str]] = field(default_factory=list)


def told(read: Callable[[], RawSheet]) -> bytes:
    """Return what the child says: the list, or why there is none."""
    try:
        sheet = read()
    except Unreadable as error:
        said: dict[str, Any] = {"obstacle": error.obstacle, "facts": error.facts}
    else:
        said = vars(sheet) | {"look": sheet.look.as_fields()}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def raw_sheet(records: Iterable[list[str]], look: Look) -> RawSheet:
    """Take a list's records in; raises Unreadable when there are none or too many."""
    sheet, cells, characters = RawSheet(look), 0, 0
    for number, record in enumerate(records, start=1):
        filled = [cell for cell in record if cell and not cell.isspace()]
        if not filled or number < (look.heading_row or 0):
            continue
        if not sheet.header:
            sheet.header = _header(record)
            sheet.look = replace(look, heading_row=number if look.heading_row != NO_HEADINGS else NO_HEADINGS)
            if look.heading_row != NO_HEADINGS:
                continue
            sheet.header = [column_letter(index) for index in range(len(sheet.header))]
        if len(sheet.rows) == MOST_ROWS:
            raise Unreadable(Obstacle.ROWS, most=MOST_ROWS)
        cells, row = cells + len(filled), _row(number, record, sheet)
        characters += sum(len(cell) for cell in row)
        if cells > MOST_CELLS:
            raise Unreadable(Obstacle.CELLS, most=MOST_CELLS)
        if characters > MOST_CHARACTERS:
            raise Unreadable(Obstacle.CHARACTERS, most=MOST_CHARACTERS)
        sheet.rows.append((number, row))
    if not sheet.header:
        raise Unreadable(Obstacle.EMPTY)
    return sheet


def _header(record: list[str]) -> list[str]:
    """Return the headings, a letter for each that is empty before the last."""
    width = max(index for index, cell in enumerate(record, start=1) if cell.strip())
    if width > MOST_COLUMNS:
        raise Unreadable(Obstacle.COLUMNS, count=width, most=MOST_COLUMNS)
    clean = [" ".join(_BIDI.sub("", _tamed(cell, " ")).split())[:LONGEST_HEADING] for cell in record[:width]]
    return [heading or column_letter(index) for index, heading in enumerate(clean)]


def column_letter(index: int) -> str:
    """Return the letters a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def _row(number: int, record: list[str], sheet: RawSheet) -> list[str]:
    width = len(sheet.header)
    if any(cell.strip() for cell in record[width:]):
        sheet.flaws.append((number, None, Flaw.WIDTH, str(len(record))))
    cells = record[:width] + [""] * (width - len(record))
    sheet.flaws.extend(_flaws(number, cells))
    return [_tamed(cell.strip()) for cell in cells]


def _tamed(cell: str, mark: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Return what a cell holds, cut, with a mark in place of each character that nothing can print or encode."""
    cut = _CONTROL.sub(mark, cell[: LONGEST_CELL + 1])
    return cut.encode("utf-8", "replace").decode() if not cut.isascii() else cut


def _flaws(number: int, cells: list[str]) -> Iterator[tuple[int, int | None, Flaw, str]]:
    for column, raw in enumerate(cells):
        cell = raw.strip()
        if found := _CONTROL.search(cell):
            kind = Flaw.LINE_BREAK if found[0] in _LINE_ENDS else Flaw.CONTROL
            yield number, column, kind, f"{ord(found[0]):04X}"
        elif found := _BIDI.search(cell):
            yield number, column, Flaw.BIDI, f"{ord(found[0]):04X}"
        elif len(cell) > LONGEST_CELL:
            yield number, column, Flaw.LENGTH, str(len(cell))
        elif not cell.isascii() and any(unicodedata.category(c) in _NO_CHARACTERS for c in cell):
            yield number, column, Flaw.NO_CHARACTER, ""
        elif starts_a_formula(raw):
            yield number, column, Flaw.FORMULA, ""
