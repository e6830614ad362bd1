"""Reads each row of a mapped sheet as an entry of the directory, with its problems and its doubtful country."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from app.base.countries import CountryGuess, normalise
from app.base.forms import clean_email
from app.base.locales import STATEMENT_LANGUAGES, gettext as _
from app.base.names import UnfitNameError, comparison_key, tidy_name
from app.base.naming import body_name, line_beside, person_name
from app.directory.states import LONGEST_LINE, LONGEST_NOTES, Details, GroupPlace, NewEntry, SignatoryKind
from app.imports.fields import NAME_FIELDS, Field
from app.imports.plans import Plan
from app.sheets.reading import Problem, Sheet, SheetRow

# Our own exports part groups by a bar; Mailchimp writes its tags as "one","two".
_SEPARATORS = re.compile(r"""[|;]|"\s*,\s*\"""")
_ORGANISATION_WORDS = frozenset(
    comparison_key(word)
    for word in (
        "organisation", "organization", "org", "ngo", "company", "association", "foundation", "body", "institution",
        "organización", "organização", "organizzazione", "organisatie", "organizacja", "verein", "организация",
        "організація", "ұйым", "منظمة", "سازمان", "组织", "組織",
    )
)  # fmt: skip
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí", "да", "так", "иә", "نعم", "بله", "是", "✓"})


@dataclass(frozen=True)
class Reading:
    """A row as understood. `country_text` is a doubtful country; `gives_kind` tells that the row names a kind."""

    number: int
    entry: NewEntry
    problems: tuple[Problem, ...] = ()
    country_text: str = ""
    guess: CountryGuess | None = None
    gives_kind: bool = False

    @property
    def is_refused(self) -> bool:
        """Tell whether the row can't be imported as it stands."""
        return any(problem.refused for problem in self.problems)


def read_rows(sheet: Sheet, plan: Plan) -> list[Reading]:
    """Read every row; a refused row keeps what could be read, so that it can be shown."""
    own: dict[int, list[Problem]] = {}
    for problem in sheet.problems:
        if problem.column is None or plan.holds(problem.column) is not Field.IGNORE:
            own.setdefault(problem.row, []).append(problem)
    columns: dict[Field, int] = {c: index for index, c in enumerate(plan.columns) if c is not Field.IGNORE}
    return [_RowReader(row, columns, plan, own.get(row.number, [])).read() for row in sheet.rows]


