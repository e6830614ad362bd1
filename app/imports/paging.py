"""Turns the pages of a dry run that is kept: opens the blocks of the rows that a page shows, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.orm import Session

from app.imports.blocks import open_blocks
from app.imports.dry_runs import KeptReview, KeptRow
from app.imports.keeping import blocks_with, open_rows
from app.imports.models import Import
from app.imports.parts import ReviewPart, belongs, open_of_groups, place_of
from app.imports.review import Reviewed
from app.imports.states import BlockKind

_LONGEST_NUMBER = 9


@dataclass(frozen=True)
class PartPage:
    """A page of a part's rows, after which the next begins, and the rows of each group that are still asked about."""

    rows: Sequence[Reviewed] = ()
    next_after: str | None = None
    groups: Mapping[int, int] = field(default_factory=dict)
    still_open: Mapping[int, list[int]] = field(default_factory=dict)


def page_of(session: Session, row: Import, kept: KeptReview, part: ReviewPart, after: str, limit: int) -> PartPage:
    """Return the page of a part behind a place: a row's number, or that of the first of its group and its own."""
    place = tuple(int(word) for word in after.split("-") if _is_number(word))
    if part.is_ordered:
        return _ordered_page(session, row, kept, part, place, limit)
    rows = [each.reviewed for each in rows_in(session, row, kept, part, place[-1] if place else 0, limit + 1)]
    return PartPage(rows[:limit], str(rows[limit - 1].number) if len(rows) > limit else None)


def rows_in(
    session: Session, row: Import, kept: KeptReview, part: ReviewPart, after: int = 0, most: int | None = None
) -> list[KeptRow]:
    """Return rows of a part behind a row's number, in the order of the list; opens only blocks that hold some."""
    found: list[KeptRow] = []
    for number, block in enumerate(kept.blocks):
        if most is not None and len(found) >= most:
            break
        if block.last > after and block.parts.get(part.value):
            rows = open_rows(session, row.id, number)
            found += [each for each in rows if each.reviewed.number > after and belongs(each.reviewed, part)]
    return found[:most]


def _ordered_page(
    session: Session, row: Import, kept: KeptReview, part: ReviewPart, after: Sequence[int], limit: int
) -> PartPage:
    families = open_blocks(session, row.id, BlockKind.FAMILIES)
    groups = {number: family[0] for family in families for number in family}
    numbers = (number for block in kept.blocks for number in block.ordered.get(part.value, ()))
    ordered = sorted(numbers, key=partial(place_of, groups))
    left = [number for number in ordered if place_of(groups, number) > (after[0], after[-1])] if after else ordered
    last = dict.fromkeys(place_of(groups, left[limit - 1])) if len(left) > limit else {}
    rows = _rows_by_number(session, row, kept, left[:limit])
    return PartPage(rows, "-".join(str(number) for number in last) or None, groups, open_of_groups(ordered, groups))


def _rows_by_number(session: Session, row: Import, kept: KeptReview, numbers: Iterable[int]) -> list[Reviewed]:
    wanted = list(numbers)
    opened = (each for at in blocks_with(kept, wanted) for each in open_rows(session, row.id, at))
    found = {each.reviewed.number: each.reviewed for each in opened}
    return [found[number] for number in wanted if number in found]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < _LONGEST_NUMBER
