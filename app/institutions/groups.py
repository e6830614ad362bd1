"""Groups of recipients: who belongs together at an institution. Joining or leaving one changes no letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.countries import country_name
from app.base.identifiers import new_public_id
from app.base.rows import insert_into, number_changed, portions
from app.institutions.models import GroupedRecipient, Institution, Recipient, RecipientGroup
from app.institutions.states import RecipientGroupKind, name_key

GROUP_NAME_LENGTH = 200
# By kind, what somebody belongs to.
Belonging = Mapping[RecipientGroupKind, Sequence[str]]


@dataclass(frozen=True)
class GroupOfRecipients:
    """A group with the number of recipients who are in it now and not removed."""

    id: int
    public_id: str
    institution_id: int
    kind: RecipientGroupKind
    name: str
    recipients: int

    def called(self, language: str) -> str:
        """Return its name in the reader's language: countries are kept by their code."""
        return country_name(self.name, language) if self.kind is RecipientGroupKind.COUNTRY else self.name


def groups_of(session: Session, institution_ids: Sequence[int]) -> list[GroupOfRecipients]:
    """Return the groups of some institutions by kind and name; those that nobody is in are left out."""
    found = _groups(session, RecipientGroup.institution_id.in_(institution_ids))
    return [group for group in found if group.recipients]


def groups_by_id(session: Session, group_ids: Sequence[int]) -> list[GroupOfRecipients]:
    """Return some groups by their row ids, also those that everybody has left."""
    return _groups(session, RecipientGroup.id.in_(group_ids))


def _groups(session: Session, wanted: ColumnElement[bool]) -> list[GroupOfRecipients]:
    rows = session.execute(
        select(
            RecipientGroup.id, RecipientGroup.public_id, RecipientGroup.institution_id, RecipientGroup.kind,
            RecipientGroup.name, func.count(Recipient.id).label("recipients"),
        )
        .outerjoin(GroupedRecipient, GroupedRecipient.group_id == RecipientGroup.id)
        .outerjoin(
            Recipient, (Recipient.id == GroupedRecipient.recipient_id) & Recipient.removed_at.is_(None)
        )
        .where(wanted)
        .group_by(RecipientGroup.id)
        .order_by(RecipientGroup.institution_id, RecipientGroup.name_key, RecipientGroup.id)
    ).all()  # fmt: skip
    order = list(RecipientGroupKind)
    found = [GroupOfRecipients(**row._mapping) for row in rows]
    return sorted(found, key=lambda group: (group.institution_id, order.index(group.kind)))


def members_of(session: Session, group_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return the recipients (row ids) who are in some groups now and not removed, by group."""
    rows = session.execute(
        select(GroupedRecipient.group_id, GroupedRecipient.recipient_id)
        .join(Recipient, Recipient.id == GroupedRecipient.recipient_id)
        .where(GroupedRecipient.group_id.in_(group_ids), Recipient.removed_at.is_(None))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for group_id, recipient_id in rows:
        found[group_id].add(recipient_id)
    return {group_id: frozenset(found[group_id]) for group_id in group_ids}


def group_names(session: Session, institution_id: int) -> dict[int, dict[RecipientGroupKind, list[str]]]:
    """Return what each recipient of an institution belongs to, by row id, kind and name."""
    rows = session.execute(
        select(GroupedRecipient.recipient_id, RecipientGroup.kind, RecipientGroup.name)
        .join(RecipientGroup, RecipientGroup.id == GroupedRecipient.group_id)
        .where(RecipientGroup.institution_id == institution_id)
        .order_by(RecipientGroup.name_key, RecipientGroup.id)
    )
    found: dict[int, dict[RecipientGroupKind, list[str]]] = defaultdict(lambda: defaultdict(list))
    for recipient_id, kind, name in rows:
        found[recipient_id][kind].append(name)
    return found


def set_groups(session: Session, actor: str, institution: Institution, belonging: Mapping[int, Belonging]) -> int:
    """Let recipients (row ids) belong to exactly these groups of each kind that is named; other kinds stay.

    Groups that are missing are made. Returns how many joined or left. Statements keep whom they chose.
    """
    ids = _ensured(
        session, institution, {(kind, name) for of in belonging.values() for kind in of for name in of[kind]}
    )
    wanted = {
        (ids[group_key(kind, name)], recipient_id)
        for recipient_id, of in belonging.items()
        for kind in of
        for name in of[kind]
    }
    present = _present(session, institution, belonging)
    joined, left = sorted(wanted - present), present - wanted
    for part in portions(joined):
        rows = [{"group_id": group_id, "recipient_id": recipient_id} for group_id, recipient_id in part]
        once = insert_into(session, GroupedRecipient).values(rows).on_conflict_do_nothing()
        session.execute(once)
    changed = len(joined) + _leave(session, left)
    if changed:
        record(session, actor, "recipients.grouped", institution.public_id, joined=len(joined), left=len(left))
    return changed


def group_key(kind: RecipientGroupKind, name: str) -> tuple[RecipientGroupKind, str]:
    """Return what two spellings of one group have in common."""
    return kind, name_key(name)[:GROUP_NAME_LENGTH]


def _ensured(
    session: Session, institution: Institution, wanted: Collection[tuple[RecipientGroupKind, str]]
) -> dict[tuple[RecipientGroupKind, str], int]:
    """Return the row ids of groups by kind and folded name; two who make the same one at once make one."""
    spelt = {group_key(kind, name): name for kind, name in sorted(wanted, reverse=True)}
    rows = [
        {"public_id": new_public_id(), "institution_id": institution.id, "kind": kind, "name": name[:GROUP_NAME_LENGTH],
         "name_key": key, "created_at": clock.now()}
        for (kind, key), name in sorted(spelt.items())
    ]  # fmt: skip
    for part in portions(rows, 100):
        session.execute(insert_into(session, RecipientGroup).values(part).on_conflict_do_nothing())
    known = session.execute(
        select(RecipientGroup.kind, RecipientGroup.name_key, RecipientGroup.id).where(
            RecipientGroup.institution_id == institution.id
        )
    )
    return {(kind, key): group_id for kind, key, group_id in known}


def _present(session: Session, institution: Institution, belonging: Mapping[int, Belonging]) -> set[tuple[int, int]]:
    rows = session.execute(
        select(GroupedRecipient.group_id, GroupedRecipient.recipient_id, RecipientGroup.kind)
        .join(RecipientGroup, RecipientGroup.id == GroupedRecipient.group_id)
        .where(RecipientGroup.institution_id == institution.id)
    )
    return {
        (group_id, recipient_id) for group_id, recipient_id, kind in rows if kind in belonging.get(recipient_id, {})
    }


def _leave(session: Session, left: Collection[tuple[int, int]]) -> int:
    by_group: dict[int, list[int]] = defaultdict(list)
    for group_id, recipient_id in left:
        by_group[group_id].append(recipient_id)
    number = 0
    for group_id, recipients in by_group.items():
        for part in portions(recipients):
            mine = (GroupedRecipient.group_id == group_id) & GroupedRecipient.recipient_id.in_(part)
            number += number_changed(session.execute(delete(GroupedRecipient).where(mine)))
    return number