class _RowReader:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, row: SheetRow, columns: Mapping[Field, int], plan: Plan, problems: Sequence[Problem]) -> None:
        self._row, self._columns, self._plan = row, columns, plan
        self._problems = list(problems)
        self._refused_columns = {problem.column for problem in problems if problem.refused}

    def read(self) -> Reading:
        """Return the row as understood."""
        organisation = self._name(Field.ORGANISATION)
        person, sort_name = self._person()
        kind_text = comparison_key(self._cell(Field.KIND))
        is_organisation = bool(organisation) or kind_text in _ORGANISATION_WORDS
        name = organisation or person
        if not name and not self._refused_columns and not self._is_name_refused():
            self._refuse(None, _("It has no name."))
        representative = self._line(Field.REPRESENTATIVE) or (person if organisation else "")
        code, text, guess = self._country()
        details = Details(
            name=name,
            sort_name=self._name(Field.SORT_NAME) or ("" if organisation else sort_name),
            email=self._email(),
            credential=self._line(Field.CREDENTIAL),
            affiliation=self._line(Field.AFFILIATION),
            country=code,
            language=self._language(),
            representative=representative if is_organisation else "",
            notes=self._checked(Field.NOTES, lambda cell: tidy_name(cell, LONGEST_NOTES)),
        )
        entry = NewEntry(
            details,
            SignatoryKind.ORGANISATION if is_organisation else SignatoryKind.PERSON,
            self._cell(Field.PROMINENT).casefold() in _YES,
            self._places(),
        )
        gives_kind = bool(organisation or kind_text)
        return Reading(self._row.number, entry, tuple(self._problems), text, guess, gives_kind)

    def _is_name_refused(self) -> bool:
        columns = {self._columns[field] for field in NAME_FIELDS if field in self._columns}
        return any(problem.refused and problem.column in columns for problem in self._problems)

    def _cell(self, field: Field) -> str:
        column = self._columns.get(field)
        return "" if column is None or column in self._refused_columns else self._row.cells[column]

    def _refuse(self, column: int | None, message: str, *, refused: bool = True) -> None:
        self._problems.append(Problem(self._row.number, column, message, refused))

    def _checked(self, field: Field, clean: Callable[[str], str]) -> str:
        cell = self._cell(field)
        if not cell:
            return ""
        try:
            return clean(cell)
        except ValueError as error:
            self._refuse(self._columns[field], str(error))
            return ""

    def _name(self, field: Field) -> str:
        return self._checked(field, body_name if self._is_of_a_body(field) else person_name)

    def _is_of_a_body(self, field: Field) -> bool:
        is_organisation = comparison_key(self._cell(Field.KIND)) in _ORGANISATION_WORDS
        return field is Field.ORGANISATION or is_organisation

    def _line(self, field: Field, longest: int = LONGEST_LINE) -> str:
        return self._checked(field, lambda cell: line_beside(cell, longest))

    def _email(self) -> str:
        return self._checked(Field.EMAIL, lambda cell: clean_email(cell.removeprefix("mailto:").strip("<> ")))

    def _person(self) -> tuple[str, str]:
        """Return the full name and what to sort it by, where the list has the halves apart."""
        full = self._name(Field.NAME)
        first, last = self._name(Field.FIRST_NAME), self._name(Field.LAST_NAME)
        if full or not (first or last):
            return full, f"{last}, {first}" if first and last else ""
        try:
            return person_name(f"{first} {last}"), f"{last}, {first}" if first and last else ""
        except UnfitNameError as error:
            self._refuse(self._columns.get(Field.LAST_NAME), str(error))
            return "", ""

    def _country(self) -> tuple[str, str, CountryGuess | None]:
        """Return the code, or the doubtful text with what it may mean."""
        text = self._cell(Field.COUNTRY).strip()
        guess = normalise(text)
        if guess.certain:
            return guess.code or "", "", None
        if text in self._plan.countries:
            return self._plan.countries[text], "", guess
        return "", text, guess

    def _language(self) -> str:
        text = self._cell(Field.LANGUAGE)
        code = _language_code(text)
        if text and not code:
            self._refuse(
                self._columns[Field.LANGUAGE],
                _("“%(text)s” is no language we know. The campaign's language will be used.", text=text[:60]),
                refused=False,
            )
        return code

    def _places(self) -> tuple[GroupPlace, ...]:
        groups = [part.strip(' "') for part in _SEPARATORS.split(self._line(Field.GROUP)) if part.strip(' "')]
        roles = [part.strip() for part in _SEPARATORS.split(self._line(Field.ROLE))]
        if len(groups) == 1:
            roles = [self._line(Field.ROLE)]
        if not groups and self._plan.group:
            return (GroupPlace(self._plan.group, self._line(Field.ROLE)),)
        places = {name: GroupPlace(name[:200], roles[i] if i < len(roles) else "") for i, name in enumerate(groups)}
        if self._plan.group:
            places.setdefault(self._plan.group, GroupPlace(self._plan.group))
        return tuple(places.values())


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    names = {comparison_key(endonym): tag for tag, endonym in STATEMENT_LANGUAGES.items()}
    for tag in STATEMENT_LANGUAGES:
        for reader in ("en", tag.replace("-", "_")):
            name = Locale.parse(reader).languages.get(tag.split("-")[0], "")
            names.setdefault(comparison_key(name), tag)
    return names


@lru_cache(maxsize=1024)
def _language_code(text: str) -> str:
    """Read "en", "fr-FR", "English" or "Українська" as a language that statements can be written in."""
    tag = text.strip().replace("_", "-")
    if tag in STATEMENT_LANGUAGES:
        return tag
    if tag.split("-")[0].lower() in STATEMENT_LANGUAGES:
        return tag.split("-")[0].lower()
    return _language_names().get(comparison_key(text), "")
