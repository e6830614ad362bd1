"""Campaigns, their texts, convenors, chronology and members."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.unpublished import UnpublishedWords
from app.campaigns.states import Precision as Precision, Role

# What is sealed until the campaign's first statement opens; a keyed digest stands in the place of the address.
CAMPAIGN_WORDS = UnpublishedWords("campaigns", {"slug": "", "press_contact": ""})
CAUSE_WORDS = UnpublishedWords("campaign_texts", {"title": "", "summary": ""}, key="id")
CONVENOR_WORDS = UnpublishedWords("convenors", {"name": "", "description": "", "website": ""})
EVENT_WORDS = UnpublishedWords("chronology_entries", {"happened_on": date(1970, 1, 1), "text": "", "source_url": ""})


class Campaign(PublicId, Base):
    """The cause. `language` is its main language, shown where another has no text."""

    __tablename__ = "campaigns"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    language: Mapped[str] = mapped_column(String(16), default="en")
    press_contact: Mapped[str] = mapped_column(Text, default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]  # set when its first statement opens


class CampaignText(Base):
    """Title and summary of a campaign in one language."""

    __tablename__ = "campaign_texts"
    __table_args__ = (UniqueConstraint("campaign_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Convenor(PublicId, Base):
    """An organisation or a named circle that initiates the campaign's statements."""

    __tablename__ = "convenors"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(String(500), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    position: Mapped[int] = mapped_column(default=0)


class ChronologyEntry(PublicId, Base):
    """One event of the case, in one language."""

    __tablename__ = "chronology_entries"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[date]
    precision: Mapped[Precision] = mapped_column(named_enum(Precision), default=Precision.DAY)
    text: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str] = mapped_column(String(500), default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Membership(Base):
    """An organiser's role in a campaign, and what law 6 asks of a person who approves: who stands for them, since when.

    Who did each is a public id, or "system" for the command line; nothing where it was done before it was recorded.
    """

    __tablename__ = "campaign_memberships"
    __table_args__ = (UniqueConstraint("campaign_id", "organiser_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(named_enum(Role))
    created_at: Mapped[datetime]
    let_in_by: Mapped[str | None] = mapped_column(String(20))
    role_given_by: Mapped[str | None] = mapped_column(String(20))
    approves_since: Mapped[datetime | None]  # unbroken, in a role that may approve
    confirmed_by: Mapped[str | None] = mapped_column(String(20))
    confirmed_at: Mapped[datetime | None]
