"""Second factors and recovery codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.factors.states import FactorKind
from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES


class SecondFactor(PublicId, Base):
    """An app's seed or a passkey of an organiser, sealed."""

    __tablename__ = "second_factors"

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FactorKind] = mapped_column(named_enum(FactorKind))
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {seed} or {credential, public_key, name}
    # The latest step of the app, or moment of a passkey's challenge, that was taken: nothing up to it is taken again.
    spent_until: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One code that opens without the app, once; its row goes when it is used. Only a keyed digest is stored."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id", ondelete="CASCADE"), index=True)
    code_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), unique=True)
