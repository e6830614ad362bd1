"""Change the directory: add, edit and remove signatories; groups and the roles in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.names import same_name_key
from app.base.rows import portions
from app.base.sealing import blind_index, seal
from app.campaigns.models import Campaign
from app.directory.models import GROUP_WORDS, Group, GroupMembership, Signatory
from app.directory.moves import note_former
from app.directory.queries import count_signatories, email_key, identity_place, opened, role_place, roles_of, words_of
from app.directory.states import (
    MOST_GROUPS,
    MOST_SIGNATORIES,
    DirectoryFull,
    GroupInUse,
    GroupNameTaken,
    GroupPlace,
    NewEntry,
    SignatoryAsked,
    TooManyGroups,
)


def add_signatory(session: Session, campaign: Campaign, actor: str, entry: NewEntry) -> str:
    """Add one signatory and return their public id."""
    return add_signatories(session, campaign, actor, [entry])[0]


def add_signatories(session: Session, campaign: Campaign, actor: str, entries: Sequence[NewEntry]) -> list[str]:
    """Add many signatories, in their order, and return their public ids. Raises DirectoryFull."""
    named = {new_public_id(): entry for entry in entries}
    add_named(session, campaign, actor, named, clock.now())
    return list(named)


def add_named(
    session: Session, campaign: Campaign, actor: str, entries: Mapping[str, NewEntry], added_at: datetime
) -> None:
    """Add signatories under public ids that were drawn ahead. Raises DirectoryFull."""
    if not entries:
        return
    if count_signatories(session, campaign.id) + len(entries) > MOST_SIGNATORIES:
        raise DirectoryFull
    rows = [_row(session, campaign.id, public_id, entry, added_at) for public_id, entry in entries.items()]
    session.execute(insert(Signatory), rows)
    record_many(session, actor, "signatory.added", entries, campaign.public_id)
    _place_new(session, campaign, entries)


def edit_signatory(session: Session, campaign: Campaign, actor: str, signatory: Signatory, entry: NewEntry) -> bool:
    """Save what changed and tell whether anything did. The audit keeps the names of the fields, not their content."""
    before = opened(session, [signatory], "edit a signatory")[0]
    changed = list(before.details.changed_to(entry.details))
    changed += ["kind"] if before.kind is not entry.kind else []
    changed += ["prominent"] if before.is_prominent is not entry.is_prominent else []
    if changed:
        signatory.identity_sealed = seal(session, identity_place(signatory.public_id), entry.details.as_fields())
        signatory.email_key = email_key(session, campaign.id, entry.details.email)
        signatory.kind, signatory.is_prominent = entry.kind, entry.is_prominent
    if "email" in changed:
        note_former(session, {signatory.id: before.details.email})
    moved = set_places(session, campaign, signatory, entry.places)
    if moved:
        changed.append("groups")
    if changed:
        signatory.changed_at = clock.now()
        session.flush()
        record(session, actor, "signatory.edited", signatory.public_id, campaign.public_id, fields=", ".join(changed))
    return bool(changed)


def remove_signatory(session: Session, campaign: Campaign, actor: str, signatory: Signatory) -> None:
    """Remove somebody who has not been asked: the row goes, and with it all that is sealed. Raises SignatoryAsked."""
    public_id = signatory.public_id
    try:
        with session.begin_nested():
            session.execute(delete(Signatory).where(Signatory.id == signatory.id))
    except IntegrityError as error:
        # An invitation of a later stage refers to the row; the database knows, this stage doesn't.
        raise SignatoryAsked from error
    session.expunge(signatory)
    record(session, actor, "signatory.removed", public_id, campaign.public_id)


def set_places(session: Session, campaign: Campaign, signatory: Signatory, places: Iterable[GroupPlace]) -> bool:
    """Put a signatory into exactly these groups; tell whether anything changed."""
    wanted = {same_name_key(place.group): place for place in places if place.group}
    current = {
        same_name_key(held.group): held for held in roles_of(session, [signatory.id], "roles").get(signatory.id, [])
    }
    if {key: place.role for key, place in wanted.items()} == {key: held.role for key, held in current.items()}:
        return False
    groups = ensure_groups(session, campaign, [place.group for place in wanted.values()])
    session.execute(delete(GroupMembership).where(GroupMembership.signatory_id == signatory.id))
    rows = [membership(session, groups[key], signatory.id, place.role) for key, place in wanted.items()]
    if rows:
        session.execute(insert(GroupMembership), rows)
    return True


def ensure_groups(session: Session, campaign: Campaign, names: Iterable[str]) -> dict[str, int]:
    """Return row ids by folded name, adding the groups that are missing. Raises TooManyGroups."""
    _hold(session, campaign)
    found = _groups_by_key(session, campaign.id)
    missing: dict[str, str] = {}
    for name in names:
        if same_name_key(name) not in found:
            missing.setdefault(same_name_key(name), name)  # the first spelling stays
    if len(found) + len(missing) > MOST_GROUPS:
        raise TooManyGroups
    for name in missing.values():
        session.add(_new_group(session, campaign, name, ""))
    if missing:
        session.flush()
        found = _groups_by_key(session, campaign.id)
    return found


def add_group(session: Session, campaign: Campaign, actor: str, name: str, website: str) -> str:
    """Add a group and return its public id. Raises GroupNameTaken and TooManyGroups."""
    _hold(session, campaign)
    found = _groups_by_key(session, campaign.id)
    if same_name_key(name) in found:
        raise GroupNameTaken
    if len(found) >= MOST_GROUPS:
        raise TooManyGroups
    group = _new_group(session, campaign, name, website)
    session.add(group)
    session.flush()
    record(session, actor, "group.added", group.public_id, campaign.public_id)
    return group.public_id


def edit_group(session: Session, campaign: Campaign, actor: str, group: Group, name: str, website: str) -> None:
    """Rename a group or correct its website. Raises GroupNameTaken."""
    _hold(session, campaign)
    if _groups_by_key(session, campaign.id).get(same_name_key(name), group.id) != group.id:
        raise GroupNameTaken
    if words_of(session, group) == {"name": name, "website": website}:
        return
    for column, value in _sealed_group(session, campaign.id, group.public_id, name, website).items():
        setattr(group, column, value)
    session.flush()
    record(session, actor, "group.edited", group.public_id, campaign.public_id)


def remove_group(session: Session, campaign: Campaign, actor: str, group: Group) -> None:
    """Remove an empty group. Raises GroupInUse."""
    members = select(func.count()).select_from(GroupMembership).where(GroupMembership.group_id == group.id)
    if session.scalar(members):
        raise GroupInUse
    public_id = group.public_id
    session.delete(group)
    session.flush()
    record(session, actor, "group.removed", public_id, campaign.public_id)


def _hold(session: Session, campaign: Campaign) -> None:
    """Let one at a time name groups of a campaign, so that none is made twice under other capitals."""
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())


def _row(session: Session, campaign_id: int, public_id: str, entry: NewEntry, added_at: datetime) -> dict[str, object]:
    return {
        "public_id": public_id,
        "campaign_id": campaign_id,
        "kind": entry.kind,
        "identity_sealed": seal(session, identity_place(public_id), entry.details.as_fields()),
        "email_key": email_key(session, campaign_id, entry.details.email),
        "is_prominent": entry.is_prominent,
        "created_at": added_at,
        "changed_at": added_at,
    }


def _place_new(session: Session, campaign: Campaign, entries: Mapping[str, NewEntry]) -> None:
    """Put new signatories into their groups, in one statement."""
    placed = {public_id: entry.places for public_id, entry in entries.items() if entry.places}
    if not placed:
        return
    groups = ensure_groups(session, campaign, [place.group for places in placed.values() for place in places])
    ids = _ids_of(session, list(placed))
    rows = [
        membership(session, groups[key], ids[public_id], place.role)
        for public_id, places in placed.items()
        for key, place in {same_name_key(place.group): place for place in places}.items()
    ]
    session.execute(insert(GroupMembership), rows)


def membership(session: Session, group_id: int, signatory_id: int, role: str) -> dict[str, object]:
    """Return the row that puts a signatory into a group, with the role sealed."""
    public_id = new_public_id()
    sealed = seal(session, role_place(public_id), {"role": role})
    return {"public_id": public_id, "group_id": group_id, "signatory_id": signatory_id, "role_sealed": sealed}


def _ids_of(session: Session, public_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in portions(public_ids):
        rows = session.execute(select(Signatory.public_id, Signatory.id).where(Signatory.public_id.in_(part)))
        found |= {row.public_id: row.id for row in rows}
    return found


def _groups_by_key(session: Session, campaign_id: int) -> dict[str, int]:
    rows = session.scalars(select(Group).where(Group.campaign_id == campaign_id).order_by(Group.id))
    return {same_name_key(words_of(session, group)["name"]): group.id for group in rows}


def _new_group(session: Session, campaign: Campaign, name: str, website: str) -> Group:
    public_id = new_public_id()
    words = _sealed_group(session, campaign.id, public_id, name, website)
    return Group(public_id=public_id, campaign_id=campaign.id, **words)


def _sealed_group(session: Session, campaign_id: int, public_id: str, name: str, website: str) -> dict[str, Any]:
    digest = blind_index(session, f"group name {campaign_id}", same_name_key(name)).hex()
    return {**GROUP_WORDS.sealed(session, public_id, {"name": name, "website": website}), "name": f"~{digest}"}
