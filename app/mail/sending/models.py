"""What keeps the pace: lanes to servers and domains, and the seats in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base
from app.base.sealing import BLIND_INDEX_BYTES


class MailLane(Base):
    """The pace towards one server or recipient domain; the key is a digest that names neither."""

    __tablename__ = "mail_lanes"

    lane_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    next_slot_at: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]
    strikes: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime] = mapped_column(index=True)


class MailSeat(Base):
    """One of the places that a lane has for senders at once, held by a worker until a time."""

    __tablename__ = "mail_seats"

    lane_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(40))
    held_until: Mapped[datetime]
