"""Reads each row of a mapped list as an office: whom to write to and how, and where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.base.countries import normalise
from app.base.locales import gettext as _
from app.base.names import UnfitNameError, tidy_name
from app.base.naming import body_name, line_beside, person_name
from app.imports.cells import is_empty, is_open, on_one_line, read_addresses, tidied
from app.imports.rows import language_code
from app.institutions.groups import GROUP_NAME_LENGTH
from app.institutions.states import LONGEST_NOTES, NAME_LENGTH, RecipientFacts, RecipientGroupKind
from app.registers.fields import GROUPS, OfficeField
from app.registers.names import OfficeName, turned_capitals, turned_comma, with_halves
from app.registers.plans import RegisterPlan
from app.registers.salutations import Greeted, Manner, default_pattern, filled_in, manner_of, without_comma
from app.registers.states import MOST_GROUPS_A_ROW
from app.sheets.reading import Problem, Sheet, SheetRow

_PARTS = re.compile(r"\s*[|;\n•]\s*")
_PARTS_WITH_COMMAS = re.compile(r"\s*[|;,\n•]\s*")
_LONGEST_QUOTE = 80


@dataclass(frozen=True)
class OfficeReading:
    """A row as understood; `said` names the parts that stand in the list and are not made up from others."""

    number: int
    institution: str
    country: str
    facts: RecipientFacts
    said: frozenset[str]
    greeted: Greeted
    written: OfficeName
    belonging: Mapping[RecipientGroupKind, tuple[str, ...]]
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    refusals: tuple[str, ...]


@dataclass
class _Found:
    """What is found out about a row while it is read."""

    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def read_offices(sheet: Sheet, plan: RegisterPlan) -> list[OfficeReading]:
    """Read every row; one that can't be imported keeps what could be read, so that it can be shown."""
    columns: dict[OfficeField, list[int]] = {}
    for index, one in enumerate(plan.columns):
        columns.setdefault(one, []).append(index)
    flaws: dict[int, list[Problem]] = {}
    for flaw in sheet.problems:
        if flaw.refused and (flaw.column is None or plan.columns[flaw.column] is not OfficeField.IGNORE):
            flaws.setdefault(flaw.row, []).append(flaw)
    genders = {
        row.cells[index].strip().casefold() for row in sheet.rows for index in columns.get(OfficeField.GENDER, ())
    }
    reader = _Reader(sheet.header, columns, plan, frozenset(genders), parting_of(sheet, plan))
    return [reader.read(row, flaws.get(row.number, ())) for row in sheet.rows]


def parting_of(sheet: Sheet, plan: RegisterPlan) -> bool:
    """Tell whether commas part several groups in one cell: as it was said, or where all pieces are short words."""
    if plan.parts_at_commas is not None:
        return plan.parts_at_commas
    indexes = [index for index, one in enumerate(plan.columns) if one in GROUPS]
    cells = [row.cells[index] for row in sheet.rows for index in indexes]
    pieces = [piece.strip() for cell in cells if "," in cell for piece in cell.split(",")]
    return bool(pieces) and all(len(piece) <= 12 and " " not in piece for piece in pieces)


