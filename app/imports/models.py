"""Imports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.imports.states import ImportState


class Import(PublicId, Base):
    """One uploaded list on its way into the directory; file and decisions are sealed, and erased at the end."""

    __tablename__ = "imports"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    state: Mapped[ImportState] = mapped_column(named_enum(ImportState), default=ImportState.UPLOADED)
    file_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # File name, encoding, columns and what was decided: see plans.Plan.
    plan_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    # Rows of the file, like the three above: with them, they add up to its rows.
    left_out: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
