"""Institutions and their recipients."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base.database import Base, PublicId


class Institution(PublicId, Base):
    """A body an appeal is addressed to, such as a ministry. Its name is public."""

    __tablename__ = "institutions"

    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)  # folded name, by which the list is ordered
    country: Mapped[str] = mapped_column(String(2), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]

    recipients: Mapped[list[Recipient]] = relationship(
        back_populates="institution", order_by="Recipient.id", lazy="raise", cascade="all, delete-orphan"
    )


class Recipient(PublicId, Base):
    """An office or a person there: how they are addressed and where they are mailed."""

    __tablename__ = "recipients"

    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id", ondelete="CASCADE"), index=True)
    contact_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {office, person, salutation, email}
    language: Mapped[str] = mapped_column(String(16), default="en")
    removed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    institution: Mapped[Institution] = relationship(back_populates="recipients", lazy="raise")
