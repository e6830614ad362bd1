"""Reads of the directory: pages in an order that is no secret, bounded search through the port, groups."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.base.addresses import findable_forms, is_same
from app.base.database import Base
from app.base.paging import Page, decode_cursor, page_of
from app.base.rows import AT_ONCE, belongs_to, portions
from app.base.sealing import Place, blind_index, open_many
from app.directory.models import GROUP_WORDS, Group, GroupMembership, Signatory
from app.directory.states import Details, NoSuchGroup, NoSuchSignatory, SignatoryKind

PAGE_LENGTH = 50
MOST_FOUND = 50  # entries that one search shows


@dataclass(frozen=True)
class DirectoryEntry:
    """A signatory as opened for a coordinator."""

    id: int
    public_id: str
    kind: SignatoryKind
    is_prominent: bool
    details: Details

    @property
    def is_organisation(self) -> bool:
        """Tell an organisation from a person."""
        return self.kind is SignatoryKind.ORGANISATION


@dataclass(frozen=True)
class DirectoryFilter:
    """Which part of the directory is meant; None leaves a condition out. `group` is a group's public id."""

    group: str | None = None
    kind: SignatoryKind | None = None
    has_address: bool | None = None

    @classmethod
    def named(cls, arguments: Mapping[str, str]) -> DirectoryFilter:
        """Return the part that an address names by its arguments; what makes no sense narrows nothing."""
        kind = arguments.get("kind", "")
        return cls(
            arguments.get("group") or None,
            SignatoryKind(kind) if kind in set(SignatoryKind) else None,
            {"yes": True, "no": False}.get(arguments.get("address", "")),
        )


@dataclass(frozen=True)
class NamedGroup:
    """A group to choose."""

    name: str
    public_id: str


@dataclass(frozen=True)
class GroupSummary:
    """A group and how many are in it."""

    id: int
    public_id: str
    name: str
    website: str
    members: int


@dataclass(frozen=True)
class HeldRole:
    """A signatory's place in a group, with the group's id."""

    group_public_id: str
    group: str
    role: str


EVERYBODY = DirectoryFilter()
# Enough of a row for an entry; walking whole ones takes half as long again.
_WALKED = (
    Signatory.id, Signatory.public_id, Signatory.kind, Signatory.is_prominent, Signatory.identity_sealed,
)  # fmt: skip


def email_key(session: Session, campaign_id: int, email: str) -> bytes | None:
    """Return the keyed index of an address within a campaign; None for no address."""
    keys = email_keys(session, campaign_id, email)
    return keys[0] if keys else None


def email_keys(session: Session, campaign_id: int, email: str) -> list[bytes]:
    """Return every index under which an address may stand in a campaign, today's first; none for no address."""
    forms = findable_forms(email) if email.strip() else ()
    return [blind_index(session, f"signatory email {campaign_id}", form) for form in forms]


def signatory_row(session: Session, campaign_id: int, public_id: str, *, to_change: bool = False) -> Signatory:
    """Return the row of a campaign's signatory, locked until the commit if it is to be changed.

    Raises NoSuchSignatory.
    """
    wanted = select(Signatory).where(Signatory.campaign_id == campaign_id, Signatory.public_id == public_id)
    row = session.scalar(wanted.with_for_update() if to_change else wanted)
    if row is None:
        raise NoSuchSignatory
    return row


def state_of(row: Signatory) -> str:
    """Return a mark that changes with every change of a signatory, so that two editors notice each other."""
    return hashlib.sha256(row.identity_sealed + row.changed_at.isoformat().encode()).hexdigest()[:16]


def entry(session: Session, campaign_id: int, public_id: str, purpose: str) -> DirectoryEntry:
    """Return one signatory, opened; raises NoSuchSignatory."""
    return opened(session, [signatory_row(session, campaign_id, public_id)], purpose)[0]


