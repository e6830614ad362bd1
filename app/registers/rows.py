"""Reads each row of a mapped list as an office: whom to write to and how, and where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
from app.sheets.cells import tamed
from app.sheets.reading import Problem, Sheet

_PARTS = re.compile(r"\s*[|;\n•]\s*")
_PARTS_WITH_COMMAS = re.compile(r"\s*[|;,\n•]\s*")
_LONGEST_QUOTE = 80
_HALVES = (OfficeField.FIRST_NAME, OfficeField.LAST_NAME)


@dataclass(frozen=True)
class OfficeReading:
    """A row as understood; `said` names the parts that stand in the list and are not made up from others.

    `mends` are the texts that can be written anew, by field.
    """

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
    mends: tuple[tuple[OfficeField, str], ...] = ()
    is_mended: bool = False


class _OfficeRow:
    """The cells of a row by what they hold, and what is found out about it while it is read."""

    def __init__(
        self,
        number: int,
        cells: Mapping[OfficeField, Sequence[tuple[str, str]]],
        edits: Mapping[str, str],
    ) -> None:
        self.number = number
        self._cells, self._edits = cells, {OfficeField(one): text for one, text in edits.items()}
        self.notes: list[str] = []
        self.refusals: list[str] = []
        self._problems: list[tuple[str, bool]] = []
        self._mends: dict[OfficeField, str] = {}

    def cells(self, one: OfficeField) -> list[tuple[str, str]]:
        """Return headings and texts of the cells of a field that say something; what a person wrote stands for them."""
        if one in self._edits:
            heading = next((heading for heading, _text in self._cells.get(one, ())), one.label)
            text = tidied(tamed(self._edits[one]))
            return [(heading, text)] if text else []
        found = [(heading, tidied(text)) for heading, text in self._cells.get(one, ())]
        return [(heading, text) for heading, text in found if text and not is_empty(text) and not is_open(text)]

    def text(self, one: OfficeField) -> str:
        """Return the cells of a field as one text."""
        return " ".join(on_one_line(text) for _heading, text in self.cells(one))

    def is_mended(self, one: OfficeField) -> bool:
        """Tell whether a person wrote this."""
        return one in self._edits

    def problem(self, message: str, one: OfficeField | None = None, *, is_kept: bool = False) -> None:
        """Say what is wrong with a field; `is_kept` puts what it says into the notes."""
        self._problems.append((message, is_kept))
        if is_kept and one is not None:
            self.notes.extend(f"{heading}: {on_one_line(text)}" for heading, text in self.cells(one))
        if one is not None:
            self.offer(one)

    def refuse(self, one: OfficeField, message: str) -> None:
        """Say why the row can't be imported."""
        self.refusals.append(message)
        self.offer(one)

    def bar(self, message: str) -> None:
        """Refuse a row whose cells have shifted, or that is nobody, until a person has written whom it means."""
        if not (self.is_mended(OfficeField.NAME) or self.is_mended(OfficeField.OFFICE)):
            self.refusals.append(message)
        for one in self._cells:
            self.offer(one)

    def offer(self, one: OfficeField) -> None:
        """Let a field be written anew; halves of a name are written as the whole."""
        if one in (OfficeField.IGNORE, OfficeField.NOTES):
            return
        one = OfficeField.NAME if one in _HALVES else one
        text = self.text(one) or (" ".join(filter(None, map(self.text, _HALVES))) if one is OfficeField.NAME else "")
        joined = [text for _heading, text in self.cells(one)] if one is OfficeField.EMAIL else [text]
        self._mends.setdefault(one, on_one_line("; ".join(joined)))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the row, though it can be imported; of one that can't, nothing is kept anywhere."""
        return tuple(
            _("%(why)s It is kept in the notes.", why=why) if is_kept and not self.refusals else why
            for why, is_kept in self._problems
        )

    @property
    def mends(self) -> tuple[tuple[OfficeField, str], ...]:
        """The fields that can be written anew, with what they say; of a row that was mended, also those."""
        return tuple((self._mends | self._edits).items()) if self._mends else tuple(self._edits.items())

    @property
    def was_mended(self) -> bool:
        """Tell whether a person wrote anything of it."""
        return bool(self._edits)


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
    reader = _Reader(plan, frozenset(genders), parting_of(sheet, plan))
    found = []
    for row in sheet.rows:
        cells = {one: [(sheet.header[index], row.cells[index]) for index in at] for one, at in columns.items()}
        office_row = _OfficeRow(row.number, cells, plan.edits.get(row.number, {}))
        found.append(reader.read(office_row, flaws.get(row.number, ())))
    return found


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

    def __init__(self, plan: RegisterPlan, genders: frozenset[str], parts_at_commas: bool) -> None:
        self._plan, self._genders = plan, genders
        self._parts = _PARTS_WITH_COMMAS if parts_at_commas else _PARTS

    def read(self, row: _OfficeRow, flaws: Sequence[Problem]) -> OfficeReading:
        """Return a row as understood."""
        self._take_flaws(row, flaws)
        email = self._email(row)
        office = self._checked(row, OfficeField.OFFICE, line_beside)
        written = self._person(row)
        person = self._turned(written)
        if not (office or person.name):
            row.refuse(OfficeField.NAME, _("It names neither an office nor a person."))
        institution = self._checked(row, OfficeField.INSTITUTION, lambda text: body_name(text, NAME_LENGTH))
        if not (institution or self._plan.institution or self._plan.name):
            row.refuse(OfficeField.INSTITUTION, _("It names no institution."))
        language, country = self._language(row), self._country(row)
        belonging = self._belonging(row)
        if country and not self._plan.has(OfficeField.INSTITUTION):
            belonging[RecipientGroupKind.COUNTRY] = (country,)
        greeted = self._greeted(row, office, person)
        own = self._checked(row, OfficeField.SALUTATION, without_comma)
        salutation = own or self._greeting(language or self._plan.language, greeted)
        said = {"office": office, "person": person.name, "salutation": own, "email": email, "language": language}
        facts = RecipientFacts(office, salutation[:200], email, person.name, language or self._plan.language)
        notes = self._notes(row)
        return OfficeReading(
            row.number, institution, country, facts, frozenset(name for name, text in said.items() if text), greeted,
            written, belonging, notes, row.problems, tuple(row.refusals), row.mends, row.was_mended,
        )  # fmt: skip

    def _take_flaws(self, row: _OfficeRow, flaws: Sequence[Problem]) -> None:
        for flaw in flaws:
            if flaw.column is None:
                row.bar(flaw.message)
                continue
            one = self._plan.columns[flaw.column]
            if not row.is_mended(OfficeField.NAME if one in _HALVES else one):
                row.problem(flaw.message, one)

    def _checked(self, row: _OfficeRow, one: OfficeField, clean: Callable[[str], str]) -> str:
        text = row.text(one)
        try:
            return clean(text) if text else ""
        except ValueError as error:
            row.problem(f"{one.label}: {error}", one, is_kept=True)
            return ""

    def _email(self, row: _OfficeRow) -> str:
        cells = row.cells(OfficeField.EMAIL)
        read = [(heading, read_addresses(text)) for heading, text in cells]
        addresses = [(heading, address) for heading, each in read for address in each.addresses]
        row.notes.extend(f"{heading}: {rest}" for heading, each in read for rest in each.rest)
        row.notes.extend(f"{heading}: {address}" for heading, address in addresses[1:])
        if addresses:
            return addresses[0][1]
        if cells:
            row.refuse(OfficeField.EMAIL, _("“%(text)s” is no e-mail address.", text=cells[0][1][:_LONGEST_QUOTE]))
        else:
            row.refuse(OfficeField.EMAIL, _("It has no e-mail address, so no letter could go there."))
        return ""

    def _person(self, row: _OfficeRow) -> OfficeName:
        """Return the name as the list writes it, or as a person wrote it anew."""
        full = self._checked(row, OfficeField.NAME, person_name)
        if row.is_mended(OfficeField.NAME):
            return OfficeName(full)
        first = self._checked(row, OfficeField.FIRST_NAME, person_name)
        last = self._checked(row, OfficeField.LAST_NAME, person_name)
        return OfficeName(full or f"{first} {last}".strip(), first, last)

    def _turned(self, written: OfficeName) -> OfficeName:
        """Return a name as was decided for the whole list."""
        name = written
        if not name.last:
            name = turned_comma(name.name) if self._plan.turns_commas else with_halves(name.name)
        return turned_capitals(name) if self._plan.turns_capitals else name

    def _language(self, row: _OfficeRow) -> str:
        text = row.text(OfficeField.LANGUAGE)
        code = language_code(text) if text else ""
        if text and not code:
            message = _("“%(text)s” is no language we know.", text=text[:_LONGEST_QUOTE])
            row.problem(message, OfficeField.LANGUAGE, is_kept=True)
        return code

    def _country(self, row: _OfficeRow) -> str:
        text = row.text(OfficeField.COUNTRY)
        guess = normalise(text)
        if text and not (guess.certain and guess.code):
            message = _("“%(text)s” is no country we know.", text=text[:_LONGEST_QUOTE])
            row.problem(message, OfficeField.COUNTRY, is_kept=True)
            return ""
        return guess.code or ""

    def _belonging(self, row: _OfficeRow) -> dict[RecipientGroupKind, tuple[str, ...]]:
        named: dict[RecipientGroupKind, dict[str, str]] = {}
        for one, kind in GROUPS.items():
            texts = [text for _heading, text in row.cells(one)]
            texts += [self._plan.group] if one is OfficeField.GROUP and self._plan.group else []
            for piece in (piece for text in texts for piece in self._parts.split(text)):
                try:
                    name = tidy_name(piece, GROUP_NAME_LENGTH)
                except UnfitNameError as error:
                    row.problem(f"{one.label}: {error}", one, is_kept=True)
                    continue
                if name and not is_empty(name):
                    named.setdefault(kind, {}).setdefault(name.casefold(), name)
        belonging = {kind: tuple(names.values()) for kind, names in named.items()}
        if sum(len(names) for names in belonging.values()) > MOST_GROUPS_A_ROW:
            row.problem(_("It belongs to more than %(most)s groups; none is kept.", most=MOST_GROUPS_A_ROW))
            return {}
        return belonging

    def _greeted(self, row: _OfficeRow, office: str, person: OfficeName) -> Greeted:
        title, text = row.text(OfficeField.TITLE), row.text(OfficeField.GENDER)
        manner = manner_of(text, self._genders) if text else None
        if manner is None and title:
            manner = Manner.TITLE
        if text and manner is None:
            message = _("“%(text)s” is not understood as a gender: the neutral salutation is used.",
                        text=text[:_LONGEST_QUOTE])  # fmt: skip
            row.problem(message, OfficeField.GENDER)
        return Greeted(person.name, person.first, person.last, title, office, manner or Manner.NEUTRAL)

    def _greeting(self, language: str, greeted: Greeted) -> str:
        own = self._plan.patterns.get(language, {})
        chosen, neutral = (
            own.get(manner) or default_pattern(language, manner) for manner in (greeted.manner, Manner.NEUTRAL)
        )
        return filled_in(chosen, neutral, greeted)

    def _notes(self, row: _OfficeRow) -> tuple[str, ...]:
        lines = [f"{heading}: {on_one_line(text)}" for heading, text in row.cells(OfficeField.NOTES)]
        kept: list[str] = []
        for line in [*lines, *row.notes]:
            if len("\n".join([*kept, line])) > LONGEST_NOTES:
                row.problem(_("The notes are full. This is not kept: “%(text)s”.", text=line[:_LONGEST_QUOTE]))
            else:
                kept.append(line)
        return tuple(kept)
