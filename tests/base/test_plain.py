"""What is written of a dataclass is read back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from app.base.plain import as_plain, from_plain


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Leaf:
    name: str
    colour: Colour = Colour.RED
    weight: float | None = None


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    mark: bytes
    grown_at: datetime
    pair: tuple[int, str] = (0, "")
    by_number: Mapping[int, Leaf] = field(default_factory=dict)
    crown: Leaf | None = None
    marks: tuple[Colour | int, ...] = ()


TREE = Tree(
    (Leaf("a"), Leaf("b", Colour.BLUE, 1.5)), b"\x00\xff", datetime(2026, 1, 2, tzinfo=UTC), (3, "c"), {7: Leaf("д")},
    Leaf("e"), (Colour.BLUE, 7),
)  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    assert from_plain(Tree, json.loads(json.dumps(as_plain(TREE)))) == TREE
    assert from_plain(list[Leaf], as_plain([Leaf("a")])) == [Leaf("a")]


def test_defaults_take_no_room_and_unknown_fields_are_left_out() -> None:
    assert as_plain(Leaf("a")) == {"name": "a"}
    assert from_plain(Leaf, {"name": "a", "smell": "sweet"}) == Leaf("a")
