"""Writes a list into the directory portion by portion, from the dry run that is kept, and notes what an undo needs.

Each portion moves the import's mark in the transaction that writes its rows, so that a kill doubles nobody and loses
nobody. Entries bear the time at which the import began: by that an undo tells whether somebody changed them since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.names import same_name_key
from app.base.rows import belongs_to, portions
from app.base.sealing import seal
from app.campaigns.models import Campaign
from app.directory.actions import add_named, ensure_groups, membership
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.moves import note_former
from app.directory.queries import count_signatories, email_key, identity_place, opened, referred_to, roles_of
from app.directory.states import MOST_SIGNATORIES, DirectoryFull, GroupPlace, NewEntry
from app.imports.blocks import block_numbers, drop_block, drop_blocks, keep_block
from app.imports.dry_runs import KeptReview, KeptRow
from app.imports.keeping import OF_A_REVIEW, kept_review, open_rows_behind, seal_review
from app.imports.kept_sheets import OF_THE_FILE
from app.imports.models import Import
from app.imports.queries import plan_of
from app.imports.remembering import remember_rows, save_mapping
from app.imports.review import RowVerdict
from app.imports.states import BlockKind, ImportState, WhyLeftOut

_THERE = (RowVerdict.ADD, RowVerdict.UPDATE, RowVerdict.UNCHANGED, RowVerdict.REPEAT)


@dataclass(frozen=True)
class LeftOutRow:
    """A row that did not reach the directory, as it came, and why."""

    kept: KeptRow
    why: WhyLeftOut


@dataclass(frozen=True)
class Undo:
    """What a portion did: whom it added, how those were whom it changed, and which groups it made (all public ids).

    `asked` are those whom it changed and who had been asked to sign before; `changed_at` is when each of those whom it
    changed had been changed before that.
    """

    added: tuple[str, ...] = ()
    changed: Mapping[str, NewEntry] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    changed_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class NextRows:
    """Rows behind the one that was written last (`after`), and the blocks that end with them."""

    rows: Sequence[KeptRow]
    ended: Sequence[int]
    after: int


def begin_writing(session: Session, campaign: Campaign, row: Import, kept: KeptReview) -> None:
    """Let a list be written from its first row on. Its groups are made now. Raises DirectoryFull and TooManyGroups."""
    if count_signatories(session, campaign.id) + kept.count(RowVerdict.ADD) > MOST_SIGNATORIES:
        raise DirectoryFull
    before = set(_groups(session, campaign.id))
    ensure_groups(session, campaign, kept.groups)
    made = [group for group in _groups(session, campaign.id) if group not in before]
    keep_block(session, row.id, BlockKind.UNDO, [Undo(groups=tuple(made))])
    seal_review(session, row, replace(kept, blocks=(), countries=0))
    row.state, row.applied_at = ImportState.APPLYING, clock.now()
    session.flush()


def next_rows(session: Session, row: Import, most: int) -> NextRows:
    """Return the next rows of an import that are to be written. Looks only, so that nobody waits meanwhile."""
    rows: list[KeptRow] = []
    ended: list[int] = []
    for number in block_numbers(session, row.id, BlockKind.ROWS):
        found, is_ended = open_rows_behind(session, row.id, number, row.done_row, most - len(rows))
        rows += found
        if is_ended:
            ended.append(number)
        if len(rows) >= most:
            break
    return NextRows(rows, ended, row.done_row)


def write_portion(session: Session, campaign: Campaign, actor: str, row: Import, following: NextRows) -> bool:
    """Write the next rows of an import that was begun; tell whether there are more. It ends with its last row."""
    if row.state not in (ImportState.APPLYING, ImportState.STOPPING):
        return False
    if row.done_row != following.after:
        return True  # somebody else wrote them meanwhile
    rows = following.rows
    if not rows:
        _finish(session, campaign, actor, row)
        return False
    if row.state is ImportState.STOPPING:
        _leave_out(session, row, {each.reviewed.number: WhyLeftOut.STOPPED for each in rows}, rows)
    else:
        _write(session, campaign, actor, row, rows)
    for number in following.ended:
        drop_block(session, row.id, BlockKind.ROWS, number)
    row.done_row = rows[-1].reviewed.number
    session.flush()
    return True


def write_entries(
    session: Session, campaign: Campaign, actor: str, entries: Mapping[str, NewEntry], action: str, at: datetime
) -> None:
    """Put entries, by their public ids, into this state, and record who did that under an action's name."""
    ids = row_ids(session, campaign.id, list(entries))
    rows = [
        {
            "id": ids[public_id],
            "identity_sealed": seal(session, identity_place(public_id), entry.details.as_fields()),
            "email_key": email_key(session, campaign.id, entry.details.email),
            "kind": entry.kind,
            "is_prominent": entry.is_prominent,
            "changed_at": at,
        }
        for public_id, entry in entries.items()
    ]
    if not rows:
        return
    _note_former(session, rows)
    session.execute(update(Signatory), rows)
    _replace_places(session, campaign, {ids[public_id]: entry for public_id, entry in entries.items()})
    record_many(session, actor, action, entries, campaign.public_id)


