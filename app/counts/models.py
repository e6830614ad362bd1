"""What is counted: a checkpoint for each part of a statement's signatures, and changes that it has not absorbed."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base
from app.counts.triggers import create_triggers

PART_LENGTH = 24


class CountCheckpoint(Base):
    """How many stand behind a statement in one part: of a visibility, the organisations that the public sees, of a day.

    A total is the sum of this and of the deltas. A part that nobody is in any more may stay with 0.
    """

    __tablename__ = "count_checkpoints"
    __table_args__ = {"sqlite_with_rowid": False}

    # No foreign key: the signatures have it, and one who signs must not hold the statement once more.
    statement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(PART_LENGTH), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class CountDelta(Base):
    """What one transaction changed of a part, until the checkpoint absorbs it; written by PostgreSQL's triggers.

    Many sign at once there, and would wait for each other at one row of the checkpoint. SQLite has one writer at a
    time, who counts in the checkpoint itself. The id is drawn, so that the rows stand in no order.
    """

    __tablename__ = "count_deltas"
    __table_args__ = {"sqlite_with_rowid": False}

    statement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    part: Mapped[str] = mapped_column(String(PART_LENGTH))
    number: Mapped[int] = mapped_column(BigInteger)


event.listen(Base.metadata, "after_create", create_triggers)
