"""Reads an uploaded list as CSV or XLSX into a header and rows, in a child, and says what stands in the way."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from app.background.children import FileBroken, FileReader, FileTooHeavy, read_in_child
from app.base.errors import Refusal
from app.base.locales import gettext as _, lazy_gettext as _l
from app.sheets.looks import NO_HEADINGS, Look, told_look
from app.sheets.raw_sheets import LONGEST_CELL, Flaw, Obstacle, column_letter

FOUND = Look()  # everything is found
MOST_BYTES = 5 * 1024 * 1024
_MEMORY_BYTES = 512 * 1024 * 1024
_PROCESSOR_SECONDS = 10
_ANSWER_BYTES = 64 * 1024 * 1024
_CSV = FileReader("app.sheets.csv_reading", _MEMORY_BYTES, _PROCESSOR_SECONDS, _ANSWER_BYTES)
_XLSX = FileReader("app.sheets.xlsx_reading", _MEMORY_BYTES, _PROCESSOR_SECONDS, _ANSWER_BYTES)
_OTHER_FILES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"), (b"\xd0\xcf\x11\xe0", "old Excel (.xls) or Word"), (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"), (b"GIF8", "GIF picture"), (b"\x1f\x8b", "gzip"), (b"{\\rtf", "RTF"),
    (b"<!doctype", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"), (b"BEGIN:VCARD", "vCard"), (b"Rar!", "RAR"),
)  # fmt: skip
_DAMAGED = _l("The spreadsheet is damaged or no spreadsheet. Open it, save it as XLSX or CSV, and upload that.")
_TOO_HEAVY = _l(
    "Reading the file takes more time or memory than any list needs. Copy the list into a new spreadsheet, save it as "
    "CSV, and upload that."
)
_OBSTACLES = {
    Obstacle.EMPTY: _l("The file is empty. Choose a list with a row of headings and a row for each signatory."),
    Obstacle.UNDECODABLE: _l(
        "Line %(line)s can't be read as %(encoding)s. Save the file as CSV in UTF-8 and upload it again."
    ),
    Obstacle.NUL: _l(
        "Line %(line)s holds a NUL byte, which no name has. Open the file in a spreadsheet, save it as CSV in UTF-8."
    ),
    Obstacle.MIXTURE: _l(
        "The file mixes encodings: line %(good)s is in UTF-8 and line %(bad)s is not. Correct line %(bad)s, "
        "save the file as CSV in UTF-8 and upload it again."
    ),
    Obstacle.UNCLOSED: _l(
        "A quotation mark is opened and never closed, probably on line %(line)s. Close it, or delete it."
    ),
    Obstacle.DAMAGED: _DAMAGED,
    Obstacle.CUT_SHORT: _l("The file is damaged: it ends too soon. Save the spreadsheet again and upload it."),
    Obstacle.NO_XLSX: _l(
        "This is a ZIP archive or another document, not XLSX. Save the list as XLSX or CSV and upload that."
    ),
    Obstacle.UNPACKED: _l(
        "The spreadsheet unpacks to more than %(most)s MB. Copy the list into a new one and save that."
    ),
    Obstacle.PARTS: _TOO_HEAVY,
    Obstacle.ROWS: _l("The list has more than %(most)s rows. Split it and import the parts one after the other."),
    Obstacle.COLUMNS: _l(
        "The list has %(count)s columns; at most %(most)s fit. Delete those you don't need and upload it again."
    ),
    Obstacle.CELLS: _l(
        "The list has more than %(most)s cells that are filled in. Delete columns you don't need, or split it and "
        "import the parts one after the other."
    ),
    Obstacle.CHARACTERS: _l(
        "The list holds more than %(most)s characters. Delete columns you don't need, or split it and import the parts "
        "one after the other."
    ),
}
_FLAWS = {
    Flaw.WIDTH: _l(
        "It has %(fact)s cells where the heading has %(width)s. Perhaps a name holds the delimiter: put it in "
        "quotation marks."
    ),
    Flaw.LINE_BREAK: _l("It holds a line break. Put it on one line."),
    Flaw.CONTROL: _l("It holds a control character (U+%(fact)s). Type it again by hand."),
    Flaw.BIDI: _l("It holds an invisible character that turns the direction of writing (U+%(fact)s). Delete it."),
    Flaw.LENGTH: _l("It is %(fact)s characters long; at most %(most)s fit. Shorten it."),
    Flaw.NO_CHARACTER: _l("It holds a character that doesn't exist. Type it again."),
    Flaw.FORMULA: _l("It looks like a formula. It is kept as text."),
}


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
    """An uploaded list as read, and the look that it was read with."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    look: Look
    problems: tuple[Problem, ...]
    others: tuple[OtherLook, ...] = ()

    def with_first_row_as_data(self) -> Sheet:
        """Take the header for a row too, where the list has no headings."""
        names = tuple(column_letter(index) for index in range(len(self.header)))
        first, look = SheetRow(self.look.heading_row or 1, self.header), replace(self.look, heading_row=NO_HEADINGS)
        return replace(self, header=names, rows=(first, *self.rows), look=look)


