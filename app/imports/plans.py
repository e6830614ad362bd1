"""What was decided about an import so far: how its file is read, what its columns hold, the answers to questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.imports.fields import Field
from app.sheets.looks import NO_HEADINGS, Look

_FORMER = ("encoding", "has_header")


@dataclass(frozen=True)
class Plan:
    """What was decided about an import so far. Sealed, since it names people."""

    filename: str
    look: Look = field(default_factory=Look)
    columns: tuple[Field, ...] = ()
    group: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)
    # By row number: "same:<public id>", "row:<number>" or "different".
    answers: Mapping[int, str] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        """Return what is sealed."""
        return asdict(self) | {"answers": {str(row): answer for row, answer in self.answers.items()}}

    def holds(self, column: int) -> Field:
        """Return what a column holds; one that nobody has seen yet is left out."""
        return self.columns[column] if column < len(self.columns) else Field.IGNORE

    @classmethod
    def from_fields(cls, opened: dict[str, Any]) -> Plan:
        """Read what was sealed."""
        columns = tuple(Field(column) for column in opened["columns"])
        answers = {int(row): answer for row, answer in opened["answers"].items()}
        rest = {key: value for key, value in opened.items() if key not in ("look", *_FORMER)}
        return cls(**(rest | {"look": _look(opened), "columns": columns, "answers": answers}))


def _look(opened: dict[str, Any]) -> Look:
    """Read how the file is looked at; a plan of before knew of its encoding, and of headings only in its first row."""
    if "look" in opened:
        return Look.from_fields(opened["look"])
    heading_row = 1 if opened["has_header"] else NO_HEADINGS
    return Look(encoding=opened["encoding"], worksheet="", heading_row=heading_row)
