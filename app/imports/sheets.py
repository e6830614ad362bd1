"""Reads an uploaded list as CSV or XLSX into a header and rows, and names what stands in the way."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.base.characters import BIDI_OVERRIDES, SEPARATORS
from app.base.errors import Refusal
from app.base.locales import gettext as _
from app.base.sheets import starts_a_formula
from app.imports.decoding import decode

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_UNPACKED_BYTES = 120 * 1024 * 1024
LONGEST_CELL = 2_000
_MOST_PARTS = 2_000
_PROLOGUE_BYTES = 65_536
_DELIMITERS = (";", ",", "\t", "|")
# Every way a line may end, and what else moves a printer's head; none may stand inside a name or an address.
_CONTROL = re.compile(f"[\x00-\x08\x0a-\x1f\x7f-\x9f{SEPARATORS}]")  # a tab parts cells
_BIDI = re.compile(f"[{BIDI_OVERRIDES}]")
_OTHER_FILES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"), (b"\xd0\xcf\x11\xe0", "old Excel (.xls) or Word"), (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"), (b"GIF8", "GIF picture"), (b"\x1f\x8b", "gzip"), (b"{\\rtf", "RTF"),
    (b"<!doctype", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"), (b"BEGIN:VCARD", "vCard"), (b"Rar!", "RAR"),
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something wrong with a row, by its number as a spreadsheet shows it; `refused` rows can't be imported."""

    row: int
    column: int | None
    message: str
    refused: bool


@dataclass(frozen=True)
class SheetRow:
    """One row of the list: its number as a spreadsheet shows it, and a cell for each column of the header."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """An uploaded list as read."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    encoding: str
    delimiter: str
    problems: tuple[Problem, ...]

    def with_first_row_as_data(self) -> Sheet:
        """Take the header for a row too, where the list has no headings."""
        names = tuple(column_letter(index) for index in range(len(self.header)))
        return replace(self, header=names, rows=(SheetRow(1, self.header), *self.rows))


def column_letter(index: int) -> str:
    """Return the letters a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def read_sheet(content: bytes, encoding: str | None = None) -> Sheet:
    """Read an upload; raise a Refusal that names what is wrong and the mend."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n,;|"):
        raise _refusal(_("The file is empty. Choose a list with a row of headings and a row for each signatory."))
    if len(content) > MOST_BYTES:
        raise _refusal(
            _("The file is %(size)s MB; at most %(most)s MB fit. Split the list, or delete columns you don't need.",
              size=f"{len(content) / 1_048_576:.1f}", most=MOST_BYTES // 1_048_576)
        )  # fmt: skip
    if content.startswith(b"PK\x03\x04"):
        return _read_xlsx(content)
    _refuse_other_files(content)
    text, used = decode(content, encoding)
    return _read_csv(text, used)


def _refusal(message: str) -> Refusal:
    return Refusal(message, "file")


def _refuse_other_files(content: bytes) -> None:
    start = content[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    for mark, kind in _OTHER_FILES:
        if start.lower().startswith(mark.lower()):
            raise _refusal(
                _("This is a %(kind)s file, whatever its name says. Save the list as CSV or XLSX and upload that.",
                  kind=kind)
            )  # fmt: skip


# CSV


def _read_csv(text: str, encoding: str) -> Sheet:
    text, delimiter = _declared_delimiter(text)
    delimiter = delimiter or _sniff(text)
    records = enumerate(_records(text, delimiter), start=1)
    return _sheet(records, encoding, delimiter)


def _declared_delimiter(text: str) -> tuple[str, str | None]:
    """Excel may write the delimiter into a first line of its own: "sep=;"."""
    found = re.match(r'"?sep=([,;\t|])"?\r?\n', text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, None)


def _sniff(text: str) -> str:
    """Choose the delimiter by which the heading has several columns and most rows as many."""
    lines = "\n".join(text[:200_000].splitlines()[:200])

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
        raise _refusal(_unclosed_message(text))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise _refusal(_unclosed_message(text)) from error


def _ends_inside_quotes(text: str, delimiter: str) -> bool:
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error) or "field larger" in str(error)
    return False


def _unclosed_message(text: str) -> str:
    line = next((number for number, line in enumerate(text.splitlines(), start=1) if line.count('"') % 2), 1)
    return _(
        "A quotation mark is opened and never closed, probably on line %(line)s. Close it, or delete it.", line=line
    )


# XLSX


def _read_xlsx(content: bytes) -> Sheet:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        worksheet = book.worksheets[0]
        worksheet.reset_dimensions()  # the stated size may be a lie; the bounds below are ours
        records = [
            [_as_text(value) for value in row]
            for row in worksheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 200, values_only=True)
        ]
        book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        SyntaxError,
    ) as error:
        raise _refusal(_damaged_message()) from error
    return _sheet(enumerate(records, start=1), "xlsx", "")


