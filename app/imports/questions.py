"""The dry run as a coordinator reads it: rows in words, and the questions that only a person can answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.base.countries import country_name
from app.base.locales import endonym, gettext as _, lazy_gettext as _l
from app.directory.matching.states import Ground
from app.directory.states import FIELD_LABELS, NewEntry, SignatoryKind
from app.imports.fields import LABELS, Field
from app.imports.review import (
    DIFFERENT,
    Change,
    Possible,
    Review,
    Reviewed,
    RowVerdict,
    changes_between,
    filled,
    merged,
)
from app.sheets.raw_sheets import column_letter
from app.sheets.reading import Problem


class ReviewPart(StrEnum):
    """Which rows of the dry run are shown."""

    ALL = "all"
    PROBLEMS = "problems"
    MENDED = "mended"
    COUNTRIES = "countries"
    EXACT = "exact"
    LIKELY = "likely"
    ANSWERED = "answered"
    CHANGES = "changes"

    @property
    def label(self) -> str:
        """The part as its tab says it."""
        return str(_PART_LABELS[self])

    @property
    def asks(self) -> bool:
        """Tell whether each row is a question about whom it means."""
        return self in (ReviewPart.EXACT, ReviewPart.LIKELY, ReviewPart.ANSWERED)

    @property
    def mends(self) -> bool:
        """Tell whether cells can be written anew beside each row."""
        return self in (ReviewPart.PROBLEMS, ReviewPart.MENDED)


_PART_LABELS = {
    ReviewPart.ALL: _l("All rows"),
    ReviewPart.PROBLEMS: _l("Problems"),
    ReviewPart.MENDED: _l("Mended"),
    ReviewPart.COUNTRIES: _l("Countries"),
    ReviewPart.EXACT: _l("Exact matches"),
    ReviewPart.LIKELY: _l("Likely duplicates"),
    ReviewPart.ANSWERED: _l("Answered"),
    ReviewPart.CHANGES: _l("Changes"),
}
_MOST_NAMED = 5
VERDICT_LABELS = {
    RowVerdict.ADD: _l("Will be added"),
    RowVerdict.UPDATE: _l("Will be changed"),
    RowVerdict.UNCHANGED: _l("Already there"),
    RowVerdict.REPEAT: _l("Repeats a row"),
    RowVerdict.ASKED: _l("Waits for you"),
    RowVerdict.REFUSED: _l("Can’t be imported"),
}
_TONES = {
    RowVerdict.ADD: "good",
    RowVerdict.UPDATE: "good",
    RowVerdict.ASKED: "wait",
    RowVerdict.REFUSED: "bad",
}
_GROUNDS = {
    Ground.SAME_ADDRESS: _l("same name and address"),
    Ground.SAME_DETAILS: _l("same name, and nothing differs"),
    Ground.ONLY_NAME: _l("same name; the list says nothing else about them"),
    Ground.SHARED_ADDRESS: _l("another name, but the same address"),
    Ground.OTHER_DETAILS: _l("same name, but other details, or the name occurs several times"),
    Ground.SPELLING: _l("spelt almost the same"),
    Ground.WORD_ORDER: _l("same words in another order"),
    Ground.TITLE: _l("same name with or without a title"),
    Ground.INITIALS: _l("the initials fit"),
    Ground.SCRIPT: _l("sounds the same in another script"),
    Ground.LOOKALIKE: _l("letters that look the same"),
}


@dataclass(frozen=True)
class ShownChange:
    """A field before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownPossible:
    """Somebody whom a row may be, with what choosing them would change."""

    value: str
    title: str
    name: str
    line: str
    email: str
    why: str
    is_chosen: bool
    changes: Sequence[ShownChange]


@dataclass(frozen=True)
class ShownMend:
    """A text of a row that can be written anew in place; `name` is the field of the form."""

    name: str
    label: str
    text: str


@dataclass(frozen=True)
class ShownRow:
    """One row of the dry run, in words."""

    number: int
    name: str
    line: str
    email: str
    verdict: str
    tone: str
    problems: Sequence[str]
    changes: Sequence[ShownChange]
    possible: Sequence[ShownPossible]
    is_answered: bool
    is_different: bool
    remarks: Sequence[str]
    mends: Sequence[ShownMend]
    is_mended: bool


@dataclass(frozen=True)
class ShownCountry:
    """A doubtful country, asked once for all rows that hold it."""

    index: int
    text: str
    rows: Sequence[tuple[int, str]]
    more: int
    suggestions: Sequence[tuple[str, str]]
    answer: str


def in_part(review: Review, part: ReviewPart) -> list[Reviewed]:
    """Return the rows of a part, in the order of the list."""
    return [row for row in review.rows if _belongs(row, part)]


