"""Signatories, groups and imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES


class SignatoryKind(StrEnum):
    """A person, or an organisation that signs through its representative."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Signatory(PublicId, Base):
    """A person or an organisation in a campaign's directory, who may be asked to sign."""

    __tablename__ = "signatories"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SignatoryKind] = mapped_column(named_enum(SignatoryKind), default=SignatoryKind.PERSON)
    # {name, sort_name, email, credential, affiliation, country, language, representative, notes}
    identity_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_key: Mapped[bytes | None] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), index=True)
    is_prominent: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Group(PublicId, Base):
    """A body that signatories belong to, such as the World Liberty Congress."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    website: Mapped[str] = mapped_column(String(500), default="")


class GroupMembership(PublicId, Base):
    """A signatory's place in a group; the role is sealed, since it can tell who it is."""

    __tablename__ = "group_memberships"
    __table_args__ = (UniqueConstraint("group_id", "signatory_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id", ondelete="CASCADE"), index=True)
    role_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {role}


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    APPLIED = "applied"
    DISCARDED = "discarded"


class Import(PublicId, Base):
    """One uploaded sheet on its way into the directory; file and decisions are sealed, and erased at the end."""

    __tablename__ = "imports"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    state: Mapped[ImportState] = mapped_column(named_enum(ImportState), default=ImportState.UPLOADED)
    file_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    plan_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))  # {filename, mapping, decisions}
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
