"""Guesses what each column of a sheet holds, from its heading, a few of its cells and the columns beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.base.names import comparison_key
from app.imports import shapes
from app.imports.fields import LABELS, NAME_FIELDS, PERSON_FIELDS, REPEATED, Field
from app.sheets.headings import HEADINGS

__all__ = ["LABELS", "Field", "Guess", "guess_columns", "guess_mapping"]

_MOST_SAMPLES = 50
_SHORTEST_PHRASE = 4
# Scripts that part no words: a heading's word may stand anywhere inside a longer one.
_UNPARTED = re.compile("[\u0e00-\u0e7f\u0f00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Questions of a form that are answered with yes or no, whatever words they hold.
_ASKS = re.compile(
    r"^(?:do|does|did|would|will|may|can|could|are|is|have|has|should) (?:you|we|i|your|it)\b"
    r"|^i (?:agree|consent|accept)|^(?:please )?confirm"
    r"|^(?:darf|durfen|mochten|wollen|stimmen) |^(?:acceptez|voulez|souhaitez) |^j ?accepte"
)
_READ_FROM_QUESTIONS = (Field.EMAIL, Field.REPRESENTATIVE)
_NAME_KINDS = ("name", "first_name", "last_name")


@dataclass(frozen=True)
class Guess:
    """What a column may hold; where that is doubtful, what else it may hold."""

    field: Field
    runner_up: Field | None = None


@dataclass
class _Column:
    """A column while it is being understood: what its heading may mean, best first."""

    heading: str
    kinds: tuple[str, ...]
    cells: list[str]
    is_sure: bool = True
    field: Field = Field.IGNORE
    runner_up: Field | None = None

    def settle(self, field: Field, runner_up: Field | None = None) -> None:
        self.field, self.runner_up = field, runner_up


def guess_mapping(header: Sequence[str], sample: Iterable[Sequence[str]]) -> tuple[Field, ...]:
    """Return a field for each column; a column that is not understood is left out."""
    return tuple(guess.field for guess in guess_columns(header, sample))


def guess_columns(header: Sequence[str], sample: Iterable[Sequence[str]]) -> tuple[Guess, ...]:
    """Return what each column may hold, with a second meaning where a heading has two."""
    rows = [row for row, _ in zip(sample, range(_MOST_SAMPLES), strict=False)]
    columns = [
        _column(heading, shapes.filled([row[index] for row in rows if index < len(row)]))
        for index, heading in enumerate(header)
    ]
    _settle_names(columns)
    _settle_people_without_heading(columns)
    _settle_bodies(columns)
    for column in columns:
        _settle_rest(column, columns)
    _leave_out_repeats(columns)
    return tuple(Guess(column.field, column.runner_up) for column in columns)


@lru_cache(maxsize=1)
def _kinds() -> dict[str, tuple[str, ...]]:
    """Map each known heading to what it may stand for."""
    found: dict[str, list[str]] = {}
    for kind, headings in HEADINGS.items():
        for heading in headings:
            found.setdefault(comparison_key(heading), []).append(kind)
    return {key: tuple(dict.fromkeys(kinds)) for key, kinds in found.items()}


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, bool], ...]:
    """Return the headings that may stand inside a longer one, the longest first, and whether words part them."""
    found = [(key, not _UNPARTED.search(key)) for key in _kinds()]
    fit = [(key, parted) for key, parted in found if len(key) >= (_SHORTEST_PHRASE if parted else 2)]
    return tuple(sorted(fit, key=lambda one: (-len(one[0]), one[0])))


def _heading_key(heading: str) -> str:
    """Fold a heading; programs number what they export several of: "E-mail 1 - Value", "Phone 2 - Value"."""
    key = comparison_key(heading.replace("_", " "))
    return " ".join(word for word in key.split() if not word.isdecimal()) or key


def _column(heading: str, cells: list[str]) -> _Column:
    key = _heading_key(heading)
    kinds = _kinds().get(key, ())
    if kinds:
        return _Column(key, kinds, cells)
    if shapes.are_addresses(cells):
        return _Column(key, ("email",), cells)
    kinds = () if _ASKS.match(key) or shapes.are_answers(cells) else _contained(heading, key)
    if shapes.are_no_words(cells) and kinds[:1] != ("phone",):
        kinds = ()
    return _Column(key, kinds, cells, is_sure=False)


def _contained(heading: str, key: str) -> tuple[str, ...]:
    """Find the longest known heading inside a question: "What is your full name?", "nom de l'association"."""
    parted = comparison_key(re.sub("['’ʼ`]", " ", heading.replace("_", " ")))
    for phrase, has_words in _phrases():
        if (f" {phrase} " in f" {key} " or f" {phrase} " in f" {parted} ") if has_words else phrase in key:
            return _kinds()[phrase]
    return ()


def _settle_names(columns: Sequence[_Column]) -> None:
    """Decide between whole names and halves: "Nom" beside "Prénom" is the last one, and alone the whole."""
    named = [column for column in columns if set(column.kinds) & set(_NAME_KINDS)]
    options = {id(column): [kind for kind in column.kinds if kind in _NAME_KINDS] for column in named}
    sure = {kinds[0] for kinds in options.values() if len(kinds) == 1}
    for column in named:
        kinds = options[id(column)]
        chosen = kinds[0] if len(kinds) == 1 else _half_or_whole(kinds, sure)
        # A name that stands alone is whole, whatever else its heading may mean.
        other = next((kind for kind in kinds if kind != chosen and len(named) > 1), None)
        column.settle(Field(chosen), Field(other) if other else None if column.is_sure else Field.IGNORE)
        sure.add(chosen)
    fields = {column.field for column in named}
    for half in (Field.FIRST_NAME, Field.LAST_NAME):
        if half in fields and not fields & (PERSON_FIELDS - {half}):
            for column in named:
                column.settle(Field.NAME, None)


def _half_or_whole(kinds: Sequence[str], sure: set[str]) -> str:
    if "last_name" in kinds and "first_name" in sure and "last_name" not in sure:
        return "last_name"
    if "first_name" in kinds and "last_name" in sure and "first_name" not in sure:
        return "first_name"
    return "name" if "name" in kinds else kinds[0]


def _settle_people_without_heading(columns: Sequence[_Column]) -> None:
    """Where no heading speaks of names, the first column that reads like names holds them; whose, may be doubtful."""
    if any(column.field in PERSON_FIELDS or {"organisation", "signing"} & set(column.kinds) for column in columns):
        return
    unknown = [column for column in columns if not column.kinds]
    for column in unknown:
        if shapes.are_bodies(column.cells):
            column.settle(Field.ORGANISATION, Field.NAME)
            return
        if shapes.are_named_addresses(column.cells) or shapes.are_people(column.cells):
            column.settle(Field.NAME, Field.ORGANISATION)
            return


def _settle_bodies(columns: Sequence[_Column]) -> None:
    """Beside people, an organisation is where they belong; only where nobody else is named does it sign."""
    has_people = any(column.field in PERSON_FIELDS for column in columns)
    for column in columns:
        if column.field is not Field.IGNORE or not {"signing", "organisation"} & set(column.kinds):
            continue
        signs_once_each = "signing" in column.kinds and len(set(column.cells)) == len(column.cells)
        if signs_once_each or not has_people:
            column.settle(Field.ORGANISATION, Field.AFFILIATION if has_people else None)
        else:
            column.settle(Field.AFFILIATION, Field.ORGANISATION)
    bodies = [column for column in columns if column.field is Field.ORGANISATION]
    for column in bodies[1:]:
        column.settle(Field.AFFILIATION, Field.ORGANISATION)


def _settle_rest(column: _Column, columns: Sequence[_Column]) -> None:
    if column.field is not Field.IGNORE:
        return
    kinds = [kind for kind in column.kinds if kind not in (*_NAME_KINDS, "organisation", "signing")]
    if not kinds:
        if not column.kinds and shapes.are_countries(column.cells):
            column.settle(Field.COUNTRY, Field.IGNORE)
        return
    field, runner_up = _meaning(kinds[0], column, columns)
    second = Field(kinds[1]) if len(kinds) > 1 and kinds[1] in set(Field) else None
    column.settle(field, runner_up or second or (None if column.is_sure else Field.IGNORE))


def _meaning(kind: str, column: _Column, columns: Sequence[_Column]) -> tuple[Field, Field | None]:
    if kind == "position":
        # Where they belong says a column of its own: then this is what they are.
        beside = any(one.field is Field.AFFILIATION for one in columns)
        return (Field.CREDENTIAL, Field.AFFILIATION) if beside else (Field.AFFILIATION, Field.CREDENTIAL)
    if kind == "any_title":
        return (Field.TITLE, Field.CREDENTIAL) if shapes.are_titles(column.cells) else (Field.CREDENTIAL, Field.TITLE)
    if kind == "role":
        return Field.ROLE, Field.CREDENTIAL
    return Field(kind), None


def _leave_out_repeats(columns: Sequence[_Column]) -> None:
    """Leave out a second column of one field, unless people often have several, and its heading is clear."""
    taken: set[Field] = set()
    for column in columns:
        is_welcome = column.field in REPEATED and (column.is_sure or column.field in _READ_FROM_QUESTIONS)
        if column.field in taken and not is_welcome:
            column.settle(Field.IGNORE, column.field if column.field is not Field.IGNORE else column.runner_up)
        taken.add(column.field)
    if not taken & NAME_FIELDS:
        for column in columns:
            if column.field is Field.REPRESENTATIVE:
                column.settle(Field.NAME)
