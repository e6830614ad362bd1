"""The dry run of an import: what would happen to each row, what it would change, and what a person must decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base.countries import normalise
from app.base.names import same_name_key
from app.directory.matching.states import Ground, Likeness
from app.directory.queries import DirectoryEntry, every_entry, roles_of
from app.directory.states import Details, GroupPlace, NewEntry
from app.imports.comparing import Compared, Possible, as_new, compare_rows
from app.imports.fields import Field
from app.imports.plans import DIFFERENT, KnownRow, Plan
from app.imports.rows import Reading
from app.sheets.reading import Problem, Sheet

_FIELDS = ("sort_name", "email", "credential", "affiliation", "country", "language", "representative", "notes")


class RowVerdict(StrEnum):
    """What would happen to a row."""

    ADD = "add"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REPEAT = "repeat"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True)
class Change:
    """One field of an entry before and after. `field` is a field of Details, "kind", "prominent" or "group"."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Reviewed:
    """One row of the dry run."""

    number: int
    entry: NewEntry
    verdict: RowVerdict
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    possible: tuple[Possible, ...] = ()
    answer: str = ""
    country_text: str = ""
    target: str = ""
    remarks: tuple[Problem, ...] = ()
    mends: tuple[tuple[Field, str], ...] = ()
    is_mended: bool = False
    left_out: tuple[tuple[int, str], ...] = ()
    gives_kind: bool = False
    known: KnownRow | None = None

    @property
    def has_exact(self) -> bool:
        """Tell whether one match is beyond doubt, so that it may be accepted in bulk."""
        return bool(self.possible) and self.possible[0].likeness is Likeness.EXACT

    @property
    def has_only_name(self) -> bool:
        """Tell whether there is one namesake, and nothing else to tell by."""
        return len(self.possible) == 1 and self.possible[0].ground is Ground.ONLY_NAME


@dataclass(frozen=True)
class CountryQuestion:
    """A text that is no certain country, with its suggestions and how many rows hold it."""

    text: str
    suggestions: tuple[str, ...]
    rows: tuple[int, ...]
    answer: str | None


@dataclass(frozen=True)
class Review:
    """The whole dry run. `after` holds every entry to be updated, as it would be, by public id."""

    rows: tuple[Reviewed, ...]
    countries: tuple[CountryQuestion, ...]
    additions: tuple[tuple[int, NewEntry], ...]
    after: Mapping[str, NewEntry] = field(default_factory=dict)

    def count(self, *verdicts: RowVerdict) -> int:
        """Count rows by verdict."""
        return sum(1 for row in self.rows if row.verdict in verdicts)

    @property
    def open_questions(self) -> int:
        """Count the rows that wait for an answer."""
        return self.count(RowVerdict.ASKED)

    @property
    def open_countries(self) -> int:
        """Count the rows whose country nobody has understood yet; they wait for nothing."""
        return sum(1 for row in self.rows if row.country_text)


def review_sheet(session: Session, campaign_id: int, sheet: Sheet, plan: Plan, readings: Sequence[Reading]) -> Review:
    """Compare a sheet, whose rows were read, with the directory as it is now. Changes nothing."""
    entries = list(every_entry(session, campaign_id, "compare an import"))
    judge = _Judge(session, plan, entries, compare_rows(sheet, plan, readings, entries))
    return judge.judge(readings)


def judge_again(session: Session, entries: Sequence[DirectoryEntry], plan: Plan, rows: Sequence[Reviewed]) -> Review:
    """Judge some rows anew after answers, in their order; whom each may be stays as it was found.

    The rows must be all whose answers depend on each other, and the entries all that they may go to.
    """
    readings = [
        Reading(
            row.number, row.entry, row.problems, row.country_text, gives_kind=row.gives_kind, remarks=row.remarks,
            mends=row.mends, is_mended=row.is_mended,
        )
        for row in rows
    ]  # fmt: skip
    plan = replace(plan, countries={}, known={row.number: row.known for row in rows if row.known is not None})
    columns = {row.number: row.left_out for row in rows}
    left_out = frozenset(column for row in rows for column, _value in row.left_out)
    compared = Compared({row.number: row.possible for row in rows}, columns, left_out)
    return _Judge(session, plan, entries, compared).judge(readings)


