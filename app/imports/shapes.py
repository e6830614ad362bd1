"""What a column's cells look like, whatever its heading says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.base.countries import normalise
from app.base.names import comparison_key
from app.directory.matching.bodies import looks_like_a_body

ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_NAMED_ADDRESS = re.compile(r"^\s*\"?[^<>@\"]*[^\W\d_][^<>@\"]*\"?\s*<[^@\s<>]+@[^@\s<>]+>\s*$")
_NUMBER = re.compile(r"^[\d\s.,:/+()\-–TZ]+$")
_LINK = re.compile(r"^(?:https?://|www\.)", re.IGNORECASE)
YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí", "да", "так", "иә", "نعم", "بله", "是", "✓"})
NO = frozenset({"no", "n", "false", "0", "nein", "non", "não", "nao", "нет", "ні", "жоқ", "لا", "خیر", "否", "-", ""})
# Titles before a name that say what somebody did; the others only say how to greet them.
_TITLES = frozenset({
    "prof", "professor", "dr", "doc", "doctor", "phd", "ing", "mudr", "mgr", "rndr", "judr", "phdr", "dipl ing", "mag",
    "sir", "dame", "lord", "lady", "baroness", "rev", "bishop", "archbishop", "rabbi", "imam", "sheikh", "hon",
    "ambassador", "judge", "justice", "senator", "msc", "ma", "ba", "md", "dr med", "dr hc", "prof dr", "univ prof",
    "проф", "профессор", "др", "д р", "доктор", "акад", "академик", "професор", "dott", "dottssa", "ing arch", "pr",
})  # fmt: skip
_GREETINGS = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "hr", "fr", "m", "mme", "mlle", "monsieur", "madame", "senor",
    "senora", "sr", "sra", "srta", "dhr", "mevr", "mw", "pan", "pani", "sig", "sigra", "signor", "signora", "bay",
    "bayan", "г н", "г жа", "господин", "госпожа", "пан", "пані", "السيد", "السيدة", "آقای", "خانم", "先生",
    "女士", "様",
})  # fmt: skip


def is_greeting(text: str) -> bool:
    """Tell a way to address somebody ("Mr") from a title that they earned ("Dr.")."""
    return comparison_key(text) in _GREETINGS


def are_titles(cells: Sequence[str]) -> bool:
    """Tell whether a column holds what stands before a name."""
    return _mostly(cells, lambda cell: comparison_key(cell) in _TITLES or is_greeting(cell))


def are_addresses(cells: Sequence[str]) -> bool:
    """Tell whether more than half of what is filled in are e-mail addresses."""
    return _mostly(cells, lambda cell: bool(ADDRESS.match(cell)))


def are_named_addresses(cells: Sequence[str]) -> bool:
    """Tell whether a column holds addresses with their names, as mail programs write them."""
    return _mostly(cells, lambda cell: bool(_NAMED_ADDRESS.match(cell)))


def are_countries(cells: Sequence[str]) -> bool:
    """Tell whether more than half of what is filled in are countries; two letters say too little."""
    return _mostly(cells, lambda cell: len(cell) > 2 and normalise(cell).code is not None)


def are_answers(cells: Sequence[str]) -> bool:
    """Tell whether a column holds nothing but yes and no, as the questions of a form do."""
    return bool(cells) and all(cell.casefold() in YES or cell.casefold() in NO for cell in cells)


def are_no_words(cells: Sequence[str]) -> bool:
    """Tell whether a column holds dates, numbers, links or addresses, none of which is a name."""
    return _mostly(cells, lambda cell: bool(_NUMBER.match(cell) or _LINK.match(cell) or ADDRESS.match(cell)))


def are_people(cells: Sequence[str]) -> bool:
    """Tell whether a column reads like names: two to five words without digits, hardly one of them twice."""
    return len(set(cells)) * 5 >= len(cells) * 4 and _mostly(cells, _is_like_a_name)


def are_bodies(cells: Sequence[str]) -> bool:
    """Tell whether a column reads like organisations: more than half name the kind of body that they are."""
    return len(set(cells)) * 5 >= len(cells) * 4 and _mostly(cells, _is_like_a_body)


def filled(column: Sequence[str]) -> list[str]:
    """Return the cells that hold anything."""
    return [cell.strip() for cell in column if cell.strip()]


def _is_like_a_body(cell: str) -> bool:
    words = comparison_key(cell).split()
    return len(words) > 1 and "@" not in cell and looks_like_a_body(tuple(words))


def _is_like_a_name(cell: str) -> bool:
    words = cell.split()
    if not 2 <= len(words) <= 5 or any(character.isdigit() or character in "@/:" for character in cell):
        return False
    return words[0][:1] == words[0][:1].upper() and words[-1][:1] == words[-1][:1].upper()


def _mostly(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return bool(cells) and sum(1 for cell in cells if fits(cell)) * 2 > len(cells)
