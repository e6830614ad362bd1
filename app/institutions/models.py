"""Institutions, their recipients and groups of them; every version, and what each campaign has decided about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base.database import Base, PublicId, named_enum
from app.institutions.states import RecipientGroupKind


class Institution(PublicId, Base):
    """A body an appeal is addressed to, such as a ministry, as it is known now. Its name is public."""

    __tablename__ = "institutions"

    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)  # folded name, by which the list is ordered
    country: Mapped[str] = mapped_column(String(2), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]

    recipients: Mapped[list[Recipient]] = relationship(
        back_populates="institution", order_by="Recipient.id", lazy="raise", cascade="all, delete-orphan"
    )


class InstitutionVersion(PublicId, Base):
    """Name, country and website of an institution as somebody entered them; the highest number is the latest."""

    __tablename__ = "institution_versions"
    __table_args__ = (UniqueConstraint("institution_id", "number"),)

    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    country: Mapped[str] = mapped_column(String(2), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    made_by: Mapped[str] = mapped_column(String(20))  # organiser's public id
    made_at: Mapped[datetime]


class Recipient(PublicId, Base):
    """An office or a person there. Its row keeps how it was first entered; what it is since then are versions."""

    __tablename__ = "recipients"

    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id", ondelete="CASCADE"), index=True)
    contact_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {office, person, salutation, email}
    language: Mapped[str] = mapped_column(String(16), default="en")
    removed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # {notes}: telephone, room, postal address. No letter holds them, so they have no versions.
    notes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    institution: Mapped[Institution] = relationship(back_populates="recipients", lazy="raise")


class RecipientVersion(PublicId, Base):
    """A recipient as somebody entered, corrected or removed it; the highest number is the latest."""

    __tablename__ = "recipient_versions"
    __table_args__ = (UniqueConstraint("recipient_id", "number"),)

    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id", ondelete="CASCADE"))
    number: Mapped[int]
    # None in the first one: the recipient's own row holds how it was entered, sealed to its own place.
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(16), default="en")
    is_removed: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str] = mapped_column(String(20))  # organiser's public id
    made_at: Mapped[datetime]


class InstitutionDecision(Base):
    """What a campaign has decided about a version of an institution that it addresses."""

    __tablename__ = "institution_decisions"
    __table_args__ = (UniqueConstraint("campaign_id", "version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("institution_versions.id", ondelete="CASCADE"), index=True)
    is_accepted: Mapped[bool]
    decided_by: Mapped[str] = mapped_column(String(20))  # organiser's public id
    decided_at: Mapped[datetime]


class RecipientDecision(Base):
    """What a campaign has decided about a version of a recipient: only accepted ones are written to."""

    __tablename__ = "recipient_decisions"
    __table_args__ = (UniqueConstraint("campaign_id", "version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("recipient_versions.id", ondelete="CASCADE"), index=True)
    is_accepted: Mapped[bool]
    decided_by: Mapped[str] = mapped_column(String(20))  # organiser's public id
    decided_at: Mapped[datetime]


class RecipientGroup(PublicId, Base):
    """Recipients of one institution who belong together there, such as a committee. All campaigns share it."""

    __tablename__ = "recipient_groups"
    __table_args__ = (UniqueConstraint("institution_id", "kind", "name_key"),)

    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id", ondelete="CASCADE"))
    kind: Mapped[RecipientGroupKind] = mapped_column(named_enum(RecipientGroupKind))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))  # folded name
    created_at: Mapped[datetime]


class GroupedRecipient(Base):
    """That a recipient belongs to a group now. Statements keep who belonged to it when they chose it."""

    __tablename__ = "grouped_recipients"
    __table_args__ = (UniqueConstraint("group_id", "recipient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("recipient_groups.id", ondelete="CASCADE"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id", ondelete="CASCADE"), index=True)