class _Judge:
    """Walks the rows in their order, so that two rows for one entry add up."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        entries: Sequence[DirectoryEntry],
        compared: Compared,
    ) -> None:
        self._plan = plan
        self._compared = compared
        self._before = {entry.public_id: entry for entry in entries}
        self._places = self._places_of_targets(session)
        self._after: dict[str, NewEntry] = {}
        self._additions: dict[int, NewEntry] = {}
        self._went_to: dict[int, str] = {}
        self._stands_for: dict[int, int] = {}

    def judge(self, readings: Sequence[Reading]) -> Review:
        """Return what would happen to every row."""
        rows = tuple(self._row(reading) for reading in readings)
        return Review(rows, _country_questions(readings, self._plan), tuple(self._additions.items()), self._after)

    def _places_of_targets(self, session: Session) -> dict[str, tuple[GroupPlace, ...]]:
        targets = {answer.removeprefix("same:") for answer in self._plan.answers.values() if answer.startswith("same:")}
        targets |= {known.target for known in self._plan.known.values()}
        ids = {self._before[target].id: target for target in targets if target in self._before}
        roles = roles_of(session, ids, "compare an import")
        return {
            ids[row]: tuple(GroupPlace(held.group, held.role) for held in held_roles)
            for row, held_roles in roles.items()
        }

    def _row(self, reading: Reading) -> Reviewed:
        if (known := self._plan.known.get(reading.number)) and known.target in self._before:
            return self._known(reading, known)
        possible = tuple(self._compared.possible.get(reading.number, ()))
        answer = self._plan.answers.get(reading.number, "")
        if answer != DIFFERENT and answer not in {item.answer for item in possible}:
            answer = ""
        seen = Reviewed(
            reading.number, reading.entry, RowVerdict.ASKED, reading.problems, possible=possible, answer=answer,
            country_text=reading.country_text, remarks=reading.remarks, mends=reading.mends,
            is_mended=reading.is_mended, left_out=self._compared.left_out_of(reading.number),
            gives_kind=reading.gives_kind,
        )  # fmt: skip
        if reading.is_refused:
            return replace(seen, verdict=RowVerdict.REFUSED)
        if possible and not answer:
            return seen
        if answer.startswith("same:"):
            return self._update(seen, reading, answer.removeprefix("same:"))
        if answer.startswith("row:"):
            return self._repeat(seen, reading, int(answer.removeprefix("row:")))
        self._additions[reading.number] = reading.entry
        return replace(seen, verdict=RowVerdict.ADD)

    def _known(self, reading: Reading, known: KnownRow) -> Reviewed:
        """Let a row go where it went before. One that says the same can only put its entry into the list's group.

        It stands as the entry does: what was wrong with it was decided when it came first, or mended.
        """
        seen = Reviewed(
            reading.number, reading.entry, RowVerdict.UNCHANGED, reading.problems, target=known.target, known=known,
            remarks=reading.remarks, mends=reading.mends, is_mended=reading.is_mended,
        )  # fmt: skip
        if not known.is_unchanged or reading.is_mended:
            return self._update(seen, reading, known.target)
        there = replace(as_new(self._before[known.target]), places=reading.entry.places)
        seen = replace(seen, entry=there, problems=(), remarks=(), mends=())
        group = (GroupPlace(self._plan.group),) if self._plan.group else ()
        says = replace(reading.entry, details=Details(reading.entry.details.name), is_prominent=False, places=group)
        return self._update(seen, replace(reading, entry=says, gives_kind=False), known.target)

    def _update(self, seen: Reviewed, reading: Reading, target: str) -> Reviewed:
        self._went_to[reading.number] = target
        old = self._after.get(target) or replace(as_new(self._before[target]), places=self._places.get(target, ()))
        new = merged(old, reading.entry, reading.gives_kind)
        changes = changes_between(old, new)
        if changes:
            self._after[target] = new
        return replace(
            seen, verdict=RowVerdict.UPDATE if changes else RowVerdict.UNCHANGED, changes=changes, target=target
        )

    def _repeat(self, seen: Reviewed, reading: Reading, first: int) -> Reviewed:
        """Let a repeated row fill what the first left empty; where the first row goes nowhere, this one waits too."""
        first = self._stands_for.get(first, first)
        if first in self._went_to:
            return self._update(seen, reading, self._went_to[first])
        if first not in self._additions:
            return seen
        self._stands_for[reading.number] = first
        full = filled(self._additions[first], reading.entry)
        changes = changes_between(self._additions[first], full)
        self._additions[first] = full
        return replace(seen, verdict=RowVerdict.REPEAT, changes=changes, target=f"row:{first}")


def merged(old: NewEntry, new: NewEntry, takes_kind: bool) -> NewEntry:
    """Return an entry as a row would leave it.

    An empty cell erases nothing, notes and groups are added to, and nobody is renamed: a list without accents must not
    take them from a name.
    """
    given = {name: getattr(new.details, name) for name in _FIELDS if getattr(new.details, name)}
    if given.get("notes") and old.details.notes:
        known = given["notes"] in old.details.notes
        given["notes"] = old.details.notes if known else f"{old.details.notes}\n{given['notes']}"
    places = {same_name_key(place.group): place for place in old.places}
    for place in new.places:
        held = places.get(same_name_key(place.group))
        places[same_name_key(place.group)] = GroupPlace(held.group if held else place.group,
                                                        place.role or (held.role if held else ""))  # fmt: skip
    return NewEntry(
        replace(old.details, **given),
        new.kind if takes_kind else old.kind,
        old.is_prominent or new.is_prominent,
        tuple(places.values()),
    )


def filled(first: NewEntry, repeat: NewEntry) -> NewEntry:
    """Return a row with what it left empty taken from a later row of the same person; what it says itself stays."""
    blank = {name: getattr(repeat.details, name) for name in _FIELDS if not getattr(first.details, name)}
    held = {same_name_key(place.group) for place in first.places}
    added = tuple(place for place in repeat.places if same_name_key(place.group) not in held)
    return replace(
        first,
        details=replace(first.details, **blank),
        is_prominent=first.is_prominent or repeat.is_prominent,
        places=first.places + added,
    )


def changes_between(old: NewEntry, new: NewEntry) -> tuple[Change, ...]:
    """Name what differs, field by field."""
    found = [
        Change(name, getattr(old.details, name), getattr(new.details, name))
        for name in old.details.changed_to(new.details)
    ]
    if old.kind is not new.kind:
        found.append(Change("kind", old.kind.value, new.kind.value))
    if old.is_prominent is not new.is_prominent:
        found.append(Change("prominent", "", "yes"))
    before = {place.group: place.role for place in old.places}
    for place in new.places:
        if before.get(place.group) != place.role:
            was = f"{place.group}: {before[place.group]}" if before.get(place.group) else ""
            found.append(Change("group", was, f"{place.group}: {place.role}" if place.role else place.group))
    return tuple(found)


def _country_questions(readings: Sequence[Reading], plan: Plan) -> tuple[CountryQuestion, ...]:
    """Ask once for each text, however many rows hold it; an answer can still be changed."""
    texts: dict[str, list[int]] = defaultdict(list)
    for reading in readings:
        if reading.country_text:
            texts[reading.country_text].append(reading.number)
    for text in plan.countries:
        texts.setdefault(text, [])
    return tuple(
        CountryQuestion(text, normalise(text).codes, tuple(rows), plan.countries.get(text))
        for text, rows in texts.items()
    )
