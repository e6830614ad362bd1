"""Names as lists write them: turned round, with a bullet before them or an affiliation behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.base.names import comparison_key
from app.imports.cells import is_empty, is_open, on_one_line

_BULLET = re.compile(r"^(?:[-–—−•‣▪▫◦●○■□·*►✓☑➢]+|\(?\d{1,5}[.)])\s+(?=\S)|^[•‣▪◦●■►✓☑➢](?=\S)")
_BRACKETS = re.compile(r"^(?P<name>[^()（）\[\]]+?)\s*[(（\[](?P<beside>[^()（）\[\]]+)[)）\]]$")
_DASH = re.compile(r"^(?P<name>\S.*?)\s+[-–—]\s+(?P<beside>\S.*)$")
# What may follow a name after a comma without being a first name.
_AFTER_COMMA = frozenset({
    "jr", "sr", "ii", "iii", "iv", "phd", "ph d", "md", "m d", "esq", "msc", "ma", "ba", "bsc", "mba", "llm", "jd",
    "dr", "csc", "drsc", "obe", "mbe", "cbe", "kc", "qc", "mp", "mep", "mdb", "frs", "rn", "cpa", "mph", "dphil", "edd",
    "llb", "prof",
})  # fmt: skip
_MOST_WORDS = 4


class NameHabit(StrEnum):
    """A way to write a name that a list may have, to be asked about once for the whole column."""

    BULLETS = "bullets"
    LINES = "lines"
    BRACKETS = "brackets"
    DASH = "dash"
    COMMA = "comma"
    CAPITALS = "capitals"


class HabitAnswer(StrEnum):
    """What to do about a habit."""

    KEEP = "keep"
    TURN = "turn"
    SPLIT = "split"
    STRIP = "strip"


OFFERED = {
    NameHabit.BULLETS: (HabitAnswer.STRIP, HabitAnswer.KEEP),
    NameHabit.LINES: (HabitAnswer.SPLIT, HabitAnswer.KEEP),
    NameHabit.BRACKETS: (HabitAnswer.SPLIT, HabitAnswer.KEEP),
    NameHabit.DASH: (HabitAnswer.SPLIT, HabitAnswer.KEEP),
    NameHabit.COMMA: (HabitAnswer.TURN, HabitAnswer.SPLIT, HabitAnswer.KEEP),
    NameHabit.CAPITALS: (HabitAnswer.TURN, HabitAnswer.KEEP),
}


@dataclass(frozen=True)
class ReadName:
    """A name as it is shown, what to sort it by if it was turned, and what stood beside it."""

    name: str
    sort_name: str = ""
    beside: str = ""


def habits_of(cell: str) -> tuple[NameHabit, ...]:
    """Name what is unusual in a cell of names, in the order in which it is taken away."""
    found = []
    if _BULLET.match(cell):
        found.append(NameHabit.BULLETS)
        cell = _BULLET.sub("", cell)
    if "\n" in cell:
        found.append(NameHabit.LINES)
        cell = cell.partition("\n")[0]
    if _BRACKETS.match(cell):
        found.append(NameHabit.BRACKETS)
    elif _DASH.match(cell):
        found.append(NameHabit.DASH)
    elif _turned_at_comma(cell) or "," in cell:
        found.extend([NameHabit.COMMA] if _parts_at_comma(cell) else [])
    elif _turned_capitals(cell):
        found.append(NameHabit.CAPITALS)
    return tuple(found)


def read_name(cell: str, answers: Mapping[str, str]) -> ReadName:
    """Read a cell of names as was decided for the whole column; what was not decided stays as it is."""
    habits = [habit for habit in habits_of(cell) if answers.get(habit, HabitAnswer.KEEP) != HabitAnswer.KEEP]
    sort_name, beside = "", []
    for habit in habits:
        if habit is NameHabit.BULLETS:
            cell = _BULLET.sub("", cell)
        elif habit is NameHabit.LINES:
            cell, _, more = cell.partition("\n")
            beside.append(on_one_line(more))
        elif habit in (NameHabit.BRACKETS, NameHabit.DASH):
            found = (_BRACKETS if habit is NameHabit.BRACKETS else _DASH).match(cell)
            cell = found["name"] if found else cell
            beside.insert(0, found["beside"].strip() if found else "")
        elif answers[habit] == HabitAnswer.SPLIT:
            cell, _, more = cell.partition(",")
            beside.insert(0, more.strip())
        else:
            turned = _turned_at_comma(cell) or _turned_capitals(cell)
            cell, sort_name = turned or (cell, "")
    return ReadName(on_one_line(cell), sort_name, ", ".join(text for text in beside if text))


def turns(cell: str) -> bool:
    """Tell whether a cell reads like "Last, First" rather than like a name and what stands beside it."""
    return _turned_at_comma(cell) is not None


def _parts_at_comma(cell: str) -> bool:
    """Tell whether something other than a degree follows a comma."""
    name, _, more = cell.partition(",")
    words = [comparison_key(part) for part in more.split(",")]
    return bool(name.strip() and any(words)) and not all(word in _AFTER_COMMA for word in words)


def _turned_at_comma(cell: str) -> tuple[str, str] | None:
    """Return "Okoro, Ada" as it is said and as it is sorted."""
    last, comma, first = (part.strip() for part in cell.partition(","))
    if not comma or "," in first or not _parts_at_comma(cell):
        return None
    if not (last and first and len(last.split()) <= _MOST_WORDS and len(first.split()) < _MOST_WORDS):
        return None
    if any(character.isdigit() or character in "@&/()" for character in cell) or is_empty(first) or is_open(first):
        return None
    return f"{first} {last}", f"{last}, {first}"


def _turned_capitals(cell: str) -> tuple[str, str] | None:
    """Return "OKORO Ada" as it is said and as it is sorted: the words in capitals are the family's."""
    words = cell.split()
    count = next((index for index, word in enumerate(words) if not _is_in_capitals(word)), len(words))
    if not 0 < count < len(words) or len(words) > _MOST_WORDS + 1 or any(map(_is_in_capitals, words[count:])):
        return None
    if any(character.isdigit() or character in "@&/()" for character in cell):
        return None
    last, first = " ".join(words[:count]), " ".join(words[count:])
    return f"{first} {last}", f"{last}, {first}"


def _is_in_capitals(word: str) -> bool:
    """Tell a family name in capitals from an initial, a short title and from scripts without capitals."""
    letters = [character for character in word if character.isalpha()]
    return len(letters) > 1 and "." not in word and all(c.isupper() for c in letters)