def row_ids(session: Session, campaign_id: int, public_ids: Sequence[str]) -> dict[str, int]:
    """Return the row ids of a campaign's signatories by their public ids."""
    found: dict[str, int] = {}
    for part in portions(public_ids):
        wanted = select(Signatory.public_id, Signatory.id).where(
            belongs_to(Signatory.campaign_id, campaign_id), Signatory.public_id.in_(part)
        )
        found |= {row.public_id: row.id for row in session.execute(wanted)}
    return found


def _write(session: Session, campaign: Campaign, actor: str, row: Import, rows: Sequence[KeptRow]) -> None:
    stamp = row.applied_at or clock.now()
    left_out = {each.reviewed.number: why for each in rows if (why := _why(each)) is not None}
    added = {
        each.leads_to: each.result
        for each in rows
        if each.reviewed.verdict is RowVerdict.ADD and each.result is not None
    }
    add_named(session, campaign, actor, added, stamp)
    before = _before(session, campaign.id, rows)
    left_out |= dict.fromkeys(_changed_meanwhile(rows, before, stamp), WhyLeftOut.CHANGED)
    after = {
        each.leads_to: each.result
        for each in rows
        if each.reviewed.verdict is RowVerdict.UPDATE
        and each.result is not None
        and each.reviewed.number not in left_out
    }
    undo = _undo(session, before, added, after)
    write_entries(session, campaign, actor, after, "signatory.imported", stamp)
    keep_block(session, row.id, BlockKind.UNDO, [undo])
    there = [each for each in rows if each.reviewed.number not in left_out]
    ids = row_ids(session, campaign.id, sorted({each.leads_to for each in there}))
    remember_rows(
        session, campaign.id, row.id, [(each.keys, ids[each.leads_to]) for each in there if each.leads_to in ids]
    )
    changed = sum(each.reviewed.verdict is RowVerdict.UPDATE for each in there)
    row.added, row.updated = row.added + len(added), row.updated + changed
    row.unchanged += len(there) - len(added) - changed
    _leave_out(session, row, left_out, rows)


def _why(each: KeptRow) -> WhyLeftOut | None:
    seen = each.reviewed
    if seen.verdict is RowVerdict.REFUSED:
        return WhyLeftOut.REFUSED
    return WhyLeftOut.NO_ANSWER if seen.verdict is RowVerdict.ASKED else None


def _before(session: Session, campaign_id: int, rows: Sequence[KeptRow]) -> dict[str, Signatory]:
    """Return the entries that these rows change, held until the commit."""
    wanted = sorted({each.leads_to for each in rows if each.reviewed.verdict is RowVerdict.UPDATE})
    found: dict[str, Signatory] = {}
    for part in portions(wanted):
        chosen = select(Signatory).where(belongs_to(Signatory.campaign_id, campaign_id), Signatory.public_id.in_(part))
        fresh = chosen.order_by(Signatory.id).with_for_update().execution_options(populate_existing=True)
        found |= {each.public_id: each for each in session.scalars(fresh)}
    return found


