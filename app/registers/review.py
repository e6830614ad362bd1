"""The dry run of a list of offices: what every row would do, against the institutions as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.addresses import canonical
from app.base.locales import gettext as _
from app.base.names import confusable_key
from app.base.rows import portions
from app.imports.review import RowVerdict
from app.institutions.groups import group_key, group_names
from app.institutions.models import Institution, Recipient, RecipientVersion
from app.institutions.queries import MOST_COMPARED, notes_of
from app.institutions.states import ContactPart, RecipientFacts, RecipientGroupKind
from app.institutions.versions import RecipientContact, is_latest, versions_of
from app.registers.plans import RegisterPlan
from app.registers.rows import OfficeReading, read_offices
from app.sheets.reading import Sheet

Names = Mapping[RecipientGroupKind, Sequence[str]]


@dataclass(frozen=True)
class Target:
    """An institution that rows go to: one that is there, or a new one without an id."""

    key: str
    name: str
    country: str = ""
    institution_id: int | None = None
    public_id: str = ""


@dataclass(frozen=True)
class OfficeChange:
    """One part of a recipient before and after."""

    part: ContactPart
    before: str
    after: str


@dataclass(frozen=True)
class Office:
    """One row and what it would do: `recipient` is who is there already, `repeats` the row that says the same."""

    reading: OfficeReading
    verdict: RowVerdict
    target: Target | None = None
    facts: RecipientFacts | None = None
    recipient: RecipientContact | None = None
    changes: tuple[OfficeChange, ...] = ()
    joins: Names | None = None
    leaves: Names | None = None
    notes: str | None = None  # None where they stay
    repeats: int | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the row."""
        return (*self.reading.refusals, *self.reading.problems)


@dataclass(frozen=True)
class RegisterReview:
    """What every row would do, in the order of the list."""

    rows: tuple[Office, ...]

    def count(self, *verdicts: RowVerdict) -> int:
        """Count rows by what would happen."""
        return sum(1 for row in self.rows if row.verdict in verdicts)

    @property
    def targets(self) -> list[tuple[Target, int]]:
        """The institutions in the order of the list, with how many recipients the list has for each."""
        found: dict[str, list[Target]] = defaultdict(list)
        for row in self.rows:
            if row.target is not None and row.verdict not in (RowVerdict.REFUSED, RowVerdict.REPEAT):
                found[row.target.key].append(row.target)
        return [(targets[0], len(targets)) for targets in found.values()]


def review_register(session: Session, sheet: Sheet, plan: RegisterPlan) -> RegisterReview:
    """Read the list and compare every row with who is there."""
    readings = read_offices(sheet, plan)
    targets = _targets(session, readings, plan)
    known = _Known(session, [target.institution_id for target in targets.values() if target.institution_id is not None])
    first: dict[tuple[str, str], OfficeReading] = {}
    marks: list[tuple[str, str] | None] = []
    for reading in readings:
        target = targets.get(_key_of(reading))
        mark = None if reading.refusals or target is None else (target.key, canonical(reading.facts.email))
        marks.append(mark)
        if mark is not None:
            first[mark] = _together(first[mark], reading) if mark in first else reading
    rows = []
    for reading, mark in zip(readings, marks, strict=True):
        target = targets.get(_key_of(reading))
        if mark is None or target is None:
            rows.append(Office(reading, RowVerdict.REFUSED, target))
        elif first[mark].number != reading.number:
            rows.append(Office(reading, RowVerdict.REPEAT, target, repeats=first[mark].number))
        else:
            rows.append(known.compared(first[mark], target, plan))
    return RegisterReview(tuple(rows))


def _together(first: OfficeReading, again: OfficeReading) -> OfficeReading:
    """Add to a row what another row on the same address says: groups and notes; lists repeat people by committee.

    Where the two differ otherwise, the first counts, and says so.
    """
    kinds = {*first.belonging, *again.belonging}
    belonging = {
        kind: tuple(
            {group_key(kind, name): name for each in (again, first) for name in each.belonging.get(kind, ())}.values()
        )
        for kind in kinds
    }
    differing = [
        f"{part.label}: {text}"
        for part in ContactPart
        if part.value in again.said
        and (text := str(getattr(again.facts, part.value))) != getattr(first.facts, part.value)
        and part is not ContactPart.EMAIL
    ]
    said = _("Row %(number)s has the same address, but other words, which are not kept: %(words)s.",
             number=again.number, words=", ".join(differing))  # fmt: skip
    return replace(
        first, belonging=belonging, notes=tuple(dict.fromkeys((*first.notes, *again.notes))),
        problems=(*first.problems, said) if differing else first.problems,
    )  # fmt: skip


def _key_of(reading: OfficeReading) -> str:
    return confusable_key(reading.institution) if reading.institution else ""


