"""Reads an uploaded list, whatever its format, into a header and rows, in a child, and says what stands in the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.background.children import FileBroken, FileReader, FileTooHeavy, read_in_child
from app.base.locales import gettext as _
from app.sheets.looks import Look, LookRequest, heading_keys
from app.sheets.sentences import DAMAGED, TOO_HEAVY, refusal, refusal_of, refuse_other_files, sentence_of

FOUND = Look()  # everything is found
MOST_BYTES = 50_000_000
_MEMORY_BYTES = 512 * 1024 * 1024
_PROCESSOR_SECONDS = 15
_ANSWER_BYTES = 128 * 1024 * 1024
_TEXT = FileReader("app.sheets.csv_reading", _MEMORY_BYTES, _PROCESSOR_SECONDS, _ANSWER_BYTES)
_WORKBOOK = FileReader("app.sheets.workbook_reading", _MEMORY_BYTES, _PROCESSOR_SECONDS, _ANSWER_BYTES)
_CARDS = FileReader("app.sheets.vcard_reading", _MEMORY_BYTES, _PROCESSOR_SECONDS, _ANSWER_BYTES)
_ARCHIVE, _OLD_OFFICE, _CARD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"begin:vcard"


class LookPart(StrEnum):
    """What is guessed of a file: each is a field of Look."""

    ENCODING = "encoding"
    DELIMITER = "delimiter"
    WORKSHEET = "worksheet"
    HEADING_ROW = "heading_row"


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
class OtherLook:
    """Another way to read the file: which guess would be another, and the first rows that are read otherwise then.

    Each pair holds the beginning of a row as it is read and as it would be; a row of number 0 is that of the headings.
    `is_close` tells that this is nearly as likely as what was chosen.
    """

    guess: LookPart
    look: Look
    is_close: bool
    pairs: tuple[tuple[SheetRow, SheetRow], ...]


@dataclass(frozen=True)
class Worksheet:
    """A worksheet of the file, and how many rows it has."""

    name: str
    is_hidden: bool
    rows: int


@dataclass(frozen=True)
class Sheet:
    """An uploaded list as read, the look that it was read with, and what else the file may be.

    `above` are the beginnings of rows that stand over the headings; they are no signatories. `unread_links` are cells
    that link to an address which was not read.
    """

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    look: Look
    problems: tuple[Problem, ...]
    others: tuple[OtherLook, ...] = ()
    above: tuple[SheetRow, ...] = ()
    worksheets: tuple[Worksheet, ...] = ()
    unread_links: int = 0

    def in_doubt(self, decided: Look) -> tuple[OtherLook, ...]:
        """Return the ways to read the file that come close to a guess which nobody has confirmed."""
        return tuple(one for one in self.others if one.is_close and getattr(decided, one.guess) is None)


def read_sheet(content: bytes, look: Look = FOUND, headings: Iterable[str] = ()) -> Sheet:
    """Read an upload as the look says, and find the rest; raise a Refusal that names what is wrong and the mend.

    `headings` are words that are known as headings: the row that they stand in is found better then.
    """
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n,;|"):
        raise refusal_of("empty", {})
    if len(content) > MOST_BYTES:
        raise refusal(
            _("The file is %(size)s MB; at most %(most)s MB fit. Split the list, or delete columns you don't need.",
              size=f"{len(content) / 1_000_000:.1f}", most=MOST_BYTES // 1_000_000)
        )  # fmt: skip
    refuse_other_files(content)
    return _sheet(_told(_reader(content), LookRequest(look, heading_keys(headings)).before(content)))


def _reader(content: bytes) -> FileReader:
    if content.startswith((_ARCHIVE, _OLD_OFFICE)):
        return _WORKBOOK
    is_card = _CARD in content[:200].replace(b"\0", b"").lower()
    return _CARDS if is_card else _TEXT


def _told(reader: FileReader, asked: bytes) -> dict[str, Any]:
    """Let the child read; raise a Refusal in place of what it could not."""
    try:
        said: dict[str, Any] = json.loads(read_in_child(reader, asked))
    except FileTooHeavy as error:
        raise refusal(TOO_HEAVY) from error
    except FileBroken as error:
        raise refusal(DAMAGED) from error
    if "obstacle" in said:
        raise refusal_of(said["obstacle"], said["facts"])
    return said


def _sheet(said: dict[str, Any]) -> Sheet:
    return Sheet(
        header=tuple(said["header"]),
        rows=_rows(said["rows"]),
        look=Look.from_fields(said["look"]),
        problems=tuple(Problem(row, column, *sentence_of(kind, fact)) for row, column, kind, fact in said["flaws"]),
        others=tuple(_other(one) for one in said["others"]),
        above=_rows(said["above"]),
        worksheets=tuple(Worksheet(*one) for one in said["worksheets"]),
        unread_links=said["unread_links"],
    )


def _rows(said: list[tuple[int, list[str]]]) -> tuple[SheetRow, ...]:
    return tuple(SheetRow(number, tuple(cells)) for number, cells in said)


def _other(said: dict[str, Any]) -> OtherLook:
    rows = (_rows(pair) for pair in said["rows"])
    pairs = tuple((one, two) for one, two in rows)
    return OtherLook(LookPart(said["guess"]), Look.from_fields(said["look"]), said["is_close"], pairs)
