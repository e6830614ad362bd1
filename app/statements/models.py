"""Statements, their versions and texts in each language, demands, addressees and annexes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.moments import HOUSE_ZONE
from app.base.unpublished import UnpublishedWords
from app.statements.states import NameOrder, StatementKind, StatementState

# What is sealed until the statement opens: its address (a keyed digest stands in its place), the texts
# with their demands, and the annexes with what their hashes would confirm.
STATEMENT_SLUG = UnpublishedWords("statements", {"slug": ""})
TEXT_WORDS = UnpublishedWords("version_texts", {"title": "", "summary": "", "body": ""}, key="id")  # and demands
ANNEX_WORDS = UnpublishedWords("annexes", {"title": "", "filename": "", "size": 0, "pages": None, "sha256": ""})


class Statement(PublicId, Base):
    """The joint text's life: its state, its deadline, and which version is in force."""

    __tablename__ = "statements"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[StatementKind] = mapped_column(named_enum(StatementKind))
    state: Mapped[StatementState] = mapped_column(named_enum(StatementState), default=StatementState.DRAFTING)
    language: Mapped[str] = mapped_column(String(16), default="en")  # the authoritative one
    # The version that is being signed, None while the first is drafted.
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("versions.id", use_alter=True, name="fk_statements_current_version_id_versions")
    )
    contact_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {name, email}: who reads replies to invitations
    goal: Mapped[int | None]
    # In which order the names stand, and by which rules those of the signatures have been put in it so far; None where
    # the days of signing are all that is needed.
    name_order: Mapped[NameOrder] = mapped_column(named_enum(NameOrder), default=NameOrder.DAY)
    arranged_as: Mapped[str | None] = mapped_column(String(80))
    deadline_at: Mapped[datetime | None]
    # The statement's place (IANA name): its deadline, and all that happens to it, is said in that place's time.
    zone: Mapped[str] = mapped_column("deadline_zone", String(40), default=HOUSE_ZONE)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Version(PublicId, Base):
    """One text of a statement in all its languages; immutable once `frozen_at` is set."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("statement_id", "number"),)

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    frozen_at: Mapped[datetime | None]


class VersionText(Base):
    """A version in one language. `revision` rises with every save, so that two editors notice each other."""

    __tablename__ = "version_texts"
    __table_args__ = (UniqueConstraint("version_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[str] = mapped_column(String(20), default="")  # organiser's public id
    saved_at: Mapped[datetime]
    # Set when the version is frozen: what `sha256sum` confirms.
    canonical: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)


class Demand(Base):
    """One numbered recommendation of a frozen version, in one language."""

    __tablename__ = "demands"
    __table_args__ = (UniqueConstraint("version_text_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_text_id: Mapped[int] = mapped_column(ForeignKey("version_texts.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class Addressee(Base):
    """An institution that a version is addressed to. Name and country are kept as when the version was frozen."""

    __tablename__ = "addressees"
    __table_args__ = (UniqueConstraint("version_id", "institution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    frozen_name: Mapped[str | None] = mapped_column(String(300))
    frozen_country: Mapped[str | None] = mapped_column(String(2))


class ChosenGroup(Base):
    """A group of recipients that a version's letters go to; where an institution has one, no others there get any."""

    __tablename__ = "chosen_groups"
    __table_args__ = (UniqueConstraint("version_id", "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("recipient_groups.id"), index=True)
    chosen_by: Mapped[str] = mapped_column(String(20))  # organiser's public id
    chosen_at: Mapped[datetime]


class ChosenRecipient(Base):
    """Somebody who belonged to a group when it was chosen: who joins or leaves it later changes nothing here."""

    __tablename__ = "chosen_recipients"
    __table_args__ = (UniqueConstraint("chosen_group_id", "recipient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chosen_group_id: Mapped[int] = mapped_column(ForeignKey("chosen_groups.id", ondelete="CASCADE"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id", ondelete="CASCADE"), index=True)


class AnnexKind(StrEnum):
    """What an annex is made of."""

    PDF = "pdf"
    MARKDOWN = "markdown"


class Annex(PublicId, Base):
    """A document that belongs to a version: the detailed report, evidence. Frozen with its version."""

    __tablename__ = "annexes"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(16))
    kind: Mapped[AnnexKind] = mapped_column(named_enum(AnnexKind))
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    size: Mapped[int]
    pages: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(String(64))
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The PDF, or the Markdown as UTF-8: exactly the bytes that the hash covers.
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    content_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