def _damaged_message() -> str:
    return _("The spreadsheet is damaged or no spreadsheet. Open it, save it as XLSX or CSV, and upload that.")


def _declares_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """No spreadsheet program writes a document type; a file that has one wants the parser to expand or fetch things."""
    with archive.open(entry) as part:
        return b"<!DOCTYPE" in part.read(_PROLOGUE_BYTES)


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) <= _MOST_PARTS and any(_declares_entities(archive, entry) for entry in entries):
                raise _refusal(_damaged_message())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise _refusal(_("The file is damaged: it ends too soon. Save the spreadsheet again and upload it.")) from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise _refusal(
            _("This is a ZIP archive or another document, not XLSX. Save the list as XLSX or CSV and upload that.")
        )
    if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise _refusal(
            _("The spreadsheet unpacks to more than %(most)s MB. Copy the list into a new one and save that.",
              most=MOST_UNPACKED_BYTES // 1_048_576)
        )  # fmt: skip


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


# both


def _sheet(records: Iterable[tuple[int, list[str]]], encoding: str, delimiter: str) -> Sheet:
    header: tuple[str, ...] | None = None
    rows: list[SheetRow] = []
    problems: list[Problem] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise _refusal(
                _("The list has more than %(most)s rows. Split it and import the parts one after the other.",
                  most=MOST_ROWS)
            )  # fmt: skip
        rows.append(_row(number, cells, header, problems))
    if header is None:
        raise _refusal(_("The file is empty. Choose a list with a row of headings and a row for each signatory."))
    return Sheet(header, tuple(rows), encoding, delimiter, tuple(problems))


def _header(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        raise _refusal(
            _("The list has %(count)s columns; at most %(most)s fit. Delete those you don't need and upload it again.",
              count=len(cells), most=MOST_COLUMNS)
        )  # fmt: skip
    clean = [" ".join(_BIDI.sub("", _CONTROL.sub(" ", cell)).split())[:100] for cell in cells]
    return tuple(cell or column_letter(index) for index, cell in enumerate(clean))


def _row(number: int, cells: list[str], header: tuple[str, ...], problems: list[Problem]) -> SheetRow:
    if any(cell.strip() for cell in cells[len(header) :]):
        problems.append(
            Problem(number, None,
                    _("It has %(count)s cells where the heading has %(width)s. Perhaps a name holds the delimiter: put "
                      "it in quotation marks.", count=len(cells), width=len(header)), refused=True)
        )  # fmt: skip
    width = len(header)
    fitted = tuple(cells[:width]) + ("",) * (width - len(cells))
    problems.extend(_cell_problems(number, fitted))
    return SheetRow(number, tuple(_tamed(cell) for cell in fitted))


def _tamed(cell: str) -> str:
    """Return what a refused cell holds, cut, with a mark in place of each control character."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", cell.strip())[: LONGEST_CELL + 1]


def _cell_problems(number: int, cells: tuple[str, ...]) -> Iterator[Problem]:
    for column, raw in enumerate(cells):
        cell = raw.strip()
        if found := _CONTROL.search(cell):
            yield Problem(number, column, _control_message(found[0]), refused=True)
        elif found := _BIDI.search(cell):
            yield Problem(
                number, column,
                _("It holds an invisible character that turns the direction of writing (U+%(code)s). Delete it.",
                  code=f"{ord(found[0]):04X}"), refused=True,
            )  # fmt: skip
        elif len(cell) > LONGEST_CELL:
            yield Problem(
                number, column,
                _("It is %(length)s characters long; at most %(most)s fit. Shorten it.", length=len(cell),
                  most=LONGEST_CELL), refused=True,
            )  # fmt: skip
        elif any(unicodedata.category(c) in ("Cs", "Co", "Cn") for c in cell):
            yield Problem(number, column, _("It holds a character that doesn't exist. Type it again."), refused=True)
        elif starts_a_formula(raw):
            yield Problem(number, column, _("It looks like a formula. It is kept as text."), refused=False)


def _control_message(character: str) -> str:
    if character in "\n\r\x0b\x0c\x85\u2028\u2029":
        return _("It holds a line break. Put it on one line.")
    return _("It holds a control character (U+%(code)s). Type it again by hand.", code=f"{ord(character):04X}")
