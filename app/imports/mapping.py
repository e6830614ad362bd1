"""Guesses what each column of a sheet holds, from its heading and a few of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from app.base.countries import normalise
from app.base.locales import lazy_gettext as _l
from app.base.names import comparison_key
from app.imports.headings import HEADINGS


class Field(StrEnum):
    """What a column can hold."""

    IGNORE = "ignore"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    SORT_NAME = "sort_name"
    KIND = "kind"
    ORGANISATION = "organisation"
    REPRESENTATIVE = "representative"
    CREDENTIAL = "credential"
    AFFILIATION = "affiliation"
    COUNTRY = "country"
    EMAIL = "email"
    LANGUAGE = "language"
    GROUP = "group"
    ROLE = "role"
    PROMINENT = "prominent"
    NOTES = "notes"


LABELS = {
    Field.IGNORE: _l("Leave this column out"),
    Field.NAME: _l("Full name"),
    Field.FIRST_NAME: _l("First name"),
    Field.LAST_NAME: _l("Last name"),
    Field.SORT_NAME: _l("Name to sort by"),
    Field.KIND: _l("Person or organisation"),
    Field.ORGANISATION: _l("Name of an organisation that signs"),
    Field.REPRESENTATIVE: _l("Representative of the organisation"),
    Field.CREDENTIAL: _l("Credential (Nobel Peace Prize Laureate 2022)"),
    Field.AFFILIATION: _l("Affiliation (Professor, University of Example)"),
    Field.COUNTRY: _l("Country"),
    Field.EMAIL: _l("E-mail address"),
    Field.LANGUAGE: _l("Language to write in"),
    Field.GROUP: _l("Group"),
    Field.ROLE: _l("Role in the group"),
    Field.PROMINENT: _l("Prominent (listed first)"),
    Field.NOTES: _l("Notes (organisers only)"),
}

_BY_HEADING = {comparison_key(heading): Field(field) for field, headings in HEADINGS.items() for heading in headings}
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_MOST_SAMPLES = 50


def guess_mapping(header: Sequence[str], sample: Iterable[Sequence[str]]) -> tuple[Field, ...]:
    """Return a field for each column; no field but IGNORE twice. A column that is not understood is left out."""
    fields = [_by_heading(heading) for heading in header]
    _settle_names(header, fields)
    taken: set[Field] = set()
    for index, field in enumerate(fields):
        if field in taken:
            fields[index] = Field.IGNORE
        elif field is not Field.IGNORE:
            taken.add(field)
    cells = list(zip(*[row for row, _ in zip(sample, range(_MOST_SAMPLES), strict=False)], strict=False))
    for index, column in enumerate(cells[: len(fields)]):
        found = _by_cells(column)
        if fields[index] is Field.IGNORE and found not in taken and _by_heading(header[index]) is Field.IGNORE:
            fields[index] = found
            taken.add(found)
    return tuple(fields)


def looks_like_data(header: Sequence[str]) -> bool:
    """Tell whether the first row is a signatory rather than headings: nothing understood, or an address in it."""
    if any(_ADDRESS.match(cell.strip()) for cell in header):
        return True
    known = any(comparison_key(cell) in _BY_HEADING for cell in header)
    return not known and any(normalise(cell).code for cell in header)


def _by_heading(heading: str) -> Field:
    return _BY_HEADING.get(comparison_key(heading.replace("_", " ")), Field.IGNORE)


def _settle_names(header: Sequence[str], fields: list[Field]) -> None:
    """A word for half a name may stand for the whole ("Nom" without "Prénom"), or the reverse ("Name", "Vorname")."""
    if Field.LAST_NAME in fields and Field.FIRST_NAME not in fields and Field.NAME not in fields:
        fields[fields.index(Field.LAST_NAME)] = Field.NAME
    if Field.FIRST_NAME in fields and Field.LAST_NAME not in fields:
        if Field.NAME not in fields:
            fields[fields.index(Field.FIRST_NAME)] = Field.NAME
        elif comparison_key(header[fields.index(Field.NAME)]) in ("name", "نام", "имя"):
            fields[fields.index(Field.NAME)] = Field.LAST_NAME
    if Field.NAME in fields and Field.LAST_NAME in fields and Field.FIRST_NAME not in fields:
        # "Имя" beside "Фамилия", "نام" beside "نام خانوادگی": the general word stands for the given name.
        fields[fields.index(Field.NAME)] = Field.FIRST_NAME
    if Field.NAME not in fields and Field.LAST_NAME not in fields and Field.AFFILIATION in fields:
        column = fields.index(Field.AFFILIATION)
        if comparison_key(header[column]) in ("organisation", "organization", "организация", "організація"):
            fields[column] = Field.ORGANISATION


def _by_cells(column: Sequence[str]) -> Field:
    cells = [cell.strip() for cell in column if cell.strip()]
    if cells and sum(1 for cell in cells if _ADDRESS.match(cell)) * 2 > len(cells):
        return Field.EMAIL
    if cells and sum(1 for cell in cells if len(cell) > 2 and normalise(cell).code) * 2 > len(cells):
        return Field.COUNTRY
    return Field.IGNORE
