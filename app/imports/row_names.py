"""Reads who a row is about: the name, whole or in halves, and an address or an affiliation that stands beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.base.locales import gettext as _
from app.base.names import UnfitNameError, comparison_key
from app.base.naming import body_name, person_name
from app.imports.cells import is_open, on_one_line, sums_up
from app.imports.fields import Field
from app.imports.findings import Findings, Part, RowCells
from app.imports.person_names import ReadName, read_name

_WITH_ADDRESS = re.compile(r"^[\"']?(?P<name>[^<>]*[^\W\d_][^<>]*?)[\"']?\s*<\s*(?P<address>[^<>\s]+@[^<>\s]+)\s*>\W*$")
_PART_OF_NAME = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv", "v", "fils", "hijo", "filho", "neto"})
_HALVES = (Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME)


@dataclass(frozen=True)
class RowName:
    """Who a row is about. `address` and `beside` stood in the cell of the name."""

    name: str
    sort_name: str = ""
    address: str = ""
    beside: str = ""
    degree: str = ""


class NameReader:
    """Reads the names of one row."""

    def __init__(self, cells: RowCells, findings: Findings, habits: Mapping[str, str]) -> None:
        self._cells, self._findings, self._habits = cells, findings, habits

    def body(self, one: Field = Field.ORGANISATION) -> str:
        """Return an organisation's name, or nothing."""
        part = self._cells.first(one)
        text = self._cells.text(one)
        read = text if part.column is None else read_name(text, {"bullets": self._habits.get("bullets", "keep")}).name
        return self._fit(one, part, on_one_line(read), body_name)

    def person(self, *, is_body: bool = False) -> RowName:
        """Return the person's name, from one cell or from its halves."""
        clean = body_name if is_body else person_name
        part = self._cells.first(Field.NAME)
        text = self._cells.text(Field.NAME)
        found = _WITH_ADDRESS.match(on_one_line(text))
        address = found["address"] if found else ""
        read = ReadName(on_one_line(text)) if self._cells.is_mended(Field.NAME) or is_body else self._whole(found, text)
        name = self._fit(Field.NAME, part, read.name, clean)
        if name and "\n" in text and not read.beside:
            self._findings.doubt(Field.NAME, part.column, _("It holds a line break. A comma stands in its place."))
        if name:
            sort_name = read.sort_name or ("" if self._cells.is_mended(Field.NAME) else self._sorted_by_halves(name))
            self._keep_what_it_lacks(name)
            return RowName(name, sort_name, address, read.beside)
        halves = self._halves()
        return RowName(halves.name, halves.sort_name, address, read.beside, halves.degree)

    def _whole(self, found: re.Match[str] | None, text: str) -> ReadName:
        return read_name(found["name"] if found else text, self._habits)

    def _halves(self) -> RowName:
        """Put a name together; what is sorted by is the last name first."""
        if self._cells.is_mended(Field.NAME):
            return RowName("")
        first, middle, last = (self._half(one) for one in _HALVES)
        suffix = on_one_line(self._cells.text(Field.SUFFIX)).strip(", ")
        is_part = comparison_key(suffix) in _PART_OF_NAME
        name = " ".join(part for part in (first, middle, last, suffix if is_part else "") if part)
        given = " ".join(part for part in (first, middle) if part)
        if not (first or last):
            self._keep_what_it_lacks("")
            return RowName("")
        try:
            name = person_name(name)
        except UnfitNameError as error:
            self._findings.refuse(Field.NAME, self._cells.first(Field.LAST_NAME), str(error), name)
            return RowName("")
        return RowName(name, f"{last}, {given}" if given and last else "", degree="" if is_part else suffix)

    def _half(self, one: Field) -> str:
        return self._fit(one, self._cells.first(one), on_one_line(self._cells.text(one)), person_name)

    def _sorted_by_halves(self, name: str) -> str:
        """Sort a whole name by its halves, where the list has both."""
        first, last = (on_one_line(self._cells.text(one)) for one in (Field.FIRST_NAME, Field.LAST_NAME))
        try:
            return person_name(f"{last}, {first}") if first and last and last in name else ""
        except UnfitNameError:
            return ""

    def _keep_what_it_lacks(self, name: str) -> None:
        """Keep what stands beside a whole name, or without any, and isn't in it.

        Once a person wrote the name, they have seen the halves.
        """
        known = f" {comparison_key(name)} "
        halves = _HALVES if name else (Field.MIDDLE_NAME,)
        for one in (*halves, Field.SUFFIX) if not self._cells.is_mended(Field.NAME) else ():
            for part in self._cells.parts(one):
                if f" {comparison_key(part.text)} " not in known:
                    self._findings.keep(part)

    def _fit(self, one: Field, part: Part, text: str, clean: Callable[[str], str]) -> str:
        """Return a text that can be a name; what can't be one is said, and asked for."""
        if not text:
            return ""
        if part.column is not None and is_open(text):
            self._findings.refuse(one, part, _("“%(text)s” is no name. Write the name.", text=text))
            return ""
        if part.column is not None and sums_up(text):
            message = _("“%(text)s” looks like a line that sums up. If it is a name, write it.", text=text)
            self._findings.refuse(one, part, message)
            return ""
        try:
            return clean(text)
        except UnfitNameError as error:
            self._findings.refuse(one, part, str(error), text)
            return ""
