"""Runs in a child: reads the worksheet that looks like a list of people, in XLSX, ODS or old Excel."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import zip_longest

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from app.sheets.archives import kind_of_archive
from app.sheets.cells import LONGEST_CELL, in_one_line
from app.sheets.looks import Look, LookRequest, heading_key, heard
from app.sheets.raw_sheets import LONGEST_HEADING, MOST_COLUMNS, Obstacle, RawSheet, Unreadable, raw_sheet, told
from app.sheets.unread_links import count_unread_links
from app.sheets.xlsx_parts import Beside, beside_values

_LOOKED_AT = 100  # rows of each worksheet
_MOST_WORKSHEETS = 60
# Read beyond what fits, so that too many columns can be counted.
_COLUMNS_READ = MOST_COLUMNS + 200
_MOST_SHOWN, _LIKE_A_LIST = 3, 11.0  # a heading that is known, and two rows of several cells
_LINKED = "{heading} (link)"


@dataclass(frozen=True)
class _Worksheet:
    """A worksheet, how many rows it has, and how much it looks like a list of people."""

    name: str
    is_hidden: bool
    rows: int
    points: float
    first: list[list[str]]
    sheet: CalamineSheet


def answer(content: bytes) -> bytes:
    """Say what a list holds. The first line of `content` is what is asked."""
    asked, listed = heard(content)
    return told(lambda: _read(listed, asked))


def _read(content: bytes, asked: LookRequest) -> RawSheet:
    kind = kind_of_archive(content) if content.startswith(b"PK") else "xls"
    try:
        with load_workbook(io.BytesIO(content)) as book:
            worksheets = [_look_at(book, one, asked) for one in book.sheets_metadata if _is_table(one)]
            chosen = _chosen(worksheets, asked.look.worksheet)
            sheet = _sheet(content, kind, chosen.sheet, asked)
    except PasswordError as error:
        raise Unreadable(Obstacle.LOCKED) from error
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise Unreadable(Obstacle.NO_OLD_EXCEL if kind == "xls" else Obstacle.DAMAGED) from error
    sheet.worksheets = [(one.name, one.is_hidden, one.rows) for one in worksheets]
    _note_worksheets(sheet, chosen, worksheets)
    return sheet


def _is_table(found: SheetMetadata) -> bool:
    return found.typ == SheetTypeEnum.WorkSheet


def _look_at(book: CalamineWorkbook, found: SheetMetadata, asked: LookRequest) -> _Worksheet:
    """Look at the first rows of a worksheet. Of a hidden one only the size is known until it is asked for."""
    is_hidden = found.visible != SheetVisibleEnum.Visible
    sheet = book.get_sheet_by_name(found.name)
    first = [] if is_hidden else [_texts(row) for row in sheet.to_python(skip_empty_area=False, nrows=_LOOKED_AT)]
    return _Worksheet(found.name, is_hidden, sheet.height, _points(first, asked.headings), first, sheet)


def _points(rows: list[list[str]], known: frozenset[str]) -> float:
    """Say how much a worksheet looks like a list: known headings, addresses, rows of several cells."""
    if not any(cell for row in rows for cell in row):
        return -1.0
    headings = max(sum(1 for cell in row if cell and heading_key(cell) in known) for row in rows)
    addresses = sum(1 for row in rows if any("@" in cell for cell in row))
    tabular = sum(1 for row in rows if sum(1 for cell in row if cell.strip()) > 1)
    return 10.0 * headings + min(addresses, 20) + min(tabular, 20) / 2


def _chosen(worksheets: list[_Worksheet], told_name: str | None) -> _Worksheet:
    visible = [one for one in worksheets if not one.is_hidden]
    if named := next((one for one in worksheets if one.name == told_name), None):
        return named
    if not visible:
        raise Unreadable(Obstacle.HIDDEN if any(one.rows for one in worksheets) else Obstacle.EMPTY)
    if told_name is not None:
        return visible[0]
    best = max(visible, key=lambda one: one.points)
    if best.points < 0 and any(one.rows for one in worksheets if one.is_hidden):
        raise Unreadable(Obstacle.HIDDEN)
    return best


def _sheet(content: bytes, kind: str, worksheet: CalamineSheet, asked: LookRequest) -> RawSheet:
    beside = beside_values(content, worksheet.name) if kind == "xlsx" else Beside()
    used = Look(worksheet=worksheet.name, heading_row=asked.look.heading_row)
    sheet = raw_sheet(_records(worksheet, beside), replace(asked, look=used))
    _add_addresses(sheet, beside)
    sheet.unread_links = count_unread_links(content, kind, sheet.rows)
    return sheet


def _records(worksheet: CalamineSheet, beside: Beside) -> Iterator[list[str]]:
    """Yield every row from the first, so that rows have the numbers that a spreadsheet shows.

    What is merged downwards, such as a country beside five people, belongs to each row. What stands in error is told.
    """
    merged, carried = _merged_downwards(worksheet), dict[int, tuple[int, str]]()
    left = (worksheet.start or (0, 0))[1]
    errors = beside.errors
    for number, row in enumerate(worksheet.iter_rows()):
        cells = [""] * left + _texts(row)
        for column in merged.get(number, ()):
            if column < len(cells):
                carried[column] = (merged[number][column], cells[column])
        for column, (last, text) in carried.items():
            if number <= last:
                cells[column] = text
        if errors:
            cells = [cell or errors.get((number, column), "") for column, cell in enumerate(cells)]
        yield cells


def _merged_downwards(worksheet: CalamineSheet) -> dict[int, dict[int, int]]:
    """Return by row and column where cells merged downwards begin, with their last row."""
    begin: dict[int, dict[int, int]] = {}
    for (row, column), (last_row, last_column) in worksheet.merged_cell_ranges or ():
        if column == last_column and last_row > row:
            begin.setdefault(row, {})[column] = last_row
    return begin


def _texts(row: Sequence[object]) -> list[str]:
    return [value if isinstance(value, str) else _as_text(value) for value in row[:_COLUMNS_READ]]


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _add_addresses(sheet: RawSheet, beside: Beside) -> None:
    """Give addresses that only a link holds a column of their own, beside the one whose text they hang on."""
    by_number = dict(sheet.rows)
    hidden: dict[int, dict[int, str]] = {}
    for (row, column), address in beside.addresses.items():
        cells = by_number.get(row + 1)
        if cells and column < len(cells) and cells[column] and "@" not in cells[column]:
            hidden.setdefault(column, {})[row + 1] = in_one_line(address, LONGEST_CELL)
    for column, addresses in sorted(hidden.items()):
        sheet.header.append(_LINKED.format(heading=sheet.header[column])[:LONGEST_HEADING])
        for number, cells in sheet.rows:
            cells.append(addresses.get(number, ""))


def _note_worksheets(sheet: RawSheet, chosen: _Worksheet, worksheets: Sequence[_Worksheet]) -> None:
    """Another worksheet is worth a look if it is a table too; of a hidden one nothing is shown."""
    others = sorted((one for one in worksheets if one is not chosen), key=lambda one: -one.points)
    here = [cells for cells in chosen.first if any(cells)]
    for one in others[:_MOST_SHOWN]:
        look = replace(sheet.look, worksheet=one.name, heading_row=None)
        there = [cells for cells in one.first if any(cells)]
        pairs = zip_longest(enumerate(here, start=1), enumerate(there, start=1), fillvalue=(0, list[str]()))
        if there:
            sheet.note_other("worksheet", look, one.points >= _LIKE_A_LIST, pairs)
