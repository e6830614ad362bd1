"""What was decided about a register so far: how it is read, whose offices these are, how they are greeted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.registers.fields import OfficeField
from app.sheets.looks import Look


@dataclass(frozen=True)
class RegisterPlan:
    """What was decided about a register so far. Sealed, since it names people.

    `institution` is the public id of one that is there, or else `name` names a new one; both stand for rows whose own
    column names none. `patterns` are salutations by language and manner; `parts_at_commas` is None until it is said.
    """

    filename: str
    look: Look = field(default_factory=Look)
    columns: tuple[OfficeField, ...] = ()
    institution: str = ""
    name: str = ""
    country: str = ""
    language: str = "en"
    group: str = ""
    patterns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    turns_capitals: bool = False
    turns_commas: bool = False
    parts_at_commas: bool | None = None
    renews_salutations: bool = False
    # By row number and field: what a person wrote in place of the cells.
    edits: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def has(self, one: OfficeField) -> bool:
        """Tell whether a column holds this."""
        return one in self.columns

    def as_fields(self) -> dict[str, Any]:
        """Return what is sealed."""
        return asdict(self) | {"edits": {str(row): dict(texts) for row, texts in self.edits.items()}}

    @classmethod
    def from_fields(cls, opened: dict[str, Any]) -> RegisterPlan:
        """Read what was sealed."""
        columns = tuple(OfficeField(column) for column in opened["columns"])
        edits = {int(row): texts for row, texts in opened.get("edits", {}).items()}
        return cls(**(opened | {"look": Look.from_fields(opened["look"]), "columns": columns, "edits": edits}))
