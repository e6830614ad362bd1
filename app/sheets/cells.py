"""Runs in a child: what a cell may hold, and what is marked in it for somebody to look at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum

from app.base.characters import BIDI_OVERRIDES, SEPARATORS
from app.base.sheets import starts_a_formula

LONGEST_CELL = 2_000
# Every way a line may end; one inside a cell is kept, as a line feed.
_LINE_END = re.compile(f"\r\n|[\n\r\x0b\x0c\x85{SEPARATORS}]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a tab parts cells
_BIDI = re.compile(f"[{BIDI_OVERRIDES}]")
_NO_CHARACTERS = ("Cs", "Co", "Cn")
# What UTF-8 becomes when it is read as Western European: "RenÃ©".
_GARBLED = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_DASH_OR_PHONE = re.compile(r"[+-][\d\s()./-]*")  # no spreadsheet makes anything else of it
_FORMULA_SIGNS = ("=", "+", "-", "@")
_BURMESE = re.compile("[\u1000-\u109f]")
# Zawgyi writes the vowel E before its consonant, as it is drawn, and has forms of its own for what Unicode joins.
_ZAWGYI = re.compile(
    "(?:^|[^\u1000-\u1021\u103b-\u103e\u1039\u103a\u1060-\u1097])\u1031[\u1000-\u1021]|[\u1060-\u1068\u106a-\u106d\u1070-\u107c\u1085\u108a\u1094\u1095]"
)


class Flaw(StrEnum):
    """What is wrong with a row or a cell."""

    WIDTH = "width"
    TOTAL = "total"
    HEADINGS_AGAIN = "headings again"
    CONTROL = "control"
    BIDI = "bidi"
    LENGTH = "length"
    NO_CHARACTER = "no character"
    FORMULA = "formula"
    GARBLED = "garbled"
    ZAWGYI = "zawgyi"


# A flaw as it is told: a row's number, a column or none, its kind and one fact.
Told = tuple[int, int | None, Flaw, str]


def tamed(cell: str, mark: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Return what a cell holds, cut, with a mark in place of each character that nothing can print or encode."""
    if cell.isprintable() and len(cell) <= LONGEST_CELL:  # no control, no half of a character: nearly every cell
        return cell
    cut = _CONTROL.sub(mark, _LINE_END.sub("\n", cell[: LONGEST_CELL + 1]))
    return cut.encode("utf-8", "replace").decode() if not cut.isascii() else cut


def in_one_line(cell: str, longest: int) -> str:
    """Return a cell's text for a heading or a sample: one line, cut, nothing in it that turns the writing."""
    return " ".join(_BIDI.sub("", tamed(cell, " ")).split())[:longest]


def flaws_of(number: int, cells: Sequence[str]) -> Iterator[Told]:
    """Yield what is wrong with the cells of a row, at most one flaw for each."""
    together = "".join(cells)
    is_plain = together.isascii() and together.isprintable() and len(together) <= LONGEST_CELL
    if is_plain and not any(cell[:1] in _FORMULA_SIGNS for cell in cells if cell):
        return  # most rows of a long list
    for column, cell in enumerate(cells):
        if cell and (flaw := _flaw(cell)):
            yield number, column, *flaw


def _flaw(cell: str) -> tuple[Flaw, str] | None:
    if len(cell) > LONGEST_CELL:
        return Flaw.LENGTH, str(len(cell))
    if not cell.isprintable() and (found := _not_printable(cell)):
        return found
    if not cell[0].isalnum() and starts_a_formula(cell) and not _DASH_OR_PHONE.fullmatch(cell):
        return Flaw.FORMULA, ""
    return None if cell.isascii() else _misspelt(cell)


def _not_printable(cell: str) -> tuple[Flaw, str] | None:
    if found := _CONTROL.search(_LINE_END.sub("\n", cell)):
        return Flaw.CONTROL, f"{ord(found[0]):04X}"
    if found := _BIDI.search(cell):
        return Flaw.BIDI, f"{ord(found[0]):04X}"
    if any(unicodedata.category(character) in _NO_CHARACTERS for character in cell):
        return Flaw.NO_CHARACTER, ""
    return None


def _misspelt(cell: str) -> tuple[Flaw, str] | None:
    if _GARBLED.search(cell) and (meant := _ungarbled(cell)):
        return Flaw.GARBLED, meant
    return (Flaw.ZAWGYI, "") if _BURMESE.search(cell) and _ZAWGYI.search(cell) else None


def _ungarbled(cell: str) -> str:
    for encoding in ("windows-1252", "latin-1"):
        try:
            return cell.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""
