"""The dry run of a list of offices in words: rows, salutations by language, and questions for the whole list."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.base.countries import country_name
from app.base.forms import Form
from app.base.locales import endonym, gettext as _, lazy_gettext as _l
from app.imports.parts import ReviewPart
from app.imports.questions import ShownMend
from app.imports.review import RowVerdict
from app.institutions.history import Changed
from app.institutions.states import ContactPart, RecipientGroupKind
from app.registers.fields import GROUPS
from app.registers.forms import pattern_name
from app.registers.names import has_capitals, has_comma, turned_capitals, turned_comma
from app.registers.plans import RegisterPlan
from app.registers.queries import SeenRegister
from app.registers.review import Names, Office, RegisterReview
from app.registers.rows import parting_of
from app.registers.salutations import Manner, default_pattern

PARTS = (ReviewPart.PROBLEMS, ReviewPart.MENDED, ReviewPart.CHANGES, ReviewPart.ALL)
_EXAMPLES = 3


@dataclass(frozen=True)
class ShownOffice:
    """One row of the dry run, in words."""

    number: int
    called: str
    line: str
    email: str
    salutation: str
    language: str
    institution: str
    groups: str
    notes: tuple[str, ...]
    verdict: str
    tone: str
    problems: tuple[str, ...]
    changes: tuple[Changed, ...]
    mends: tuple[ShownMend, ...]
    is_mended: bool


@dataclass(frozen=True)
class ShownPattern:
    """How letters in one language begin for some of the rows, with examples; `manner` is empty where it is for all."""

    field: Any
    language: str
    tag: str
    manner: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class RegisterQuestion:
    """Something to be decided once for the whole list, with what it would do to the first rows."""

    name: str
    label: str
    examples: tuple[tuple[str, str], ...]
    rows: int
    is_on: bool


_VERDICTS = {
    RowVerdict.ADD: ("good", _l("Will be added")),
    RowVerdict.UPDATE: ("good", _l("Will be changed")),
    RowVerdict.UNCHANGED: ("", _l("Already there")),
    RowVerdict.REPEAT: ("", _l("Repeats a row")),
    RowVerdict.REFUSED: ("bad", _l("Can’t be imported")),
}


def in_register_part(review: RegisterReview, part: ReviewPart) -> list[Office]:
    """Return the rows of a part, in the order of the list."""
    if part is ReviewPart.PROBLEMS:
        return [row for row in review.rows if row.problems]
    if part is ReviewPart.MENDED:
        return [row for row in review.rows if row.reading.is_mended]
    if part is ReviewPart.CHANGES:
        return [row for row in review.rows if row.verdict is RowVerdict.UPDATE]
    return list(review.rows)


def shown_offices(rows: Sequence[Office], language: str) -> list[ShownOffice]:
    """Put rows into words, in the reader's language."""
    return [_shown(row, language) for row in rows]


def saved_patterns(review: RegisterReview, plan: RegisterPlan) -> dict[tuple[str, Manner], str]:
    """Return the salutations of a list by language, the most frequent first, and by the manners that occur in it."""
    greeted = [row.reading for row in review.rows if _is_greeted_by_pattern(row)]
    languages = Counter(reading.facts.language for reading in greeted)
    manners = {(reading.facts.language, reading.greeted.manner) for reading in greeted}
    asked = [
        (language, manner)
        for language, _number in languages.most_common()
        for manner in Manner
        if manner is Manner.NEUTRAL or (language, manner) in manners
    ]
    own = plan.patterns
    return {key: own.get(key[0], {}).get(key[1]) or default_pattern(*key) for key in asked}


def shown_patterns(review: RegisterReview, form: Form, asked: Collection[tuple[str, Manner]]) -> list[ShownPattern]:
    """Return the salutations by language with what they make of the first rows."""
    by_pattern: dict[tuple[str, Manner], list[Office]] = defaultdict(list)
    for row in review.rows:
        if _is_greeted_by_pattern(row):
            by_pattern[row.reading.facts.language, row.reading.greeted.manner].append(row)
    number = Counter(language for language, _manner in asked)
    found = []
    for language, manner in asked:
        rows = by_pattern[language, manner]
        examples = tuple(dict.fromkeys(f"{row.reading.facts.salutation}," for row in rows[:_EXAMPLES]))
        label = manner.label if number[language] > 1 else ""
        field = form[pattern_name(language, manner)]
        found.append(ShownPattern(field, endonym(language), language, label, len(rows), examples))
    return found


def _is_greeted_by_pattern(row: Office) -> bool:
    return row.verdict is not RowVerdict.REFUSED and "salutation" not in row.reading.said


