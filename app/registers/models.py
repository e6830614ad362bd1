"""Registers on their way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.imports.states import ImportState


class Register(PublicId, Base):
    """One uploaded list of offices; file and decisions are sealed, and erased at the end."""

    __tablename__ = "registers"

    state: Mapped[ImportState] = mapped_column(named_enum(ImportState), default=ImportState.UPLOADED)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # what the file is called
    file_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # File name, columns, salutations and what else was decided: see plans.RegisterPlan.
    plan_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # Rows that were left out, as they came, once it is applied: see outcomes.LeftOutOffices.
    left_out_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(20), index=True)  # organiser's public id
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
