"""Spreadsheets as programs save them, in XLSX, ODS and old Excel, from rows of cells."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape

from openpyxl import Workbook

Rows = Sequence[Sequence[object]]
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM_FROM = 4096  # bytes; a shorter stream would stand in another table


def make_xlsx(sheets: Mapping[str, Rows], change: Callable[[Workbook], object] = lambda book: None) -> bytes:
    """Make a spreadsheet in XLSX with these worksheets, and change it before it is saved."""
    book, out = Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    book.save(out)
    return out.getvalue()


def make_ods(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """Make a spreadsheet in ODS with these worksheets."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}" table:style-name="{"h" if name in hidden else "v"}">'
        f"{''.join(_ods_row(row) for row in rows)}</table:table>"
        for name, rows in sheets.items()
    )
    return ods_of(tables)


def ods_of(tables: str) -> bytes:
    """Make a spreadsheet in ODS whose tables are written by hand; "h" is the style of one that is hidden."""
    spaces = " ".join(f'xmlns:{name}="{_OFFICE}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/>'
        "</style:style>"
        for name, shown in (("v", "true"), ("h", "false"))
    )
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def _ods_row(row: Sequence[object]) -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
        if cell is not None
        else "<table:table-cell/>"
        for cell in row
    )
    return f"<table:table-row>{cells}</table:table-row>"


def make_xls(rows: Rows, name: str = "People") -> bytes:
    """Make a spreadsheet of old Excel (BIFF8) with one worksheet."""
    return ole_of(_biff(rows, name))


def ole_of(stream: bytes, next_sector: int = _END) -> bytes:
    """Put a stream into the container of old Office; `next_sector` is where its last sector says that it goes on."""
    stream = stream.ljust(_STREAM_FROM, b"\0")
    stream += b"\0" * (-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    table = [_FAT, _END, *range(3, sectors + 2), next_sector]
    fat = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<9I", 1, 1, 0, _STREAM_FROM, _END, 0, _END, 0, 0)
    head += struct.pack("<I", _FREE) * ((_SECTOR - len(head)) // 4)
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream)) + bytes(256)
    return head + fat + entries + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return (
        wide.ljust(64, b"\0") + struct.pack("<HBB3I", len(wide), kind, 1, _FREE, _FREE, child) + bytes(36)
        + struct.pack("<IQ", start, size)
    )  # fmt: skip


def _biff(rows: Rows, name: str) -> bytes:
    begin, end = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)), _record(0x0A, b"")
    title = name.encode("utf-16-le")
    length = len(begin) + 4 + 8 + len(title) + len(end)
    bound = _record(0x85, struct.pack("<IBBBB", length, 0, 0, len(name), 1) + title)
    cells = b"".join(
        _record(0x204, struct.pack("<HHHHB", row, column, 0, len(str(cell)), 1) + str(cell).encode("utf-16-le"))
        for row, filled in enumerate(rows)
        for column, cell in enumerate(filled)
        if cell is not None
    )
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6)) + cells + end
    return begin + bound + end + sheet


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