def _targets(session: Session, readings: Sequence[OfficeReading], plan: RegisterPlan) -> dict[str, Target]:
    """Return the institutions by the folded name in the list; "" is the one for rows that name none."""
    rows = session.scalars(select(Institution).order_by(Institution.id).limit(MOST_COMPARED)).all()
    there = {confusable_key(row.name): _there(row) for row in reversed(rows)}
    found: dict[str, Target] = {}
    for reading in readings:
        key = _key_of(reading)
        if key and key not in found:
            found[key] = there.get(key) or Target(key, reading.institution, reading.country)
    chosen = session.scalar(select(Institution).where(Institution.public_id == plan.institution))
    if chosen is not None:
        found[""] = _there(chosen)
    elif plan.name:
        key = confusable_key(plan.name)
        found[""] = there.get(key) or found.get(key) or Target(key, plan.name, plan.country)
    return found


def _there(row: Institution) -> Target:
    return Target(confusable_key(row.name), row.name, row.country, row.id, row.public_id)


class _Known:
    """Who is at the institutions of a list already, opened once."""

    def __init__(self, session: Session, institution_ids: Sequence[int]) -> None:
        self._contacts: dict[tuple[int, str], RecipientContact] = {}
        self._groups: dict[int, dict[int, dict[RecipientGroupKind, list[str]]]] = {}
        self._notes: dict[int, str] = {}
        for part in portions(list(dict.fromkeys(institution_ids))):
            present = Recipient.institution_id.in_(part) & RecipientVersion.is_removed.is_(False) & is_latest()
            for version in versions_of(session, present, "dry run of a list of offices"):
                self._contacts[version.institution_id, canonical(version.contact.email)] = version.contact
            noted = Recipient.institution_id.in_(part) & Recipient.notes_sealed.is_not(None)
            self._notes |= notes_of(session, session.scalars(select(Recipient).where(noted)).all())
            self._groups |= {each: group_names(session, each) for each in part}

    def compared(self, reading: OfficeReading, target: Target, plan: RegisterPlan) -> Office:
        """Return what a row would do: add somebody, change who is there, or nothing."""
        there = target.institution_id or 0
        contact = self._contacts.get((there, canonical(reading.facts.email)))
        if contact is None:
            return Office(
                reading, RowVerdict.ADD, target, reading.facts, joins=reading.belonging,
                notes="\n".join(reading.notes) or None,
            )  # fmt: skip
        facts = _merged(contact, reading, plan)
        changes = _changes(contact, facts)
        belongs = self._groups.get(there, {}).get(contact.recipient_id, {})
        joins, leaves = (
            _difference(reading.belonging, belongs),
            _difference({kind: belongs.get(kind, ()) for kind in reading.belonging}, reading.belonging),
        )
        before = self._notes.get(contact.recipient_id, "")
        notes = _with_lines(before, reading.notes)
        is_same = not (changes or joins or leaves or notes != before)
        return Office(
            reading, RowVerdict.UNCHANGED if is_same else RowVerdict.UPDATE, target, facts, contact, changes, joins,
            leaves, notes if notes != before else None,
        )  # fmt: skip


def _merged(contact: RecipientContact, reading: OfficeReading, plan: RegisterPlan) -> RecipientFacts:
    """Return a recipient with what the list says of them; what it leaves empty, and salutations by hand, stay."""
    facts, said = reading.facts, reading.said
    now = {part.value: getattr(facts if part.value in said else contact, part.value) for part in ContactPart}
    is_greeted_anew = plan.renews_salutations or now["person"] != contact.person
    if "salutation" not in said and is_greeted_anew:
        now["salutation"] = facts.salutation
    return replace(facts, **now)


def _changes(contact: RecipientContact, facts: RecipientFacts) -> tuple[OfficeChange, ...]:
    pairs = [(part, str(getattr(contact, part.value)), str(getattr(facts, part.value))) for part in ContactPart]
    return tuple(OfficeChange(part, before, after) for part, before, after in pairs if before != after)


def _difference(some: Names, others: Names) -> dict[RecipientGroupKind, tuple[str, ...]]:
    """Return what is in some groups and not in the others, by kind; spellings of one name are one."""
    known = {group_key(kind, name) for kind, names in others.items() for name in names}
    found = {kind: tuple(name for name in names if group_key(kind, name) not in known) for kind, names in some.items()}
    return {kind: names for kind, names in found.items() if names}


def _with_lines(before: str, lines: Sequence[str]) -> str:
    """Write lines into notes: one that begins with the same heading as one that is there takes its place."""
    found = {_heading(line): line for line in before.split("\n") if line}
    for line in lines:
        found[_heading(line)] = line
    return "\n".join(found.values())


def _heading(line: str) -> str:
    heading, colon, _rest = line.partition(": ")
    return heading if colon else line
