"""What was decided about an import so far: how its file is read, what its columns hold, the answers to questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.imports.mapping import Field


@dataclass(frozen=True)
class Plan:
    """What was decided about an import so far. Sealed, since it names people."""

    filename: str
    encoding: str | None = None
    has_header: bool = True
    columns: tuple[Field, ...] = ()
    group: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)
    # By row number: "same:<public id>", "row:<number>" or "different".
    answers: Mapping[int, str] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        """Return what is sealed."""
        return asdict(self) | {"answers": {str(row): answer for row, answer in self.answers.items()}}

    @classmethod
    def from_fields(cls, opened: dict[str, Any]) -> Plan:
        """Read what was sealed."""
        columns = tuple(Field(column) for column in opened["columns"])
        answers = {int(row): answer for row, answer in opened["answers"].items()}
        return cls(**(opened | {"columns": columns, "answers": answers}))
