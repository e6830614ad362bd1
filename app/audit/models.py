"""The one table of audit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, LooselyPublicId
from app.base.sealing import BLIND_INDEX_BYTES


class AuditEntry(LooselyPublicId, Base):
    """One change; never updated, never deleted but by retention."""

    __tablename__ = "audit_entries"

    recorded_on: Mapped[date]
    # Keyed digests of the subject's and the campaign's public ids, so that raw rows don't say whom they concern.
    subject_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), index=True)
    campaign_key: Mapped[bytes | None] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), index=True)
    entry_sealed: Mapped[bytes] = mapped_column(LargeBinary)
