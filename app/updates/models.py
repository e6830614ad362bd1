"""The update: one piece of news on a campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId
from app.base.unpublished import UnpublishedWords

NEWS_WORDS = UnpublishedWords("updates", {"title": "", "body": "", "source_name": "", "source_url": ""})


class Update(PublicId, Base):
    """News published on the campaign, in one language.

    `revision` rises with every save, so that two writers notice each other. `mailed_to` is how many people the news was
    queued for when it was published; it is set once, with `published_at`, and never again.
    """

    __tablename__ = "updates"
    __table_args__ = (Index("ix_updates_news", "campaign_id", "published_at", "id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    source_name: Mapped[str] = mapped_column(String(200), default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")
    unpublished_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    mailed_to: Mapped[int | None]
    published_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]  # the last change after publication, which readers are told of
    created_at: Mapped[datetime]
