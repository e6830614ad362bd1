"""What came in, as it came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.inbox.states import InboundKind, InboundSource, InboundState


class InboundMessage(PublicId, Base):
    """One message that came in, as it came. It is stored before anybody looks into it."""

    __tablename__ = "inbound_messages"
    __table_args__ = (Index("ix_inbound_messages_state", "state", "id"),)

    # Keyed digest of what makes the message itself, without the trace of its way: fetched twice, it is one.
    content_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), unique=True)
    source: Mapped[InboundSource] = mapped_column(named_enum(InboundSource))
    kind: Mapped[InboundKind] = mapped_column(named_enum(InboundKind), default=InboundKind.UNREAD)
    state: Mapped[InboundState] = mapped_column(named_enum(InboundState), default=InboundState.NEW)
    size: Mapped[int]
    raw_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # {to, from, subject, date, message_id, refers_to: [message ids], envelope_to}: what lists and matching need
    summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    filed_by: Mapped[str | None] = mapped_column(String(20))  # public id of an organiser, or "system"
    filed_at: Mapped[datetime | None]