def _belongs(row: Reviewed, part: ReviewPart) -> bool:
    is_open = bool(row.possible) and not row.answer and row.verdict is not RowVerdict.REFUSED
    return {
        ReviewPart.ALL: True,
        ReviewPart.PROBLEMS: bool(row.problems),
        ReviewPart.MENDED: row.is_mended,
        ReviewPart.COUNTRIES: bool(row.country_text),
        ReviewPart.EXACT: is_open and row.has_exact,
        ReviewPart.LIKELY: is_open and not row.has_exact,
        ReviewPart.ANSWERED: bool(row.possible and row.answer),
        ReviewPart.CHANGES: row.verdict is RowVerdict.UPDATE,
    }[part]


def shown_rows(rows: Iterable[Reviewed], header: Sequence[str], language: str) -> list[ShownRow]:
    """Put rows into words, in the reader's language."""
    return [_row(row, header, language) for row in rows]


def country_questions(review: Review, language: str) -> list[ShownCountry]:
    """Return every doubtful country, those without an answer first."""
    names = {row.number: row.entry.details.name for row in review.rows if row.country_text}
    questions = sorted(review.countries, key=lambda question: question.answer is not None)
    return [
        ShownCountry(
            index,
            question.text,
            [(number, names.get(number, "")) for number in question.rows[:_MOST_NAMED]],
            max(0, len(question.rows) - _MOST_NAMED),
            [(code, country_name(code, language)) for code in _offered(question.suggestions, question.answer)],
            "none" if question.answer == "" else question.answer or "",
        )
        for index, question in enumerate(questions)
    ]


def _offered(suggestions: Sequence[str], answer: str | None) -> list[str]:
    return list(dict.fromkeys([*suggestions, *([answer] if answer else [])]))


def _row(row: Reviewed, header: Sequence[str], language: str) -> ShownRow:
    return ShownRow(
        number=row.number,
        name=row.entry.details.name or _("(no name)"),
        line=_line(row.entry, language),
        email=row.entry.details.email,
        verdict=str(VERDICT_LABELS[row.verdict]),
        tone=_TONES.get(row.verdict, ""),
        problems=[*(_problem(problem, header) for problem in row.problems), *_waits(row)],
        changes=changes_in_words(row.changes, language),
        possible=[_possible(row, one, language) for one in row.possible],
        is_answered=bool(row.answer),
        is_different=row.answer == DIFFERENT,
        remarks=[_problem(remark, header) for remark in row.remarks],
        mends=[ShownMend(f"{row.number}-{one.value}", _short_label(one), text) for one, text in row.mends],
        is_mended=row.is_mended,
    )


def _waits(row: Reviewed) -> list[str]:
    found = []
    if row.country_text:
        found.append(_("Which country is “%(text)s”?", text=row.country_text))
    if row.verdict is not RowVerdict.ASKED:
        return found
    if row.possible and not row.answer:
        found.append(_("May be somebody who is already there."))
    return found or [_("The row it repeats waits for an answer.")]


def _problem(problem: Problem, header: Sequence[str]) -> str:
    if problem.column is None:
        return problem.message
    title = header[problem.column]
    letter = column_letter(problem.column)
    where = title if title == letter else f"{title} ({letter})"
    return _("%(column)s: %(problem)s", column=where, problem=problem.message)


def _possible(row: Reviewed, one: Possible, language: str) -> ShownPossible:
    is_organisation = one.entry.kind is SignatoryKind.ORGANISATION
    if one.row is not None:
        title = _("The same as row %(number)s", number=one.row)
    elif is_organisation:
        title = _("The same organisation")
    else:
        title = _("The same person")
    old = replace(one.entry, places=row.entry.places)
    # A repeated row only fills what the first left empty.
    new = merged(old, row.entry, False) if one.row is None else filled(old, row.entry)
    changes = changes_between(old, new)
    return ShownPossible(
        one.answer, title, one.entry.details.name, _line(one.entry, language), one.entry.details.email,
        str(_GROUNDS[one.ground]), row.answer == one.answer, changes_in_words(changes, language),
    )  # fmt: skip


def _line(entry: NewEntry, language: str) -> str:
    country = country_name(entry.details.country, language) if entry.details.country else ""
    return ", ".join(part for part in (entry.details.public_line, country) if part)


def _short_label(one: Field) -> str:
    return str(FIELD_LABELS.get(one.value, LABELS[one]))


def changes_in_words(changes: Iterable[Change], language: str) -> list[ShownChange]:
    """Say what differs, in the reader's language."""
    return [
        ShownChange(
            str(FIELD_LABELS[change.field]), _value(change.field, change.old, language),
            _value(change.field, change.new, language),
        )
        for change in changes
    ]  # fmt: skip


def _value(field: str, value: str, language: str) -> str:
    if not value:
        return ""
    if field == "country":
        return country_name(value, language)
    if field == "language":
        return endonym(value)
    if field == "kind":
        return SignatoryKind(value).label
    return _("yes") if field == "prominent" else value