def entries_by_email(session: Session, campaign_id: int, email: str, purpose: str) -> list[DirectoryEntry]:
    """Return the entries of a campaign that have exactly this address."""
    rows = session.scalars(
        select(Signatory)
        .where(Signatory.campaign_id == campaign_id, Signatory.email_key.in_(email_keys(session, campaign_id, email)))
        .order_by(Signatory.id)
        .limit(MOST_FOUND)
    ).all()
    return [found for found in opened(session, rows, purpose) if is_same(found.details.email, email)]


def count_signatories(session: Session, campaign_id: int, chosen: DirectoryFilter = EVERYBODY) -> int:
    """Count a part of the directory."""
    wanted = select(func.count()).select_from(Signatory).where(*_conditions(campaign_id, chosen))
    return session.scalar(wanted) or 0


def list_signatories(
    session: Session,
    campaign_id: int,
    chosen: DirectoryFilter = EVERYBODY,
    cursor: str | None = None,
    limit: int = PAGE_LENGTH,
) -> Page[DirectoryEntry]:
    """Return a page: pinned ones first, then in the order they came."""
    key = decode_cursor(cursor, 2)
    pinned, after = (True, 0) if key is None else (bool(key[0]), _whole(key[1]))
    rows: list[Signatory] = []
    for part in chosen_parts(campaign_id, chosen, pinned, after):
        rows += session.scalars(part.limit(limit + 1 - len(rows))).all()
        if len(rows) > limit:
            break
    last = rows[limit - 1] if len(rows) > limit else None
    page = page_of(rows, limit, cursor, [int(last.is_prominent), last.id] if last else None)
    return Page(opened(session, page.items, "directory list"), page.next_cursor, page.is_first)


def every_entry(
    session: Session, campaign_id: int, purpose: str, chosen: DirectoryFilter = EVERYBODY
) -> Iterator[DirectoryEntry]:
    """Yield a part of the directory in the order of the list, opened in chunks."""
    pinned, after = True, 0
    while True:
        rows: list[Any] = []
        for part in chosen_parts(campaign_id, chosen, pinned, after):
            walked = part.with_only_columns(*_WALKED).limit(AT_ONCE - len(rows))
            rows += session.execute(walked).all() if len(rows) < AT_ONCE else ()
        yield from opened(session, rows, purpose)
        if len(rows) < AT_ONCE:
            return
        pinned, after = rows[-1].is_prominent, rows[-1].id


def chosen_parts(
    campaign_id: int, chosen: DirectoryFilter = EVERYBODY, pinned: bool = True, after: int = 0
) -> Iterator[Select[Any]]:
    """Yield what selects a part of the directory after one place of the list: those pinned, and then the others.

    Two statements, since one for both would walk the whole list up to a place in it.
    """
    wanted = select(Signatory).where(*_conditions(campaign_id, chosen)).order_by(Signatory.id)
    if pinned:
        yield wanted.where(Signatory.is_prominent.is_(True), Signatory.id > after)
    yield wanted.where(Signatory.is_prominent.is_(False), *(() if pinned else (Signatory.id > after,)))


def groups_by_name(session: Session, campaign_id: int) -> list[NamedGroup]:
    """Return the campaign's groups by name; who is in them is not counted."""
    rows = session.scalars(select(Group).where(Group.campaign_id == campaign_id).order_by(Group.id)).all()
    return sorted((NamedGroup(words_of(session, row)["name"], row.public_id) for row in rows), key=lambda one: one.name)


def list_groups(session: Session, campaign_id: int) -> list[GroupSummary]:
    """Return the campaign's groups by name, each with its number of members."""
    members = func.count(GroupMembership.id).label("members")
    rows = session.execute(
        select(Group, members)
        .outerjoin(GroupMembership, GroupMembership.group_id == Group.id)
        .where(Group.campaign_id == campaign_id)
        .group_by(Group.id)
    ).all()
    found = [
        GroupSummary(row.Group.id, row.Group.public_id, members=row.members, **words_of(session, row.Group))
        for row in rows
    ]
    return sorted(found, key=lambda group: (group.name, group.id))