def list_questions(seen: SeenRegister) -> list[RegisterQuestion]:
    """Return what is to be decided for the whole list; what doesn't occur in it is not asked."""
    return [*_on_commas(seen), *_on_capitals(seen), *_on_groups(seen), *_on_salutations(seen)]


def _on_commas(seen: SeenRegister) -> Iterator[RegisterQuestion]:
    names = [row.reading.written for row in seen.review.rows]
    turned = [name.name for name in names if not name.last and has_comma(name.name)]
    if turned:
        pairs = [(name, turned_comma(name).name) for name in turned[:_EXAMPLES]]
        label = _("The last name comes first, before a comma: turn the names round")
        yield RegisterQuestion("turns_commas", label, tuple(pairs), len(turned), seen.plan.turns_commas)


def _on_capitals(seen: SeenRegister) -> Iterator[RegisterQuestion]:
    written = [row.reading.written for row in seen.review.rows]
    names = [name if name.last else turned_comma(name.name) for name in written]
    shouted = [name for name in names if has_capitals(name)]
    if shouted:
        pairs = [(name.name, turned_capitals(name).name) for name in shouted[:_EXAMPLES]]
        label = _("Names are in capitals: write them as names are usually written")
        yield RegisterQuestion("turns_capitals", label, tuple(pairs), len(shouted), seen.plan.turns_capitals)


def _on_groups(seen: SeenRegister) -> Iterator[RegisterQuestion]:
    plan = seen.plan
    cells = [row.cells[index] for row in seen.sheet.rows for index, one in enumerate(plan.columns) if one in GROUPS]
    parted = [cell for cell in cells if "," in cell]
    if parted:
        pairs = [(cell, " · ".join(piece.strip() for piece in cell.split(","))) for cell in dict.fromkeys(parted)]
        label = _("A comma parts several groups in one cell")
        yield RegisterQuestion(
            "parts_at_commas", label, tuple(pairs[:_EXAMPLES]), len(parted), parting_of(seen.sheet, plan)
        )


def _on_salutations(seen: SeenRegister) -> Iterator[RegisterQuestion]:
    known = [row for row in seen.review.rows if row.recipient is not None and "salutation" not in row.reading.said]
    other = [row for row in known if row.recipient and row.recipient.salutation != row.reading.facts.salutation]
    if other:
        pairs = [(row.recipient.salutation, row.reading.facts.salutation) for row in other[:_EXAMPLES] if row.recipient]
        label = _("Replace the salutations of those who are there already")
        yield RegisterQuestion("renews_salutations", label, tuple(pairs), len(other), seen.plan.renews_salutations)


def _shown(row: Office, language: str) -> ShownOffice:
    reading, facts = row.reading, row.facts or row.reading.facts
    tone, verdict = _VERDICTS[row.verdict]
    is_in = row.verdict is not RowVerdict.REFUSED
    repeated = () if row.repeats is None else (_("It repeats row %(number)s. What it says of groups is added there.",
                                                  number=row.repeats),)  # fmt: skip
    return ShownOffice(
        number=reading.number,
        called=facts.person or facts.office or _("(no name)"),
        line=facts.office if facts.person else "",
        email=facts.email,
        salutation=facts.salutation if is_in else "",
        language=facts.language,
        institution=row.target.name if row.target else "",
        groups=_in_words(reading.belonging, language) if is_in else "",
        notes=reading.notes if is_in else (),
        verdict=str(verdict),
        tone=tone,
        problems=(*row.problems, *repeated),
        changes=tuple(_changes(row, language)) if row.verdict is RowVerdict.UPDATE else (),
        mends=tuple(ShownMend(f"{reading.number}-{one.value}", one.label, text) for one, text in reading.mends),
        is_mended=reading.is_mended,
    )


def _changes(row: Office, language: str) -> Iterator[Changed]:
    for change in row.changes:
        pair = change.before, change.after
        if change.part is ContactPart.LANGUAGE:
            pair = endonym(change.before), endonym(change.after)
        yield Changed(change.part.label, *pair)
    if row.joins or row.leaves:
        yield Changed(_("Groups"), _in_words(row.leaves or {}, language), _in_words(row.joins or {}, language))
    if row.notes is not None:
        yield Changed(_("Notes"), "", row.notes)


def _in_words(names: Names, language: str) -> str:
    return ", ".join(
        country_name(name, language) if kind is RecipientGroupKind.COUNTRY else name
        for kind in RecipientGroupKind
        for name in names.get(kind, ())
    )
