"""Names as registers of offices write them: surnames in capitals, and the last name first."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECES = re.compile(r"([^\W\d_]+)")
_SMALL = frozenset({"DE", "DA", "DO", "DOS", "DAS", "VON", "VAN", "DER", "DEN", "ZU", "Y", "E"})
_MOST_WORDS = 6


@dataclass(frozen=True)
class OfficeName:
    """A person's name, and its halves where they are known by themselves."""

    name: str
    first: str = ""
    last: str = ""


def in_capitals(text: str) -> bool:
    """Tell whether a text is written in capitals throughout: two letters at least, in a script that has them."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 1 and all(character.isupper() for character in letters)


def has_capitals(name: OfficeName) -> bool:
    """Tell whether a name or its last name is written in capitals."""
    return in_capitals(name.last or name.name)


def with_halves(name: str) -> OfficeName:
    """Tell the last name from the first where capitals do: "Zoë ÅNGSTRÖM", "ÅNGSTRÖM Zoë" as it stands."""
    words = name.split()
    shouted = [in_capitals(word) and "." not in word for word in words]
    if not any(shouted) or all(shouted) or len(words) > _MOST_WORDS:
        return OfficeName(name)
    first = shouted.index(True)
    until = first + sum(shouted)
    if not all(shouted[first:until]) or (first and until != len(words)):
        return OfficeName(name)
    last = " ".join(words[first:until])
    return OfficeName(name, " ".join(words[:first] + words[until:]), last)


def turned_capitals(name: OfficeName) -> OfficeName:
    """Write a last name in capitals as names are written: "VAN DER MEER-O'BRIEN" → "van der Meer-O'Brien"."""
    if name.last and in_capitals(name.last):
        last = _written(name.last)
        return OfficeName(name.name.replace(name.last, last), name.first, last)
    if in_capitals(name.name):
        return OfficeName(_written(name.name), name.first, name.last)
    return name


def turned_comma(name: str) -> OfficeName:
    """Turn "Ångström, Zoë" round; a name without a comma, or with several, stays."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not (comma and last and first) or "," in first:
        return with_halves(name)
    return OfficeName(f"{first} {last}", first, last)


def has_comma(name: str) -> bool:
    """Tell whether a name seems to have its last name first."""
    last, comma, first = (part.strip() for part in name.partition(","))
    return bool(comma and last and first) and "," not in first


def _written(text: str) -> str:
    words = text.split(" ")
    return " ".join(
        word.lower() if word in _SMALL and index < len(words) - 1 else _PIECES.sub(_capitalised, word)
        for index, word in enumerate(words)
    )


def _capitalised(found: re.Match[str]) -> str:
    piece = found[0]
    if piece.startswith("MC") and len(piece) > 3:
        return "Mc" + piece[2] + piece[3:].lower()
    return piece[0] + piece[1:].lower()
