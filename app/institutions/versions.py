"""Read the versions of recipients: opened, the latest, and those that a campaign has accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app.base.locales import endonym
from app.base.sealing import Place, open_many
from app.institutions.models import Recipient, RecipientDecision, RecipientVersion
from app.institutions.states import ContactPart


@dataclass(frozen=True)
class RecipientContact:
    """A recipient with everything opened, for those who write to them."""

    recipient_id: int
    public_id: str
    office: str
    person: str
    salutation: str
    email: str
    language: str

    @property
    def called(self) -> str:
        """What the recipient is called in a list."""
        return self.office or self.person


@dataclass(frozen=True)
class OpenedVersion:
    """One version of a recipient with its contact opened."""

    id: int
    public_id: str
    institution_id: int
    number: int
    contact: RecipientContact
    is_removed: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True)
class ContactChange:
    """One part of a recipient before and after; the part before is empty for a new recipient."""

    part: ContactPart
    before: str
    after: str

    @property
    def label(self) -> str:
        """The part in words."""
        return self.part.label


def versions_of(session: Session, wanted: ColumnElement[bool], purpose: str) -> list[OpenedVersion]:
    """Return versions of recipients, opened: by recipient in the order they were added, oldest first."""
    rows = session.execute(
        select(
            RecipientVersion,
            Recipient.public_id.label("recipient"),
            Recipient.institution_id,
            Recipient.contact_sealed.label("entered"),
        )
        .join(Recipient, Recipient.id == RecipientVersion.recipient_id)
        .where(wanted)
        .order_by(RecipientVersion.recipient_id, RecipientVersion.number)
        .execution_options(populate_existing=True)
    ).all()
    envelopes = [_envelope(row.RecipientVersion, row.recipient, row.entered) for row in rows]
    return [
        OpenedVersion(
            id=row.RecipientVersion.id,
            public_id=row.RecipientVersion.public_id,
            institution_id=row.institution_id,
            number=row.RecipientVersion.number,
            contact=RecipientContact(
                row.RecipientVersion.recipient_id, row.recipient, language=row.RecipientVersion.language, **opened
            ),
            is_removed=row.RecipientVersion.is_removed,
            made_by=row.RecipientVersion.made_by,
            made_at=row.RecipientVersion.made_at,
        )
        for row, opened in zip(rows, open_many(session, envelopes, purpose), strict=True)
    ]


@cache
def is_latest() -> ColumnElement[bool]:
    """Choose the versions that recipients have now."""
    other = aliased(RecipientVersion)
    latest = select(func.max(other.number)).where(other.recipient_id == RecipientVersion.recipient_id)
    return RecipientVersion.number == latest.correlate(RecipientVersion).scalar_subquery()


def is_accepted_last(campaign_id: int) -> ColumnElement[bool]:
    """Choose the versions that a campaign has accepted last: its letters are prepared from these."""
    other = aliased(RecipientVersion)
    accepted = (
        select(func.max(other.number))
        .join(RecipientDecision, RecipientDecision.version_id == other.id)
        .where(
            other.recipient_id == RecipientVersion.recipient_id,
            RecipientDecision.campaign_id == campaign_id,
            RecipientDecision.is_accepted,
        )
    )
    return RecipientVersion.number == accepted.correlate(RecipientVersion).scalar_subquery()


def version_place(public_id: str) -> Place:
    """Return where the contact of a version is sealed."""
    return Place("recipient_versions", "contact_sealed", public_id)


def changes_between(before: OpenedVersion | None, after: OpenedVersion) -> tuple[ContactChange, ...]:
    """Return what differs between two versions of a recipient; everything that is there where there was none."""
    return tuple(_changes(before, after))


def _changes(before: OpenedVersion | None, after: OpenedVersion) -> Iterator[ContactChange]:
    for part in ContactPart:
        was, now = _shown(before, part), _shown(after, part)
        if was != now:
            yield ContactChange(part, was, now)


def _shown(version: OpenedVersion | None, part: ContactPart) -> str:
    if version is None:
        return ""
    value = str(getattr(version.contact, part.value))
    return endonym(value) if part is ContactPart.LANGUAGE else value


def _envelope(version: RecipientVersion, recipient: str, entered: bytes) -> tuple[Place, bytes]:
    if version.contact_sealed is None:
        return Place("recipients", "contact_sealed", recipient), entered
    return version_place(version.public_id), version.contact_sealed
