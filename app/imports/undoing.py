"""Takes a whole import back: what it added goes, what it changed returns, but for who was asked or changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.plain import from_plain
from app.base.rows import belongs_to, portions
from app.campaigns.models import Campaign
from app.directory.actions import remove_group
from app.directory.models import Group, Signatory
from app.directory.queries import referred_to
from app.directory.states import GroupInUse
from app.imports.blocks import block_numbers, drop_block, keep_block, open_block, open_blocks
from app.imports.models import Import
from app.imports.remembering import forget_rows
from app.imports.states import KEPT_DAYS, BlockKind, ImportState, NothingToUndo, WhyStayed
from app.imports.writing import Undo, write_entries


@dataclass(frozen=True)
class Stayed:
    """An entry (public id) that an undo leaves as it is, and why."""

    public_id: str
    why: WhyStayed


@dataclass(frozen=True)
class UndoOutlook:
    """What an undo would do: how many entries it removes and returns, and which it leaves as they are."""

    removed: int
    returned: int
    gone: int
    stayed: Sequence[Stayed]

    def number_of(self, why: WhyStayed) -> int:
        """Count the entries that stay for a reason."""
        return Counter(each.why for each in self.stayed)[why]


@dataclass(frozen=True)
class _Sorted:
    """The entries of a portion: row ids by public id of those that can be taken back, and what stays."""

    removed: Mapping[str, int]
    returned: Mapping[str, int]
    stayed: Sequence[Stayed]


@dataclass(frozen=True)
class Returned:
    """An entry (public id) that an undo put back: when, and when it had been changed before the import."""

    public_id: str
    at: datetime
    before: datetime


class _LaterUndos:
    """What undos of later imports put back. Opened once, and only where somebody was changed since."""

    def __init__(self, session: Session, row: Import) -> None:
        self._session, self._row = session, row

    def changed_at(self, public_id: str, at: datetime) -> datetime:
        """Return when an entry was changed last, without what later imports did that was undone again."""
        seen = set[datetime]()
        while at != self._row.applied_at and at not in seen and (public_id, at) in self._before:
            seen.add(at)
            at = self._before[public_id, at]
        return at

    @cached_property
    def _before(self) -> dict[tuple[str, datetime], datetime]:
        later = select(Import.id).where(
            Import.campaign_id == self._row.campaign_id,
            Import.applied_at > self._row.applied_at,
            Import.state.in_((ImportState.UNDOING, ImportState.UNDONE)),
        )
        plain = (
            each
            for import_id in self._session.scalars(later).all()
            for each in open_blocks(self._session, import_id, BlockKind.RETURNED)
        )
        return {(one.public_id, one.at): one.before for one in (from_plain(Returned, each) for each in plain)}


def can_be_undone(row: Import) -> bool:
    """Tell whether an import is over and what an undo needs is still kept."""
    ended = row.state is ImportState.APPLIED and row.finished_at is not None and row.applied_at is not None
    return ended and clock.now() < kept_until(row)


def kept_until(row: Import) -> datetime:
    """Return until when an import that is over can be undone, and its rows that were left out are kept."""
    return (row.finished_at or row.created_at) + timedelta(days=KEPT_DAYS)


def outlook(session: Session, campaign: Campaign, row: Import) -> UndoOutlook:
    """Return what an undo would do as things are now. Raises NothingToUndo."""
    if not can_be_undone(row):
        raise NothingToUndo
    removed = returned = touched = 0
    stayed: list[Stayed] = []
    later = _LaterUndos(session, row)
    for undo in _undos(session, row):
        found = _sorted(session, row, undo, later)
        removed, returned = removed + len(found.removed), returned + len(found.returned)
        touched += len(undo.added) + len(undo.changed)
        stayed += found.stayed
    return UndoOutlook(removed, returned, touched - removed - returned - len(stayed), stayed)


def begin_undo(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Begin to take an import back. Raises NothingToUndo."""
    if row.state is ImportState.UNDOING:
        return
    if not can_be_undone(row):
        raise NothingToUndo
    row.state = ImportState.UNDOING
    session.flush()
    record(session, actor, "import.undo_begun", row.public_id, campaign.public_id)


