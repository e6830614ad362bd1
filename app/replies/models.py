"""Replies and outcomes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.replies.states import OfferAnswer, ReplyKind as ReplyKind


class Reply(PublicId, Base):
    """What one recipient sent back."""

    __tablename__ = "replies"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    kind: Mapped[ReplyKind] = mapped_column(named_enum(ReplyKind))
    received_on: Mapped[date]
    # {text}, and of a mail {sender, sender_name, subject, is_cut, is_from_elsewhere, attachments: [[name, type, size]]}
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public_summary: Mapped[str] = mapped_column(Text, default="")  # shown to readers where not empty
    recorded_by: Mapped[str] = mapped_column(String(20))
    # Public id of the incoming message that it was filed from: one message is filed once.
    inbound_id: Mapped[str | None] = mapped_column(String(20), unique=True)
    created_at: Mapped[datetime]


class HeldOffer(Base):
    """What was said of a held message and one campaign: an operator offers it, or the campaign says that it isn't."""

    __tablename__ = "held_offers"
    __table_args__ = (UniqueConstraint("inbound_id", "campaign_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[str] = mapped_column(String(20))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    answer: Mapped[OfferAnswer] = mapped_column(named_enum(OfferAnswer))
    changed_by: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime]


class Outcome(PublicId, Base):
    """What changed in the world: a ruling, a policy, a release. Public."""

    __tablename__ = "outcomes"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statements.id"), index=True)
    language: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    quotation: Mapped[str] = mapped_column(Text, default="")
    quotation_speaker: Mapped[str] = mapped_column(String(300), default="")
    source_name: Mapped[str] = mapped_column(String(200), default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
