"""How a file is looked at to find the list in it: what somebody said of it, or what was found."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from app.base.characters import is_accent

NO_HEADINGS = 0
_LONGEST_HEADING = 200
ONE_COLUMN = ""  # the delimiter of a list that has none


@dataclass(frozen=True)
class Look:
    """How a file is read. What is None is found; in the look that a sheet was read with, it is what doesn't apply.

    `worksheet` is its name, and "" the first one. `heading_row` is the number of the row as a spreadsheet shows it, or
    the next one that is not empty; NO_HEADINGS says that every row is a signatory.
    """

    encoding: str | None = None
    delimiter: str | None = None
    worksheet: str | None = None
    heading_row: int | None = None

    def as_fields(self) -> dict[str, str | int | None]:
        """Return what is kept of it."""
        return asdict(self)

    @classmethod
    def from_fields(cls, kept: dict[str, str | int | None]) -> Look:
        """Read what was kept; what this version doesn't know is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})  # type: ignore[arg-type]


@dataclass(frozen=True)
class LookRequest:
    """What a child is asked: how to look at the file, and which words are known to be headings, by `heading_key`."""

    look: Look = Look()
    headings: frozenset[str] = frozenset()

    def before(self, file: bytes) -> bytes:
        """Return what the child is handed."""
        asked = {"look": self.look.as_fields(), "headings": sorted(self.headings)}
        return json.dumps(asked).encode() + b"\n" + file


def heard(content: bytes) -> tuple[LookRequest, bytes]:
    """Part what a child was handed into what is asked and the file; an empty first line leaves all to be found."""
    line, _line_end, file = content.partition(b"\n")
    if not line:
        return LookRequest(), file
    asked = json.loads(line)
    return LookRequest(Look.from_fields(asked["look"]), frozenset(asked["headings"])), file


def heading_key(text: str) -> str:
    """Fold case, accents, punctuation and numbers ("E-mail 1 - Value"); children know no other way to."""
    decomposed = _decomposed(text[:_LONGEST_HEADING])
    words = "".join(character if character.isalnum() else " " for character in decomposed).split()
    return " ".join(word for word in words if not word.isdecimal()) or " ".join(words)


def heading_keys(headings: Iterable[str]) -> frozenset[str]:
    """Return the keys of words that are known to be headings."""
    return frozenset(key for key in map(heading_key, headings) if key)


def _decomposed(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not is_accent(one))
