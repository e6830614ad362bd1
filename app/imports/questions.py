"""The dry run as a coordinator reads it: rows in words, and the questions that only a person can answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.base.countries import country_name
from app.base.locales import endonym, gettext as _, lazy_gettext as _l
from app.directory.matching.states import Detail, Ground
from app.directory.states import FIELD_LABELS, NewEntry, SignatoryKind
from app.imports.comparing import Possible
from app.imports.fields import LABELS, Field
from app.imports.plans import DIFFERENT
from app.imports.review import (
    Change,
    CountryQuestion,
    Reviewed,
    RowVerdict,
    changes_between,
    filled,
    merged,
)
from app.sheets.raw_sheets import column_letter
from app.sheets.reading import Problem

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
    Ground.SAME_DETAILS: _l("same name and details, and nothing differs"),
    Ground.ONLY_NAME: _l("same name; too little else is said about them to be sure"),
    Ground.SHARED_ADDRESS: _l("another name, but the same address"),
    Ground.OTHER_DETAILS: _l("same name, but other details, or the name occurs several times"),
    Ground.SPELLING: _l("spelt almost the same"),
    Ground.WORD_ORDER: _l("same words in another order"),
    Ground.TITLE: _l("same name with or without a title"),
    Ground.INITIALS: _l("the initials fit"),
    Ground.FEWER_WORDS: _l("one name is the other, but for some words"),
    Ground.SCRIPT: _l("sounds the same in another script"),
    Ground.LOOKALIKE: _l("letters that look the same"),
    Ground.BODY: _l("an organisation with the same words of its own"),
}
_DETAILS = {
    Detail.KIND: _l("Person or organisation"),
    Detail.COUNTRY: _l("Country"),
    Detail.AFFILIATION: _l("Public line"),
    Detail.EMAIL: _l("E-mail address"),
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
    agrees: str
    differs: str
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
    left_out: Sequence[tuple[str, str]]
    is_answered: bool
    is_different: bool
    remarks: Sequence[str]
    mends: Sequence[ShownMend]
    is_mended: bool


@dataclass(frozen=True)
class AlikeRows:
    """Rows of a page that are alike, and the numbers of all that are still asked about, on this page or not."""

    rows: Sequence[ShownRow]
    open: Sequence[int]


@dataclass(frozen=True)
class ShownCountry:
    """A doubtful country, asked once for all rows that hold it."""

    index: int
    text: str
    rows: Sequence[tuple[int, str]]
    more: int
    suggestions: Sequence[tuple[str, str]]
    answer: str


def shown_rows(rows: Iterable[Reviewed], header: Sequence[str], language: str) -> list[ShownRow]:
    """Put rows into words, in the reader's language."""
    return [_row(row, header, language) for row in rows]


def alike(rows: Iterable[ShownRow], groups: Mapping[int, int], still_open: Mapping[int, list[int]]) -> list[AlikeRows]:
    """Put the rows of a page that are alike together; they stand side by side already."""
    found: dict[int, list[ShownRow]] = {}
    for row in rows:
        found.setdefault(groups.get(row.number, row.number), []).append(row)
    return [AlikeRows(alike_rows, still_open.get(first, [])) for first, alike_rows in found.items()]


def country_question(
    index: int, question: CountryQuestion, names: Mapping[int, str], rows: int, language: str
) -> ShownCountry:
    """Put a doubtful country into words, with the names in a few of its rows."""
    return ShownCountry(
        index,
        question.text,
        list(names.items()),
        rows - len(names),
        [(code, country_name(code, language)) for code in _offered(question.suggestions, question.answer)],
        "none" if question.answer == "" else question.answer or "",
    )


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
        possible=[_possible(row, one, header, language) for one in row.possible],
        left_out=[(_title(column, header), value) for column, value in row.left_out],
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
    return _("%(column)s: %(problem)s", column=_title(problem.column, header), problem=problem.message)


def _title(column: int, header: Sequence[str]) -> str:
    letter = column_letter(column)
    title = header[column] if column < len(header) else letter
    return title if title == letter else f"{title} ({letter})"


def _possible(row: Reviewed, one: Possible, header: Sequence[str], language: str) -> ShownPossible:
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
        str(_GROUNDS[one.ground]), ", ".join(_evidence(detail, header) for detail in one.agrees),
        ", ".join(_evidence(detail, header, dict(one.said)) for detail in one.differs),
        row.answer == one.answer, changes_in_words(changes, language),
    )  # fmt: skip


def _evidence(detail: Detail | int, header: Sequence[str], said: Mapping[int, str] | None = None) -> str:
    """Name what two namesakes agree or differ in; of a column, what the earlier row says in it."""
    if isinstance(detail, Detail):
        return str(_DETAILS[detail])
    theirs = (said or {}).get(detail, "")
    return f"{_title(detail, header)}: {theirs}" if theirs else _title(detail, header)


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
