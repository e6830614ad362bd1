"""What was decided about an import so far: how its file is read, what its columns hold, the answers to questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.imports.fields import Field
from app.sheets.looks import NO_HEADINGS, Look

# The answer that a row is nobody whom it may be.
DIFFERENT = "different"
_FORMER = ("encoding", "has_header")
# Whether the people of a list sign, or the organisations beside them, is decided once for the list.
WHO_SIGNS, PEOPLE, BODIES = "who signs", "people", "organisations"


@dataclass(frozen=True)
class KnownRow:
    """The entry (public id) that a row led to in an earlier import; `is_unchanged` where the row says the same."""

    target: str
    is_unchanged: bool


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
    # A rank for each column: where several hold one field, in this order they are joined. Empty: as in the file.
    ranks: tuple[int, ...] = ()
    # By a habit of names (person_names.NameHabit) or WHO_SIGNS: what holds for the whole list.
    habits: Mapping[str, str] = field(default_factory=dict)
    # By row number and field: what a person wrote in place of the cells.
    edits: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    # By row number. Found in what the campaign remembers whenever the list is compared, and not sealed with the rest.
    known: Mapping[int, KnownRow] = field(default_factory=dict)

    def columns_of(self) -> dict[Field, tuple[int, ...]]:
        """Return the columns of each field that is used, in the order in which they are joined."""
        found: dict[Field, list[int]] = {}
        ranks = self.ranks if len(self.ranks) == len(self.columns) else (0,) * len(self.columns)
        for index in sorted(range(len(self.columns)), key=lambda index: (ranks[index], index)):
            if self.columns[index] is not Field.IGNORE:
                found.setdefault(self.columns[index], []).append(index)
        return {one: tuple(indexes) for one, indexes in found.items()}

    def as_fields(self) -> dict[str, Any]:
        """Return what is sealed."""
        decided = asdict(replace(self, known={})) | {
            "answers": {str(row): answer for row, answer in self.answers.items()},
            "edits": {str(row): dict(edits) for row, edits in self.edits.items()},
        }
        del decided["known"]
        return decided

    def holds(self, column: int) -> Field:
        """Return what a column holds; one that nobody has seen yet is left out."""
        return self.columns[column] if column < len(self.columns) else Field.IGNORE

    @classmethod
    def from_fields(cls, opened: dict[str, Any]) -> Plan:
        """Read what was sealed; an import that an older release began has decided less."""
        rest = {key: value for key, value in opened.items() if key not in ("look", *_FORMER)}
        return cls(**(rest | {
            "look": _look(opened),
            "columns": tuple(Field(column) for column in opened["columns"]),
            "answers": {int(row): answer for row, answer in opened["answers"].items()},
            "ranks": tuple(opened.get("ranks", ())),
            "edits": {int(row): edits for row, edits in opened.get("edits", {}).items()},
        }))  # fmt: skip


def _look(opened: dict[str, Any]) -> Look:
    """Read how the file is looked at; a plan of before knew of its encoding, and of headings only in its first row."""
    if "look" in opened:
        return Look.from_fields(opened["look"])
    heading_row = 1 if opened["has_header"] else NO_HEADINGS
    return Look(encoding=opened["encoding"], worksheet="", heading_row=heading_row)
