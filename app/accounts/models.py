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
    # Three things that don't follow from each other. An administrator keeps the accounts; who may create campaigns
    # keeps none; an operator keeps the machine running, and sees the mail queue and the holding pen, not the campaigns.
    is_administrator: Mapped[bool] = mapped_column(default=False)
    may_create_campaigns: Mapped[bool] = mapped_column(default=False)
    is_operator: Mapped[bool] = mapped_column(default=False)
    # Who made this account, and who made an administrator of it: a public id, or "system" for the command line. Nothing
    # in accounts from before it was recorded. Law 6 asks it of a second person.
    created_by: Mapped[str | None] = mapped_column(String(20))
    administrator_by: Mapped[str | None] = mapped_column(String(20))
    disabled_at: Mapped[datetime | None]
    # When the account was last opened again, or its second factor taken off, and by whom: what was known of its owner
    # before may no longer hold.
    enabled_at: Mapped[datetime | None]
    enabled_by: Mapped[str | None] = mapped_column(String(20))
    # When a first app was set up for it, which takes no more than its mailbox; a later one is none.
    first_factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class OrganiserSession(Base):
    """One signed-in browser; only a hash of its secret is stored.

    It opens the desk once it is complete: a password alone may not be enough. `proven_at` is when its owner last showed
    that it is them.
    """

    __tablename__ = "organiser_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    is_complete: Mapped[bool]
    proven_at: Mapped[datetime | None]
    device_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # {device}
