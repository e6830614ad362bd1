"""Keeps what a dry run came to, sealed: worked out once, and opened a block at a time by the pages that show it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.base.plain import as_plain, from_plain
from app.base.sealing import Place, open_one, seal
from app.imports.blocks import (
    block_numbers,
    drop_blocks,
    keep_block,
    open_block,
    open_blocks,
    replace_block,
    sealed_again,
)
from app.imports.dry_runs import BlockCounts, KeptCountry, KeptReview, KeptRow, blocks_of, counts_of, mark_in_words
from app.imports.models import Import
from app.imports.queries import Seen, mark_of
from app.imports.states import BlockKind, ImportOver

OF_A_REVIEW = (BlockKind.ROWS, BlockKind.COUNTRIES, BlockKind.FAMILIES)
_PADDED = 4096


@dataclass(frozen=True)
class ChangedBlock:
    """A block whose rows were judged again, sealed and not kept yet."""

    number: int
    counts: BlockCounts
    sealed: bytes


def kept_review(session: Session, row: Import) -> KeptReview | None:
    """Return what the dry run came to, or None where it is to be worked out first."""
    if row.review_sealed is None:
        return None
    return from_plain(KeptReview, open_one(session, _place(row.public_id), row.review_sealed, "show a dry run"))


def is_outdated(session: Session, row: Import, kept: KeptReview) -> bool:
    """Tell whether the directory has changed since the dry run."""
    return kept.mark != mark_in_words(mark_of(session, row))


def open_rows(session: Session, import_id: int, number: int) -> list[KeptRow]:
    """Return the rows of a block."""
    return [from_plain(KeptRow, each) for each in open_block(session, import_id, BlockKind.ROWS, number)]


def open_rows_behind(
    session: Session, import_id: int, number: int, after: int, most: int
) -> tuple[list[KeptRow], bool]:
    """Return the next rows of a block behind a row's number, and whether they are its last."""
    plain = open_block(session, import_id, BlockKind.ROWS, number)
    behind = [each for each in plain if each["reviewed"]["number"] > after]
    return [from_plain(KeptRow, each) for each in behind[:most]], len(behind) <= most


def kept_countries(session: Session, row: Import) -> list[KeptCountry]:
    """Return the first doubtful countries, those without an answer before the others."""
    numbers = block_numbers(session, row.id, BlockKind.COUNTRIES)[:1]
    blocks = [open_block(session, row.id, BlockKind.COUNTRIES, number) for number in numbers]
    return [from_plain(KeptCountry, each) for block in blocks for each in block]


def families_of(session: Session, row: Import, numbers: Iterable[int]) -> set[int]:
    """Return these rows and all whose verdict depends on them, or theirs on it."""
    wanted = set(numbers)
    for family in open_blocks(session, row.id, BlockKind.FAMILIES):
        if not wanted.isdisjoint(family):
            wanted.update(family)
    return wanted


def blocks_with(kept: KeptReview, numbers: Iterable[int]) -> list[int]:
    """Return the numbers of the blocks that hold these rows."""
    firsts = [block.first for block in kept.blocks]
    return sorted({bisect_right(firsts, number) - 1 for number in numbers if firsts and number >= firsts[0]})


def keep_review(session: Session, row: Import, seen: Seen) -> KeptReview:
    """Keep a dry run in place of an earlier one. Raises ImportOver where the plan is another by now."""
    drop_review(session, row)
    kept, blocks = blocks_of(session, row.campaign_id, seen)
    for kind, items in blocks:
        keep_block(session, row.id, kind, items)
    finish_review(session, row, seen, kept)
    return kept


def finish_review(session: Session, row: Import, seen: Seen, kept: KeptReview) -> None:
    """Let the blocks count, once all of them are kept. Raises ImportOver where the plan is another by now."""
    if row.plan_sealed != seen.mark[-1]:
        raise ImportOver
    row.rows = len(seen.sheet.rows)
    seal_review(session, row, kept)


def seal_review(session: Session, row: Import, kept: KeptReview) -> None:
    """Keep the numbers of a dry run whose blocks are kept."""
    row.review_sealed = seal(session, _place(row.public_id), as_plain(kept), _PADDED)
    session.flush()


def drop_review(session: Session, row: Import) -> None:
    """Delete a dry run: it has to be worked out anew."""
    drop_blocks(session, row.id, OF_A_REVIEW)
    row.review_sealed = None
    session.flush()


def changed_block(session: Session, row: Import, number: int, rows: Sequence[KeptRow]) -> ChangedBlock:
    """Count and seal other rows for a block, by its number. Changes nothing yet."""
    return ChangedBlock(number, counts_of(rows), sealed_again(session, row.id, BlockKind.ROWS, number, rows))


def save_blocks(session: Session, row: Import, kept: KeptReview, changed: Iterable[ChangedBlock]) -> None:
    """Put other rows into some blocks."""
    blocks = list(kept.blocks)
    for block in changed:
        replace_block(session, row.id, BlockKind.ROWS, block.number, block.sealed)
        blocks[block.number] = block.counts
    seal_review(session, row, replace(kept, blocks=tuple(blocks)))


def _place(public_id: str) -> Place:
    return Place("imports", "review_sealed", public_id)
