"""The delivery: one appeal handed to one recipient."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId


class Delivery(PublicId, Base):
    """One letter on its way to one recipient. The unique letter settles two releases at once."""

    __tablename__ = "deliveries"

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), index=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("appeal_letters.id"), unique=True)
    mail_id: Mapped[str] = mapped_column(String(20))
    # What a person decided about an uncertain hand-over, with the evidence they had: {decision, evidence}
    ruling_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
