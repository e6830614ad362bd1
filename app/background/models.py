"""The calendar of jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base


class CalendarEntry(Base):
    """When a job of the calendar is due again, and who holds it meanwhile: two schedulers run it once."""

    __tablename__ = "calendar_entries"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(40))
    finished_at: Mapped[datetime | None]
