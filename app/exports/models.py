"""Exports that a worker makes, and their sealed blocks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.campaigns.states import Role


class Export(PublicId, Base):
    """A list that one organiser ordered, and nobody else may read; of one kind and choice they have one at a time."""

    __tablename__ = "exports"
    __table_args__ = (UniqueConstraint("owner", "mark"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    owner: Mapped[str] = mapped_column(String(20))
    role: Mapped[Role] = mapped_column(named_enum(Role))  # in which it was ordered: it shows what that role sees
    kind: Mapped[str] = mapped_column(String(40))
    mark: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES))  # keyed digest of what was asked for
    # {subject, arguments, filename, rows, size}: what narrows it may hold names, and how many declined nobody may read.
    asked_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expected: Mapped[int]  # at most, whatever narrows it
    attempt: Mapped[str] = mapped_column(String(20), default="")  # of which its blocks are
    ordered_at: Mapped[datetime]
    made_at: Mapped[datetime | None]


class ExportBlock(PublicId, Base):
    """Some rows of an export as they stand in its file, compressed and sealed; its length hides how many."""

    __tablename__ = "export_blocks"
    __table_args__ = (UniqueConstraint("export_id", "number"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"))
    number: Mapped[int]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