def _changed_meanwhile(rows: Sequence[KeptRow], before: Mapping[str, Signatory], stamp: datetime) -> list[int]:
    """Return the rows whose entry is not as it was in the dry run, unless this import changed it."""
    found = []
    for each in rows:
        if each.reviewed.verdict is RowVerdict.UPDATE:
            held = before.get(each.leads_to)
            if held is None or held.changed_at not in (each.seen_at, stamp):
                found.append(each.reviewed.number)
    return found


def _undo(
    session: Session, before: Mapping[str, Signatory], added: Mapping[str, NewEntry], after: Mapping[str, NewEntry]
) -> Undo:
    held = [before[public_id] for public_id in after]
    roles = roles_of(session, [each.id for each in held], "keep what an import changes")
    entries = opened(session, held, "keep what an import changes")
    asked = referred_to(session, [each.id for each in held])
    return Undo(
        tuple(added),
        {
            entry.public_id: NewEntry(
                entry.details, entry.kind, entry.is_prominent,
                tuple(GroupPlace(place.group, place.role) for place in roles.get(entry.id, [])),
            )
            for entry in entries
        },
        tuple(entry.public_id for entry in entries if entry.id in asked),
        changed_at={each.public_id: each.changed_at for each in held},
    )  # fmt: skip


def _leave_out(session: Session, row: Import, why: Mapping[int, WhyLeftOut], rows: Sequence[KeptRow]) -> None:
    if not why:
        return
    left = [LeftOutRow(each, why[each.reviewed.number]) for each in rows if each.reviewed.number in why]
    keep_block(session, row.id, BlockKind.LEFT_OUT, left)
    refused = sum(each.why is WhyLeftOut.REFUSED for each in left)
    row.refused, row.left_out = row.refused + refused, row.left_out + len(left) - refused
    kept = kept_review(session, row)
    if kept is not None:
        reasons = Counter(kept.left_out) + Counter(each.why.value for each in left)
        seal_review(session, row, replace(kept, left_out=reasons))


def _finish(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    kept = kept_review(session, row)
    if kept is not None:
        save_mapping(session, campaign.id, kept.header, plan_of(session, row))
    drop_blocks(session, row.id, (*OF_A_REVIEW, *OF_THE_FILE))
    row.state, row.finished_at = ImportState.APPLIED, clock.now()
    row.file_sealed = row.plan_sealed = None
    session.flush()
    counts: dict[str, Any] = {"added": row.added, "updated": row.updated, "left_out": row.left_out}
    record(session, actor, "import.applied", row.public_id, campaign.public_id, **counts)


def _groups(session: Session, campaign_id: int) -> list[str]:
    return list(session.scalars(select(Group.public_id).where(Group.campaign_id == campaign_id)))


def _note_former(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Remember the addresses that an import replaces or takes away."""
    keys = {row["id"]: row["email_key"] for row in rows}
    for part in portions(list(keys)):
        known = session.scalars(select(Signatory).where(Signatory.id.in_(part), Signatory.email_key.is_not(None))).all()
        moved = opened(session, [row for row in known if row.email_key != keys[row.id]], "change an address")
        note_former(session, {one.id: one.details.email for one in moved})


def _replace_places(session: Session, campaign: Campaign, entries: Mapping[int, NewEntry]) -> None:
    groups = ensure_groups(session, campaign, [place.group for entry in entries.values() for place in entry.places])
    for part in portions(list(entries)):
        session.execute(delete(GroupMembership).where(GroupMembership.signatory_id.in_(part)))
    rows = [
        membership(session, groups[same_name_key(place.group)], signatory_id, place.role)
        for signatory_id, entry in entries.items()
        for place in entry.places
    ]
    if rows:
        session.execute(insert(GroupMembership), rows)
