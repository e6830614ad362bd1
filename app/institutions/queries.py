"""Read institutions and their recipients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.paging import Page, decode_cursor, page_of
from app.base.sealing import Place, open_many
from app.institutions.models import GroupedRecipient, Institution, InstitutionVersion, Recipient, RecipientVersion
from app.institutions.states import (
    NoSuchInstitution,
    NoSuchRecipient,
    is_likely_same,
)
from app.institutions.versions import OpenedVersion, RecipientContact, is_latest, versions_of

PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1
# Names are compared in Python; a house has some hundred institutions.
MOST_COMPARED = 5000


@dataclass(frozen=True)
class InstitutionRow:
    """One line of the list of institutions."""

    institution_id: int
    public_id: str
    name: str
    country: str
    recipients: int


def institution_names(session: Session) -> list[tuple[str, str]]:
    """Return public id and name of the institutions by name, to choose from."""
    query = select(Institution.public_id, Institution.name).order_by(Institution.name_key, Institution.id)
    return [(public_id, name) for public_id, name in session.execute(query.limit(MOST_COMPARED))]


def institution(session: Session, public_id: str) -> Institution:
    """Return an institution; raises NoSuchInstitution."""
    found = session.scalar(select(Institution).where(Institution.public_id == public_id))
    if found is None:
        raise NoSuchInstitution
    return found


def recipient(session: Session, institution: Institution, public_id: str) -> Recipient:
    """Return a recipient who has not been removed; raises NoSuchRecipient."""
    found = session.scalar(
        select(Recipient).where(
            Recipient.institution_id == institution.id,
            Recipient.public_id == public_id,
            Recipient.removed_at.is_(None),
        )
    )
    if found is None:
        raise NoSuchRecipient
    return found


def recipients_of(session: Session, institution: Institution) -> list[RecipientContact]:
    """Return an institution's recipients as they are known now, in the order they were added, opened."""
    present = (Recipient.institution_id == institution.id) & RecipientVersion.is_removed.is_(False) & is_latest()
    return [version.contact for version in versions_of(session, present, "recipients of an institution")]


def count_recipients(session: Session, institution_id: int) -> int:
    """Count an institution's recipients who have not been removed."""
    there = (Recipient.institution_id == institution_id) & Recipient.removed_at.is_(None)
    return session.scalars(select(func.count()).select_from(Recipient).where(there)).one()


def recipients_page(
    session: Session, institution: Institution, after: int, group_id: int | None = None
) -> tuple[list[RecipientContact], int | None]:
    """Return some recipients, opened, who come after a row id, of one group or of all; and after whom the next come."""
    wanted = select(Recipient.id).where(
        Recipient.institution_id == institution.id, Recipient.removed_at.is_(None), Recipient.id > after
    )
    if group_id is not None:
        wanted = wanted.join(GroupedRecipient, GroupedRecipient.recipient_id == Recipient.id).where(
            GroupedRecipient.group_id == group_id
        )
    ids = session.scalars(wanted.order_by(Recipient.id).limit(PAGE_SIZE + 1)).all()
    shown = RecipientVersion.recipient_id.in_(ids[:PAGE_SIZE]) & is_latest()
    contacts = [version.contact for version in versions_of(session, shown, "recipients of an institution")]
    return contacts, ids[PAGE_SIZE - 1] if len(ids) > PAGE_SIZE else None


def notes_by_id(session: Session, recipient_ids: Sequence[int]) -> dict[int, str]:
    """Return what else is known of some recipients, by row id."""
    rows = session.scalars(select(Recipient).where(Recipient.id.in_(recipient_ids))).all()
    return notes_of(session, rows)


def latest_version(session: Session, recipient: Recipient, purpose: str) -> OpenedVersion:
    """Return what a recipient is known by now, opened for a stated purpose."""
    return versions_of(session, (RecipientVersion.recipient_id == recipient.id) & is_latest(), purpose)[0]


def notes_of(session: Session, recipients: Sequence[Recipient]) -> dict[int, str]:
    """Return what else is known of some recipients, by row id; those of whom nothing is are left out."""
    noted = [(row, row.notes_sealed) for row in recipients if row.notes_sealed is not None]
    opened = open_many(session, [(notes_place(row.public_id), sealed) for row, sealed in noted], "notes on recipients")
    return {row.id: fields["notes"] for (row, _sealed), fields in zip(noted, opened, strict=True)}


def notes_place(public_id: str) -> Place:
    """Return where the notes on a recipient are sealed."""
    return Place("recipients", "notes_sealed", public_id)


def history_of_recipients(session: Session, institution: Institution) -> list[OpenedVersion]:
    """Return every version of an institution's recipients, the removed ones too, opened."""
    return versions_of(session, Recipient.institution_id == institution.id, "history of an institution")


def institution_versions(session: Session, institution_ids: Sequence[int]) -> list[InstitutionVersion]:
    """Return every version of some institutions, oldest first."""
    query = select(InstitutionVersion).where(InstitutionVersion.institution_id.in_(institution_ids))
    return list(session.scalars(query.order_by(InstitutionVersion.institution_id, InstitutionVersion.number)))


def institutions_page(session: Session, cursor: str | None) -> Page[InstitutionRow]:
    """Return institutions by name with the number of their recipients."""
    after = decode_cursor(cursor, 2)
    present = (
        select(Recipient.institution_id, func.count().label("recipients"))
        .where(Recipient.removed_at.is_(None))
        .group_by(Recipient.institution_id)
        .subquery()
    )
    query = select(
        Institution.id, Institution.public_id, Institution.name, Institution.country, Institution.name_key,
        func.coalesce(present.c.recipients, 0).label("recipients"),
    ).outerjoin(present, present.c.institution_id == Institution.id)  # fmt: skip
    if after is not None:
        key, last_id = after
        if not isinstance(key, str) or "\0" in key or not isinstance(last_id, int) or not 0 <= last_id <= LARGEST_ID:
            raise NoSuchInstitution
        query = query.where((Institution.name_key > key) | ((Institution.name_key == key) & (Institution.id > last_id)))
    found = session.execute(query.order_by(Institution.name_key, Institution.id).limit(PAGE_SIZE + 1)).all()
    rows = [InstitutionRow(row.id, row.public_id, row.name, row.country, row.recipients) for row in found]
    last = (found[PAGE_SIZE - 1].name_key, found[PAGE_SIZE - 1].id) if len(found) > PAGE_SIZE else None
    return page_of(rows, PAGE_SIZE, cursor, last)


def likely_double(session: Session, name: str, except_id: int | None = None) -> str | None:
    """Return the name of an institution that may be the same as this one."""
    query = select(Institution.name).order_by(Institution.id).limit(MOST_COMPARED)
    if except_id is not None:
        query = query.where(Institution.id != except_id)
    return next((other for other in session.scalars(query) if is_likely_same(name, other)), None)