@dataclass(frozen=True)
class OtherLook:
    """Another way to read the file, and the first rows that it reads otherwise, each as it is read and as it would be.

    `is_close` tells that it is nearly as likely as the one that was chosen.
    """

    look: Look
    rows: tuple[tuple[SheetRow, SheetRow], ...]
    is_close: bool


def read_sheet(content: bytes, look: Look = FOUND) -> Sheet:
    """Read an upload as the look says, and find the rest; raise a Refusal that names what is wrong and the mend."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n,;|"):
        raise _refusal(_OBSTACLES[Obstacle.EMPTY])
    if len(content) > MOST_BYTES:
        raise _refusal(
            _("The file is %(size)s MB; at most %(most)s MB fit. Split the list, or delete columns you don't need.",
              size=f"{len(content) / 1_048_576:.1f}", most=MOST_BYTES // 1_048_576)
        )  # fmt: skip
    if content.startswith(b"PK\x03\x04"):
        return _sheet(_told(_XLSX, told_look(look) + content))
    _refuse_other_files(content)
    return _sheet(_told(_CSV, told_look(look) + content))


def _refusal(message: object) -> Refusal:
    return Refusal(message, "file")


def _refuse_other_files(content: bytes) -> None:
    start = content[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    for mark, kind in _OTHER_FILES:
        if start.lower().startswith(mark.lower()):
            raise _refusal(
                _("This is a %(kind)s file, whatever its name says. Save the list as CSV or XLSX and upload that.",
                  kind=kind)
            )  # fmt: skip


def _told(reader: FileReader, content: bytes) -> dict[str, Any]:
    """Let the child read; raise a Refusal in place of what it could not."""
    try:
        said: dict[str, Any] = json.loads(read_in_child(reader, content))
    except FileTooHeavy as error:
        raise _refusal(_TOO_HEAVY) from error
    except FileBroken as error:
        raise _refusal(_DAMAGED) from error
    if "obstacle" in said:
        raise _refusal(str(_OBSTACLES[Obstacle(said["obstacle"])]) % said["facts"])
    return said


def _sheet(said: dict[str, Any]) -> Sheet:
    width = len(said["header"])
    return Sheet(
        header=tuple(said["header"]),
        rows=tuple(SheetRow(number, tuple(cells)) for number, cells in said["rows"]),
        look=Look.from_fields(said["look"]),
        problems=tuple(_problem(width, *flaw) for flaw in said["flaws"]),
    )


def _problem(width: int, row: int, column: int | None, kind: str, fact: str) -> Problem:
    message = str(_FLAWS[Flaw(kind)]) % {"fact": fact, "width": width, "most": LONGEST_CELL}
    return Problem(row, column, message, refused=kind != Flaw.FORMULA)