class _Reader:
    """Reads the rows of one list."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Mapping[OfficeField, Sequence[int]],
        plan: RegisterPlan,
        genders: frozenset[str],
        parts_at_commas: bool,
    ) -> None:
        self._header, self._columns, self._plan, self._genders = header, columns, plan, genders
        self._parts = _PARTS_WITH_COMMAS if parts_at_commas else _PARTS

    def read(self, row: SheetRow, flaws: Sequence[Problem]) -> OfficeReading:
        """Return a row as understood."""
        found = _Found(problems=[flaw.message for flaw in flaws])
        email = self._email(row, found)
        office = self._checked(row, OfficeField.OFFICE, line_beside, found)
        written = self._person(row, found)
        person = self._turned(written)
        if not (office or person.name):
            found.refusals.append(_("It names neither an office nor a person."))
        institution = self._checked(row, OfficeField.INSTITUTION, lambda text: body_name(text, NAME_LENGTH), found)
        if not (institution or self._plan.institution or self._plan.name):
            found.refusals.append(_("It names no institution."))
        language, country = self._language(row, found), self._country(row, found)
        belonging = self._belonging(row, found)
        if country and not self._plan.has(OfficeField.INSTITUTION):
            belonging[RecipientGroupKind.COUNTRY] = (country,)
        greeted = self._greeted(row, office, person, found)
        own = self._checked(row, OfficeField.SALUTATION, without_comma, found)
        salutation = own or self._greeting(language or self._plan.language, greeted)
        said = {"office": office, "person": person.name, "salutation": own, "email": email, "language": language}
        facts = RecipientFacts(office, salutation[:200], email, person.name, language or self._plan.language)
        return OfficeReading(
            row.number, institution, country, facts, frozenset(name for name, text in said.items() if text), greeted,
            written, belonging, self._notes(row, found), tuple(found.problems), tuple(found.refusals),
        )  # fmt: skip

    def _cells(self, row: SheetRow, one: OfficeField) -> list[tuple[str, str]]:
        """Return headings and texts of the cells of a field that say something."""
        found = [(self._header[index], tidied(row.cells[index])) for index in self._columns.get(one, ())]
        return [(heading, text) for heading, text in found if text and not is_empty(text) and not is_open(text)]

    def _text(self, row: SheetRow, one: OfficeField) -> str:
        return " ".join(on_one_line(text) for _heading, text in self._cells(row, one))

    def _checked(self, row: SheetRow, one: OfficeField, clean: Callable[[str], str], found: _Found) -> str:
        text = self._text(row, one)
        try:
            return clean(text) if text else ""
        except ValueError as error:
            found.problems.append(f"{one.label}: {error}")
            found.notes.extend(f"{heading}: {on_one_line(text)}" for heading, text in self._cells(row, one))
            return ""

    def _email(self, row: SheetRow, found: _Found) -> str:
        cells = self._cells(row, OfficeField.EMAIL)
        read = [(heading, read_addresses(text)) for heading, text in cells]
        addresses = [(heading, address) for heading, each in read for address in each.addresses]
        found.notes.extend(f"{heading}: {rest}" for heading, each in read for rest in each.rest)
        found.notes.extend(f"{heading}: {address}" for heading, address in addresses[1:])
        if addresses:
            return addresses[0][1]
        if cells:
            found.refusals.append(_("“%(text)s” is no e-mail address.", text=cells[0][1][:_LONGEST_QUOTE]))
        else:
            found.refusals.append(_("It has no e-mail address, so no letter could go there."))
        return ""

    def _person(self, row: SheetRow, found: _Found) -> OfficeName:
        """Return the name as the list writes it."""
        first = self._checked(row, OfficeField.FIRST_NAME, person_name, found)
        last = self._checked(row, OfficeField.LAST_NAME, person_name, found)
        full = self._checked(row, OfficeField.NAME, person_name, found)
        return OfficeName(full or f"{first} {last}".strip(), first, last)

    def _turned(self, written: OfficeName) -> OfficeName:
        """Return a name as was decided for the whole list."""
        name = written
        if not name.last:
            name = turned_comma(name.name) if self._plan.turns_commas else with_halves(name.name)
        return turned_capitals(name) if self._plan.turns_capitals else name

    def _language(self, row: SheetRow, found: _Found) -> str:
        text = self._text(row, OfficeField.LANGUAGE)
        code = language_code(text) if text else ""
        if text and not code:
            found.problems.append(_("“%(text)s” is no language we know.", text=text[:_LONGEST_QUOTE]))
        return code

    def _country(self, row: SheetRow, found: _Found) -> str:
        text = self._text(row, OfficeField.COUNTRY)
        guess = normalise(text)
        if text and not (guess.certain and guess.code):
            found.problems.append(
                _("“%(text)s” is no country we know. It is kept in the notes.", text=text[:_LONGEST_QUOTE])
            )
            found.notes.extend(f"{heading}: {text}" for heading, text in self._cells(row, OfficeField.COUNTRY))
            return ""
        return guess.code or ""

    def _belonging(self, row: SheetRow, found: _Found) -> dict[RecipientGroupKind, tuple[str, ...]]:
        named: dict[RecipientGroupKind, dict[str, str]] = {}
        for one, kind in GROUPS.items():
            texts = [text for _heading, text in self._cells(row, one)]
            texts += [self._plan.group] if one is OfficeField.GROUP and self._plan.group else []
            for piece in (piece for text in texts for piece in self._parts.split(text)):
                try:
                    name = tidy_name(piece, GROUP_NAME_LENGTH)
                except UnfitNameError as error:
                    found.problems.append(f"{one.label}: {error}")
                    continue
                if name and not is_empty(name):
                    named.setdefault(kind, {}).setdefault(name.casefold(), name)
        belonging = {kind: tuple(names.values()) for kind, names in named.items()}
        if sum(len(names) for names in belonging.values()) > MOST_GROUPS_A_ROW:
            found.problems.append(_("It belongs to more than %(most)s groups; none is kept.", most=MOST_GROUPS_A_ROW))
            return {}
        return belonging

    def _greeted(self, row: SheetRow, office: str, person: OfficeName, found: _Found) -> Greeted:
        title, text = self._text(row, OfficeField.TITLE), self._text(row, OfficeField.GENDER)
        manner = manner_of(text, self._genders) if text else None
        if manner is None and title:
            manner = Manner.TITLE
        if text and manner is None:
            found.problems.append(
                _(
                    "“%(text)s” is not understood as a gender: the neutral salutation is used.",
                    text=text[:_LONGEST_QUOTE],
                )
            )
        return Greeted(person.name, person.first, person.last, title, office, manner or Manner.NEUTRAL)

    def _greeting(self, language: str, greeted: Greeted) -> str:
        own = self._plan.patterns.get(language, {})
        chosen, neutral = (
            own.get(manner) or default_pattern(language, manner) for manner in (greeted.manner, Manner.NEUTRAL)
        )
        return filled_in(chosen, neutral, greeted)

    def _notes(self, row: SheetRow, found: _Found) -> tuple[str, ...]:
        lines = [f"{heading}: {on_one_line(text)}" for heading, text in self._cells(row, OfficeField.NOTES)]
        kept: list[str] = []
        for line in [*lines, *found.notes]:
            if len("\n".join([*kept, line])) > LONGEST_NOTES:
                found.problems.append(
                    _("The notes are full. This is not kept: “%(text)s”.", text=line[:_LONGEST_QUOTE])
                )
            else:
                kept.append(line)
        return tuple(kept)
