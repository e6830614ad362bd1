"""Reads each row of a mapped sheet as an entry of the directory: nobody is refused for one imperfect cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from babel import Locale

from app.base.countries import CountryGuess, normalise
from app.base.locales import STATEMENT_LANGUAGES, gettext as _
from app.base.names import UnfitNameError, comparison_key
from app.base.naming import body_name, line_beside
from app.directory.states import LONGEST_LINE, Details, GroupPlace, NewEntry, SignatoryKind
from app.imports.cells import is_open, is_stateless, on_one_line, read_addresses
from app.imports.fields import PERSON_FIELDS, Field
from app.imports.findings import Findings, Part, RowCells
from app.imports.plans import PEOPLE, WHO_SIGNS, Plan
from app.imports.row_names import NameReader, RowName
from app.imports.shapes import NO, YES, is_greeting
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
_PERSON_WORDS = frozenset(
    comparison_key(word)
    for word in (
        "person", "individual", "persona", "personne", "pessoa", "persoon", "osoba", "человек", "физлицо", "особа",
        "адам", "شخص", "فرد", "个人", "個人", "privatperson", "einzelperson", "contact",
    )
)  # fmt: skip

# A list holds few affiliations many times.
_line_beside = lru_cache(maxsize=4096)(line_beside)


@dataclass(frozen=True)
class Reading:
    """A row as understood. `country_text` is a doubtful country; `gives_kind` tells that the row names a kind.

    `remarks` say what is kept elsewhere or lost; `mends` are the texts that can be written anew, by field.
    """

    number: int
    entry: NewEntry
    problems: tuple[Problem, ...] = ()
    country_text: str = ""
    guess: CountryGuess | None = None
    gives_kind: bool = False
    remarks: tuple[Problem, ...] = ()
    mends: tuple[tuple[Field, str], ...] = ()
    is_mended: bool = False

    @property
    def is_refused(self) -> bool:
        """Tell whether the row can't be imported as it stands: it has no name."""
        return any(problem.refused for problem in self.problems)


def read_rows(sheet: Sheet, plan: Plan) -> list[Reading]:
    """Read every row; a refused row keeps what could be read, so that it can be shown."""
    return list(each_reading(sheet, plan))


def each_reading(sheet: Sheet, plan: Plan) -> Iterator[Reading]:
    """Read row by row, for those who stop early."""
    own: dict[int, list[Problem]] = {}
    for problem in sheet.problems:
        if problem.column is None or plan.holds(problem.column) is not Field.IGNORE:
            own.setdefault(problem.row, []).append(problem)
    columns = plan.columns_of()
    for row in sheet.rows:
        yield _RowReader(row, sheet.header, columns, plan).read(own.get(row.number, ()))


