"""Signatories and groups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.base.unpublished import UnpublishedWords
from app.directory.states import SignatoryKind as SignatoryKind


class Signatory(PublicId, Base):
    """A person or an organisation in a campaign's directory, who may be asked to sign."""

    __tablename__ = "signatories"
    # The directory is walked in this order: pinned ones first, then as they came.
    __table_args__ = (
        Index("ix_signatories_listing", "campaign_id", "is_prominent", "id"),
        # The same order within each part that the list can be narrowed to.
        Index("ix_signatories_kinds", "campaign_id", "kind", "is_prominent", "id"),
        *(
            Index(
                f"ix_signatories_{name}",
                "campaign_id",
                "is_prominent",
                "id",
                sqlite_where=text(part),
                postgresql_where=text(part),
            )
            for name, part in (("reachable", "email_key IS NOT NULL"), ("addressless", "email_key IS NULL"))
        ),
        Index("ix_signatories_campaign_id_changed_at", "campaign_id", "changed_at"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    kind: Mapped[SignatoryKind] = mapped_column(named_enum(SignatoryKind), default=SignatoryKind.PERSON)
    # Name, sort name, e-mail, credential, affiliation, country, language, representative, notes: see states.Details.
    identity_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Keyed digest of the address within the campaign; the same address is found again and nothing else.
    email_key: Mapped[bytes | None] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), index=True)
    is_prominent: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AddressChange(PublicId, Base):
    """An address that was changed, until its former reader has been told; then the row goes."""

    __tablename__ = "address_changes"

    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id", ondelete="CASCADE"), index=True)
    former_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {email}
    changed_at: Mapped[datetime]


# Groups are never published: a keyed digest of the folded name always stands in the place of the name.
GROUP_WORDS = UnpublishedWords("groups", {"name": "", "website": ""})


class Group(PublicId, Base):
    """A body that signatories belong to, such as the World Liberty Congress."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    website: Mapped[str] = mapped_column(String(500), default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class GroupMembership(PublicId, Base):
    """A signatory's place in a group; the role is sealed, since it can tell who it is."""

    __tablename__ = "group_memberships"
    __table_args__ = (UniqueConstraint("group_id", "signatory_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id", ondelete="CASCADE"), index=True)
    role_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {role}
