"""Runs in a child: counts what a spreadsheet that is a ZIP archive unpacks to, before anything is built of it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from app.sheets.raw_sheets import Obstacle, Unreadable

MOST_UNPACKED_BYTES = 256 * 1024 * 1024
# A list of all the cells that it may have takes four of these for each, and another four for its text.
MOST_MARKS = 13_000_000
_MOST_PARTS = 2_000
_PROLOGUE_BYTES = 65_536
_PIECE_BYTES = 1024 * 1024
_XLSX, _ODS = "xl/workbook.xml", "content.xml"
_ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"


def kind_of_archive(content: bytes) -> str:
    """Return "xlsx" or "ods" once the archive was looked through; raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            kind = _kind(archive)
            _check_marks(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, KeyError, ValueError) as error:
        raise Unreadable(Obstacle.CUT_SHORT) from error
    return kind


def _kind(archive: zipfile.ZipFile) -> str:
    """Look at what the archive says of itself: nothing is unpacked beyond the sizes that stand there."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if not names & {_XLSX, _ODS}:
        raise Unreadable(Obstacle.NO_SPREADSHEET)
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise Unreadable(Obstacle.UNPACKED, most=MOST_UNPACKED_BYTES // 1_048_576)
    if _XLSX in names:
        return "xlsx"
    if "mimetype" not in names or not archive.read("mimetype").startswith(_ODS_KIND):
        raise Unreadable(Obstacle.NO_SPREADSHEET)
    return "ods"


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