def undo_portion(session: Session, campaign: Campaign, actor: str, row: Import) -> bool:
    """Take the last portion back that was written and is not taken back yet; tell whether there are more."""
    if row.state is not ImportState.UNDOING:
        return False
    numbers = block_numbers(session, row.id, BlockKind.UNDO)
    if not numbers:
        _finish(session, campaign, actor, row)
        return False
    for plain in open_block(session, row.id, BlockKind.UNDO, numbers[-1]):
        _take_back(session, campaign, actor, row, from_plain(Undo, plain))
    drop_block(session, row.id, BlockKind.UNDO, numbers[-1])
    session.flush()
    return True


def stayed(session: Session, row: Import) -> list[Stayed]:
    """Return the entries that an undo left as they are."""
    return [from_plain(Stayed, each) for each in open_blocks(session, row.id, BlockKind.STAYED)]


def _take_back(session: Session, campaign: Campaign, actor: str, row: Import, undo: Undo) -> None:
    found, now = _sorted(session, row, undo, _LaterUndos(session, row)), clock.now()
    before = {public_id: undo.changed[public_id] for public_id in found.returned}
    write_entries(session, campaign, actor, before, "signatory.restored", now)
    _note_returned(
        session, row, [Returned(each, now, undo.changed_at[each]) for each in before if each in undo.changed_at]
    )
    left = [*found.stayed, *_remove(session, campaign, actor, found.removed)]
    if left:
        keep_block(session, row.id, BlockKind.STAYED, left)
    row.taken_back += len(found.returned) + len(found.removed) - (len(left) - len(found.stayed))
    groups = select(Group).where(Group.campaign_id == campaign.id, Group.public_id.in_(undo.groups))
    for group in session.scalars(groups).all():
        try:
            remove_group(session, campaign, actor, group)
        except GroupInUse:
            continue


def _note_returned(session: Session, row: Import, returned: Sequence[Returned]) -> None:
    """Note what is as it was before, so that an undo of an earlier import does not take it for changed since."""
    if returned:
        keep_block(session, row.id, BlockKind.RETURNED, returned)


def _remove(session: Session, campaign: Campaign, actor: str, ids: Mapping[str, int]) -> list[Stayed]:
    """Remove entries; return those who were asked at this very moment, which only the database knows."""
    removed: list[str] = []
    for part in portions(list(ids)):
        try:
            with session.begin_nested():
                session.execute(delete(Signatory).where(Signatory.id.in_([ids[each] for each in part])))
            removed += part
        except IntegrityError:
            removed += [each for each in part if _is_removed(session, ids[each])]
    record_many(session, actor, "signatory.removed", removed, campaign.public_id)
    return [Stayed(each, WhyStayed.ASKED) for each in ids if each not in set(removed)]


def _is_removed(session: Session, row_id: int) -> bool:
    try:
        with session.begin_nested():
            session.execute(delete(Signatory).where(Signatory.id == row_id))
    except IntegrityError:
        return False
    return True


def _sorted(session: Session, row: Import, undo: Undo, later: _LaterUndos) -> _Sorted:
    """Tell apart what can be taken back and what stays; who is gone already needs nothing."""
    held = {
        each.public_id: each
        for part in portions([*undo.added, *undo.changed])
        for each in session.execute(
            select(Signatory.id, Signatory.public_id, Signatory.changed_at).where(
                belongs_to(Signatory.campaign_id, row.campaign_id), Signatory.public_id.in_(part)
            )
        )
    }
    asked = referred_to(session, [each.id for each in held.values()])
    why: dict[str, WhyStayed] = {}
    for public_id, each in held.items():
        if later.changed_at(public_id, each.changed_at) != row.applied_at:
            why[public_id] = WhyStayed.EDITED
        elif each.id in asked and public_id not in undo.asked:
            why[public_id] = WhyStayed.ASKED
    free = {public_id: each.id for public_id, each in held.items() if public_id not in why}
    return _Sorted(
        _among(free, undo.added), _among(free, undo.changed), [Stayed(each, reason) for each, reason in why.items()]
    )


def _among(ids: Mapping[str, int], chosen: Iterable[str]) -> dict[str, int]:
    return {public_id: ids[public_id] for public_id in chosen if public_id in ids}


def _undos(session: Session, row: Import) -> Iterator[Undo]:
    for plain in open_blocks(session, row.id, BlockKind.UNDO):
        yield from_plain(Undo, plain)


def _finish(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    forget_rows(session, row.id)
    row.state, row.finished_at = ImportState.UNDONE, clock.now()
    session.flush()
    left = len(stayed(session, row))
    record(session, actor, "import.undone", row.public_id, campaign.public_id, taken_back=row.taken_back, stayed=left)
