"""Organisers and their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId
from app.base.sealing import BLIND_INDEX_BYTES


class Organiser(PublicId, Base):
    """A person with an account. Name and address are sealed; the address is found by its keyed index."""

    __tablename__ = "organisers"

    identity_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {name, email}
    email_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    # Raised by every password link that is used or replaced, which voids the older ones.
    password_generation: Mapped[int] = mapped_column(default=1)
    password_link_expires_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(16), default="en")
    may_create_campaigns: Mapped[bool] = mapped_column(default=True)
    # Keeps the machine running: sees the mail queue and the holding pen, not the campaigns.
    is_operator: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class OrganiserSession(Base):
    """One signed-in browser; only a hash of its secret is stored."""

    __tablename__ = "organiser_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
