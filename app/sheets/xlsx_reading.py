"""Runs in a child: reads the first sheet of a spreadsheet in XLSX, after counting what it unpacks to."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.sheets.looks import Look, heard_look
from app.sheets.raw_sheets import MOST_COLUMNS, MOST_ROWS, Obstacle, RawSheet, Unreadable, raw_sheet, told

MOST_UNPACKED_BYTES = 64 * 1024 * 1024
# A list of all the cells that it may have takes four of these for each, and another four for its text.
MOST_MARKS = 3_500_000
_MOST_PARTS = 2_000
_PROLOGUE_BYTES = 65_536
_PIECE_BYTES = 1024 * 1024
# Read beyond what fits, so that too many columns can be counted.
_COLUMNS_READ = MOST_COLUMNS + 200


def answer(content: bytes) -> bytes:
    """Say what a list holds. The first line of `content` is the look that it is read with."""
    look, listed = heard_look(content)
    return told(lambda: _read(listed, look))


def _read(content: bytes, look: Look) -> RawSheet:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        worksheet = next((one for one in book.worksheets if one.title == look.worksheet), book.worksheets[0])
        used = Look(worksheet=worksheet.title, heading_row=look.heading_row)
        worksheet.reset_dimensions()  # the stated size may be a lie; the bounds are ours
        rows = worksheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_COLUMNS_READ, values_only=True)
        return raw_sheet(([_as_text(value) for value in row] for row in rows), used)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        SyntaxError,
    ) as error:
        raise Unreadable(Obstacle.DAMAGED) from error


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist())
            _check_marks(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Unreadable(Obstacle.CUT_SHORT) from error


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Look at what the archive says of itself: nothing is unpacked beyond the sizes that stand there."""
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Unreadable(Obstacle.NO_XLSX)
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise Unreadable(Obstacle.UNPACKED, most=MOST_UNPACKED_BYTES // 1_048_576)


def _check_marks(archive: zipfile.ZipFile) -> None:
    """Count the marks that a reader would have to build, which is cheap; building millions of empty ones is not.

    No spreadsheet program writes a document type: a part that has one wants the reader to expand or fetch things.
    """
    marks = 0
    for part in archive.infolist():
        for number, piece in enumerate(_pieces(archive, part)):
            if not number and b"<!DOCTYPE" in piece[:_PROLOGUE_BYTES]:
                raise Unreadable(Obstacle.DAMAGED)
            marks += piece.count(b"<")
            if marks > MOST_MARKS:
                raise Unreadable(Obstacle.PARTS)


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as opened:
        while piece := opened.read(_PIECE_BYTES):
            yield piece


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