def names_by_id(session: Session, campaign_id: int, public_ids: Sequence[str], purpose: str) -> dict[str, str]:
    """Return the names of a campaign's signatories by their public ids; who is there no more is left out."""
    found: dict[str, str] = {}
    for part in portions(public_ids):
        rows = session.scalars(
            select(Signatory).where(belongs_to(Signatory.campaign_id, campaign_id), Signatory.public_id.in_(part))
        ).all()
        found |= {one.public_id: one.details.name for one in opened(session, rows, purpose)}
    return found


def words_of(session: Session, group: Group) -> dict[str, str]:
    """Return name and website of a group."""
    return GROUP_WORDS.read(session, group)


def group_row(session: Session, campaign_id: int, public_id: str) -> Group:
    """Return a campaign's group; raises NoSuchGroup."""
    row = session.scalar(select(Group).where(Group.campaign_id == campaign_id, Group.public_id == public_id))
    if row is None:
        raise NoSuchGroup
    return row


def roles_of(session: Session, signatory_ids: Iterable[int], purpose: str) -> dict[int, list[HeldRole]]:
    """Return for each signatory the groups they are in and the role they hold there."""
    wanted = list(signatory_ids)
    found: dict[int, list[HeldRole]] = defaultdict(list)
    names: dict[int, str] = {}
    for part in portions(wanted):
        rows = session.execute(
            select(
                GroupMembership.signatory_id,
                GroupMembership.public_id.label("membership"),
                GroupMembership.role_sealed,
                Group,
            )
            .join(Group, Group.id == GroupMembership.group_id)
            .where(GroupMembership.signatory_id.in_(part))
        ).all()
        for row in rows:
            if row.Group.id not in names:
                names[row.Group.id] = words_of(session, row.Group)["name"]
        rows = sorted(rows, key=lambda row: (names[row.Group.id], row.Group.id))
        places = [(role_place(row.membership), row.role_sealed) for row in rows]
        for row, role in zip(rows, open_many(session, places, purpose), strict=True):
            found[row.signatory_id].append(HeldRole(row.Group.public_id, names[row.Group.id], role["role"]))
    return found


def identity_place(public_id: str) -> Place:
    """Return where a signatory's details are sealed."""
    return Place("signatories", "identity_sealed", public_id)


def role_place(public_id: str) -> Place:
    """Return where a role in a group is sealed."""
    return Place("group_memberships", "role_sealed", public_id)


def opened(session: Session, rows: Iterable[Any], purpose: str) -> list[DirectoryEntry]:
    """Open the details of rows (`Signatory`, or those of its columns that stand in an entry), for one purpose."""
    listed = list(rows)
    details = open_many(session, [(identity_place(row.public_id), row.identity_sealed) for row in listed], purpose)
    return [
        DirectoryEntry(row.id, row.public_id, row.kind, row.is_prominent, Details.from_fields(fields))
        for row, fields in zip(listed, details, strict=True)
    ]


def referred_to(session: Session, signatory_ids: Sequence[int]) -> set[int]:
    """Return those to whom a row of a later stage refers, so that they can't be removed: who were asked to sign.

    This stage does not know which tables those are; the database's references do.
    """
    found: set[int] = set()
    for part in portions(signatory_ids):
        for column in _references():
            found.update(session.scalars(select(column).where(column.in_(part)).distinct()))
    return found


@cache
def _references() -> list[Column[Any]]:
    columns = (column for table in Base.metadata.tables.values() for column in table.columns)
    return [
        column
        for column in columns
        for key in column.foreign_keys
        if key.column is Signatory.__table__.c.id and key.ondelete != "CASCADE"
    ]


def _conditions(campaign_id: int, chosen: DirectoryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Signatory.campaign_id == campaign_id]
    if chosen.kind is not None:
        conditions.append(Signatory.kind == chosen.kind)
    if chosen.has_address is not None:
        conditions.append(Signatory.email_key.is_not(None) if chosen.has_address else Signatory.email_key.is_(None))
    if chosen.group is not None:
        members = (
            select(GroupMembership.signatory_id)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(Group.campaign_id == campaign_id, Group.public_id == chosen.group)
        )
        conditions.append(Signatory.id.in_(members))
    return conditions


def _whole(value: str | int | None) -> int:
    return value if isinstance(value, int) else 0
