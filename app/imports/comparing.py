"""Compares the rows of a list with the directory and with each other: whom a row may be, and what speaks for it.

Every column counts, also one that is left out of the import: a school or a city tells two people apart all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.directory.matching.finding import find_all
from app.directory.matching.states import Candidate, Detail, Ground, Likeness, Match
from app.directory.queries import DirectoryEntry
from app.directory.states import NewEntry
from app.imports.fields import Field
from app.imports.plans import Plan
from app.imports.rows import Reading
from app.sheets.reading import Sheet

# Their columns are compared as a name, a country, a line and an address.
_COMPARED_OTHERWISE = frozenset({
    Field.NAME, Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME, Field.SUFFIX, Field.TITLE, Field.SORT_NAME,
    Field.ORGANISATION, Field.KIND, Field.CREDENTIAL, Field.AFFILIATION, Field.COUNTRY, Field.EMAIL,
})  # fmt: skip


@dataclass(frozen=True)
class Possible:
    """Somebody whom a row may be: an entry or an earlier row; `answer` is what choosing them stores.

    `agrees` and `differs` name details and, by number, columns; `said` is what an earlier row says in its own.
    """

    answer: str
    likeness: Likeness
    ground: Ground
    entry: NewEntry
    row: int | None = None
    agrees: tuple[Detail | int, ...] = ()
    differs: tuple[Detail | int, ...] = ()
    said: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Compared:
    """Whom each row may be, and what it says in further columns, by its number; and which columns are left out."""

    possible: Mapping[int, Sequence[Possible]]
    columns: Mapping[int, tuple[tuple[int, str], ...]]
    left_out: frozenset[int]

    def left_out_of(self, row: int) -> tuple[tuple[int, str], ...]:
        """Return what a row says that the import leaves out."""
        return tuple((column, value) for column, value in self.columns.get(row, ()) if column in self.left_out)


def compare_rows(sheet: Sheet, plan: Plan, readings: Sequence[Reading], entries: Sequence[DirectoryEntry]) -> Compared:
    """Compare all rows that can be imported and are not known; those of the directory come before earlier rows."""
    columns = _further_columns(sheet, plan)
    sound = [reading for reading in readings if not reading.is_refused and reading.number not in plan.known]
    rows = [_candidate(one.entry, one.gives_kind, columns.get(one.number, ())) for one in sound]
    there = [_candidate(as_new(entry), True) for entry in entries if sound]
    matches, repeats = find_all(rows, there)
    possible: dict[int, list[Possible]] = defaultdict(list)
    for match in matches:
        entry = entries[match.right]
        possible[sound[match.left].number].append(_possible(match, f"same:{entry.public_id}", as_new(entry)))
    for match in repeats:
        first = sound[match.right]
        found = _possible(match, f"row:{first.number}", first.entry, first.number, columns.get(first.number, ()))
        possible[sound[match.left].number].append(found)
    left_out = frozenset(column for column in range(len(sheet.header)) if plan.holds(column) is Field.IGNORE)
    return Compared(possible, columns, left_out)


def as_new(entry: DirectoryEntry) -> NewEntry:
    """Return an entry of the directory as a row would give it."""
    return NewEntry(entry.details, entry.kind, entry.is_prominent)


def groups_of(possible: Iterable[tuple[int, Sequence[Possible]]]) -> dict[int, int]:
    """Return for each row the first row of those that are alike, directly or through others and entries."""
    parents: dict[str, str] = {}
    rows = [(f"row:{number}", found) for number, found in possible]
    for row, found in rows:
        for one in found:
            parents[_top(parents, one.answer)] = _top(parents, row)
    first: dict[str, int] = {}
    for row, _ in rows:
        number = int(row.removeprefix("row:"))
        first[_top(parents, row)] = min(number, first.get(_top(parents, row), number))
    return {int(row.removeprefix("row:")): first[_top(parents, row)] for row, _ in rows}


def _top(parents: dict[str, str], one: str) -> str:
    while (above := parents.get(one, one)) != one:
        parents[one] = parents.get(above, above)
        one = above
    return one


def _further_columns(sheet: Sheet, plan: Plan) -> dict[int, tuple[tuple[int, str], ...]]:
    further = [index for index in range(len(sheet.header)) if plan.holds(index) not in _COMPARED_OTHERWISE]
    return {row.number: tuple(_said(row.cells, further)) for row in sheet.rows}


def _said(cells: Sequence[str], columns: Sequence[int]) -> Iterator[tuple[int, str]]:
    for column in columns:
        if column < len(cells) and cells[column].strip():
            yield column, cells[column].strip()


def _candidate(entry: NewEntry, says_kind: bool, columns: tuple[tuple[int, str], ...] = ()) -> Candidate:
    is_organisation = entry.kind == "organisation" if says_kind else None
    details = entry.details
    remarks = f"{details.notes} {details.representative}"
    return Candidate(
        details.name, details.country, details.public_line, details.email, is_organisation, columns, remarks
    )


def _possible(
    match: Match, answer: str, entry: NewEntry, row: int | None = None, said: tuple[tuple[int, str], ...] = ()
) -> Possible:
    return Possible(answer, match.likeness, match.ground, entry, row, match.agrees, match.differs, said)
