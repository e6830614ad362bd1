"""The calendar of jobs, and the long work that people wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId


class CalendarEntry(Base):
    """When a job of the calendar is due again, and who holds it meanwhile: two schedulers run it once."""

    __tablename__ = "calendar_entries"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(40))
    finished_at: Mapped[datetime | None]


class LongWork(PublicId, Base):
    """Work that somebody ordered and that takes longer than a page may; gone once it is done. It names nobody.

    `subject` is the public id of what it is about, a row of the stage whose work it is. Ordered twice, it is one.
    """

    __tablename__ = "long_works"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(20))
    ordered_by: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))  # of what it writes for people to read
    step: Mapped[str] = mapped_column(String(24), default="")  # what is being done, in the stage's words
    done: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int]
    failures: Mapped[int] = mapped_column(default=0)  # since a portion of it was done last
    ordered_at: Mapped[datetime]
    asked_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # what is wanted more closely, in the stage's words
    refusal_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # {message}: why it is not done, if it can't be
