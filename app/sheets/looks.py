"""How a file is looked at to find the list in it: what somebody said of it, or what was found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

NO_HEADINGS = 0


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


def told_look(look: Look) -> bytes:
    """Return a look as the first line of what a child is handed."""
    return json.dumps(look.as_fields()).encode() + b"\n"


def heard_look(content: bytes) -> tuple[Look, bytes]:
    """Part what a child was handed into the look and the file; an empty first line leaves everything to be found."""
    line, _line_end, file = content.partition(b"\n")
    return (Look.from_fields(json.loads(line)) if line else Look()), file