class _RowReader:
    """Reads one row: every cell has a place in the entry, or goes to its notes and is named."""

    def __init__(
        self, row: SheetRow, header: Sequence[str], columns: Mapping[Field, tuple[int, ...]], plan: Plan
    ) -> None:
        edits = {Field(one): text for one, text in plan.edits.get(row.number, {}).items()}
        self._number, self._plan, self._edits = row.number, plan, edits
        self._cells = RowCells(row, header, columns, edits)
        self._findings = Findings(row.number, self._cells)
        self._names = NameReader(self._cells, self._findings, plan.habits)

    def read(self, flaws: Sequence[Problem]) -> Reading:
        """Return the row as understood."""
        self._findings.take_flaws(flaws, self._plan)
        says_body = self._says_body()
        organisation = self._names.body()
        person = self._names.person(is_body=bool(says_body) and not organisation)
        belongs = self._belongs(organisation, person, says_body)
        organisation = "" if belongs else organisation
        is_body = bool(organisation or says_body)
        places, loose_roles = self._places()
        code, text, guess = self._country()
        details = Details(
            name=self._settled(organisation or person.name),
            sort_name=self._sort_name() or ("" if is_body else person.sort_name),
            email=self._email(person),
            credential=self._joined(Field.CREDENTIAL, [*self._titles(), *self._degree(person)], loose_roles),
            affiliation=self._joined(Field.AFFILIATION, [*self._beside(person), *belongs]),
            country=code,
            language=self._language(),
            representative=self._representative(organisation, person, is_body),
        )
        is_prominent = self._is_prominent()
        for part in self._cells.parts(Field.PHONE):
            self._findings.note(part)
        kind = SignatoryKind.ORGANISATION if is_body else SignatoryKind.PERSON
        entry = NewEntry(replace(details, notes=self._findings.notes()), kind, is_prominent, places)
        gives_kind = bool(organisation) or says_body is not None
        return self._reading(entry, text, guess, gives_kind)

    def _belongs(self, organisation: str, person: RowName, says_body: bool | None) -> Sequence[Part]:
        """Return the organisation as an affiliation, where the row or the whole list says that people sign."""
        people_sign = says_body is False or self._plan.habits.get(WHO_SIGNS) == PEOPLE
        return self._cells.parts(Field.ORGANISATION) if organisation and person.name and people_sign else []

    def _reading(self, entry: NewEntry, country: str, guess: CountryGuess | None, gives_kind: bool) -> Reading:
        problems, remarks = self._findings.told()
        mends = tuple(self._findings.mends.items()) or tuple(self._edits.items())
        return Reading(
            self._number, entry, problems, country, guess, gives_kind, remarks, mends, bool(self._edits)
        )  # fmt: skip

    def _says_body(self) -> bool | None:
        """Return what the column of kinds says: an organisation, a person, or nothing that is understood."""
        part = self._only(Field.KIND)
        key = comparison_key(part.text)
        if not key:
            return None
        if key not in _ORGANISATION_WORDS | _PERSON_WORDS:
            self._findings.keep(part)
        return key in _ORGANISATION_WORDS

    def _only(self, one: Field) -> Part:
        """Return the first cell of a field that can't be joined; what the others say is kept in the notes."""
        first, *others = self._cells.parts(one) or [Part("", None, "")]
        for part in others:
            if comparison_key(part.text) != comparison_key(first.text):
                self._findings.keep(part)
        return first

    def _settled(self, name: str) -> str:
        """Refuse a row without a name; where there is one, what could not be part of it is only marked."""
        if name:
            self._findings.forgive()
        elif not any(problem.refused for problem in self._findings.problems):
            has_people = any(self._cells.has_column(one) for one in PERSON_FIELDS)
            one = Field.NAME if has_people or not self._cells.has_column(Field.ORGANISATION) else Field.ORGANISATION
            self._findings.refuse(one, Part("", None, ""), _("It has no name."))
        return name

    def _sort_name(self) -> str:
        fitting = self._fitting(Field.SORT_NAME, self._findings.said(Field.SORT_NAME), body_name)
        return " ".join(fitting)

    def _fitting(self, one: Field, parts: Sequence[Part], clean: Callable[[str, int], str] = _line_beside) -> list[str]:
        """Return the texts that can stand beside a name; the others are marked and kept in the notes."""
        found: list[str] = []
        for part in parts:
            try:
                text = clean(on_one_line(part.text), LONGEST_LINE)
                if found:
                    line_beside(", ".join([*found, text]), LONGEST_LINE)
            except UnfitNameError as error:
                self._findings.mark(one, part, str(error))
            else:
                found.append(text)
        return found

    def _joined(self, one: Field, before: Sequence[Part] = (), after: Sequence[Part] = ()) -> str:
        return ", ".join(dict.fromkeys(self._fitting(one, [*before, *self._findings.said(one), *after])))

    def _titles(self) -> list[Part]:
        """Return titles that say what somebody did; "Mr" is kept in the notes."""
        found = []
        for part in self._findings.said(Field.TITLE):
            if is_greeting(part.text):
                self._findings.keep(part)
            else:
                found.append(part)
        return found

    def _degree(self, person: RowName) -> list[Part]:
        part = self._cells.first(Field.SUFFIX)
        return [Part(person.degree, part.column, part.heading)] if person.degree else []

    def _beside(self, person: RowName) -> list[Part]:
        part = self._cells.first(Field.NAME)
        return [Part(person.beside, part.column, part.heading)] if person.beside else []

    def _representative(self, organisation: str, person: RowName, is_body: bool) -> str:
        parts = self._findings.said(Field.REPRESENTATIVE)
        if not is_body:
            for part in parts:
                self._findings.keep(part)
            return ""
        named = " ".join(self._fitting(Field.REPRESENTATIVE, parts))
        if organisation and person.name and named:
            name = self._cells.first(Field.NAME)
            self._findings.keep(Part(person.name, name.column, name.heading or self._cells.heading(Field.LAST_NAME)))
        return named or (person.name if organisation else "")

    def _email(self, person: RowName) -> str:
        """Return the first address; others are kept in the notes, and a cell with several is marked."""
        chosen = ""
        for part in self._findings.said(Field.EMAIL):
            found = read_addresses(part.text)
            if not found.addresses:
                self._findings.mark(Field.EMAIL, part, _("This is not a complete e-mail address."))
                continue
            others = [address for address in found.addresses if address != chosen]
            chosen = chosen or others.pop(0)
            words = [text for text in (*found.names, *found.rest) if not _is_of(text, person.name)]
            if len(found.addresses) > 1:
                message = _("It holds several addresses. Mail goes to %(address)s.", address=chosen)
                self._findings.doubt(Field.EMAIL, part.column, message)
            for text in [*others, *words]:
                self._findings.keep(replace(part, text=text))
        for address in read_addresses(person.address).addresses:
            if chosen not in ("", address):
                self._findings.keep(replace(self._cells.first(Field.NAME), text=address))
            chosen = chosen or address
        return chosen

    def _country(self) -> tuple[str, str, CountryGuess | None]:
        """Return the code, or the doubtful text with what it may mean; who is stateless has answered."""
        parts = self._cells.parts(Field.COUNTRY)
        first = next((part for part in parts if not is_open(part.text) or normalise(part.text).certain), None)
        for part in parts:
            if part is not first:
                self._keep_other_country(part, first)
        if first is None:
            return "", "", None
        text = on_one_line(first.text)
        guess = normalise(text)
        if guess.certain:
            return guess.code or "", "", None
        if text in self._plan.countries:
            if not self._plan.countries[text]:
                self._findings.keep(first)
            return self._plan.countries[text], "", guess
        self._findings.keep(first)
        return ("", "", None) if is_stateless(text) else ("", text, guess)

    def _keep_other_country(self, part: Part, first: Part | None) -> None:
        if is_open(part.text):
            self._findings.lose(part)
        elif first is None or not _is_same_country(part.text, first.text):
            self._findings.keep(part)

    def _language(self) -> str:
        parts = self._findings.said(Field.LANGUAGE)
        code = language_code(parts[0].text) if parts else ""
        if parts and not code:
            message = _("“%(text)s” is no language we know. The campaign's language will be used.",
                        text=parts[0].text[:60])  # fmt: skip
            self._findings.mark(Field.LANGUAGE, parts[0], message)
        for part in parts[1:]:
            self._findings.keep(part)
        return code

    def _is_prominent(self) -> bool:
        part = self._only(Field.PROMINENT)
        if part.text.casefold() not in YES | NO:
            self._findings.keep(part)
        return part.text.casefold() in YES

    def _places(self) -> tuple[tuple[GroupPlace, ...], list[Part]]:
        """Return the groups with the roles held in them, and the roles that belong to no group."""
        groups = [text for text in self._split(Field.GROUP) if text]
        roles = self._split(Field.ROLE)
        if len(groups) < 2:
            roles = [text for text in (on_one_line(self._cells.text(Field.ROLE)),) if text]
        if not groups and self._plan.group:
            groups = [self._plan.group]
        places = {
            name: GroupPlace(name, roles[index] if index < len(roles) else "") for index, name in enumerate(groups)
        }
        if self._plan.group:
            places.setdefault(self._plan.group, GroupPlace(self._plan.group))
        part = self._cells.first(Field.ROLE)
        return tuple(places.values()), [replace(part, text=text) for text in roles[len(groups) :] if text]

    def _split(self, one: Field) -> list[str]:
        """Return the groups or roles of a row; what can be none is marked and kept in the notes."""
        found: list[str] = []
        for part in self._findings.said(one):
            for text in _SEPARATORS.split(on_one_line(part.text)):
                try:
                    found.append(line_beside(text.strip(' "')))
                except UnfitNameError as error:
                    self._findings.mark(one, replace(part, text=text.strip()), str(error))
        return found


def _is_same_country(text: str, other: str) -> bool:
    code = normalise(text).code
    return text == other or (code is not None and code == normalise(other).code)


def _is_of(text: str, name: str) -> bool:
    """Tell whether words beside an address are the person's own name."""
    return set(comparison_key(text).split()) <= set(comparison_key(name).split())


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    names = {comparison_key(endonym): tag for tag, endonym in STATEMENT_LANGUAGES.items()}
    for tag in STATEMENT_LANGUAGES:
        for reader in ("en", tag.replace("-", "_")):
            name = Locale.parse(reader).languages.get(tag.split("-")[0], "")
            names.setdefault(comparison_key(name), tag)
    return names


@lru_cache(maxsize=1024)
def language_code(text: str) -> str:
    """Read "en", "fr-FR", "English" or "Українська" as a language that statements can be written in."""
    tag = text.strip().replace("_", "-")
    if tag in STATEMENT_LANGUAGES:
        return tag
    if tag.split("-")[0].lower() in STATEMENT_LANGUAGES:
        return tag.split("-")[0].lower()
    return _language_names().get(comparison_key(text), "")
