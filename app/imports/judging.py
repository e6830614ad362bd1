"""Judges again what answers touch, in a dry run that is kept: the rest stays as it was worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.rows import belongs_to, portions
from app.base.sealing import seal
from app.directory.models import Signatory
from app.directory.queries import DirectoryEntry, opened
from app.imports.dry_runs import KeptReview, KeptRow, rows_to_keep
from app.imports.keeping import (
    ChangedBlock,
    blocks_with,
    changed_block,
    families_of,
    kept_review,
    open_rows,
    save_blocks,
)
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.queries import plan_of, plan_place
from app.imports.review import judge_again
from app.imports.states import MOST_AT_ONCE

# Each is opened and sealed again, in some ten milliseconds.
_MOST_BLOCKS = 60
_PADDED = 4096


@dataclass(frozen=True)
class Judged:
    """What some answers come to: the plan with them, and the blocks of the dry run that change."""

    plan_before: bytes | None
    plan: Plan
    kept: KeptReview
    blocks: Sequence[ChangedBlock]


def judge_answers(session: Session, row: Import, answers: Mapping[int, str]) -> Judged | None:
    """Judge again the rows that answers touch; None where that is as much work as judging all of them.

    Changes nothing, so that nobody waits meanwhile.
    """
    kept = kept_review(session, row)
    if kept is None or not kept.blocks:
        return None
    touched = families_of(session, row, answers)
    numbers = blocks_with(kept, touched)
    if len(touched) > MOST_AT_ONCE or len(numbers) > _MOST_BLOCKS:
        return None
    plan = with_answers(plan_of(session, row), answers)
    blocks = {number: open_rows(session, row.id, number) for number in numbers}
    rows = [each for number in numbers for each in blocks[number] if each.reviewed.number in touched]
    judged = _judged(session, row.campaign_id, plan, rows)
    changed = [
        changed_block(session, row, number, [judged.get(each.reviewed.number, each) for each in blocks[number]])
        for number in numbers
    ]
    return Judged(row.plan_sealed, plan, kept, changed)


def save_judged(session: Session, row: Import, judged: Judged) -> bool:
    """Save answers and what they came to; nothing, and False, where somebody else decided something meanwhile."""
    if row.plan_sealed != judged.plan_before or row.review_sealed is None:
        return False
    row.plan_sealed = seal(session, plan_place(row.public_id), judged.plan.as_fields(), _PADDED)
    save_blocks(session, row, judged.kept, judged.blocks)
    return True


def with_answers(plan: Plan, answers: Mapping[int, str]) -> Plan:
    """Return a plan with answers about rows; an empty one takes an answer back."""
    return replace(plan, answers={row: said for row, said in {**plan.answers, **answers}.items() if said})


def _judged(session: Session, campaign_id: int, plan: Plan, rows: Sequence[KeptRow]) -> dict[int, KeptRow]:
    reviewed = [each.reviewed for each in rows]
    answers = [plan.answers.get(row.number, "") for row in reviewed]
    targets = {said.removeprefix("same:") for said in answers if said.startswith("same:")}
    targets |= {row.known.target for row in reviewed if row.known is not None}
    review = judge_again(session, _entries(session, campaign_id, sorted(targets)), plan, reviewed)
    came = {each.reviewed.number: (each.cells, each.keys) for each in rows}
    return {each.reviewed.number: each for each in rows_to_keep(session, campaign_id, review, came)}


def _entries(session: Session, campaign_id: int, public_ids: Sequence[str]) -> list[DirectoryEntry]:
    found: list[DirectoryEntry] = []
    for part in portions(public_ids):
        wanted = select(Signatory).where(belongs_to(Signatory.campaign_id, campaign_id), Signatory.public_id.in_(part))
        found += opened(session, session.scalars(wanted).all(), "compare an import")
    return found
