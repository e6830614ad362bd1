"""The outbox and the attempts made on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.mail.states import MailClass, MailState


class Mail(PublicId, Base):
    """One mail to one address."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_due", "state", "priority", "due_at", "id"),)

    kind: Mapped[str] = mapped_column(String(40))
    mail_class: Mapped[MailClass] = mapped_column(named_enum(MailClass))
    priority: Mapped[int]
    references_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Keyed digest of kind, occasion and recipient: the same mail is never queued twice.
    occasion_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), unique=True)
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    # Official mail only: what the frozen bytes must still hash to when they are handed over.
    frozen_sha256: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[MailState] = mapped_column(named_enum(MailState), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    handovers: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class MailAttempt(PublicId, Base):
    """One try: when, with which server, and what it answered (sealed, since answers repeat addresses)."""

    __tablename__ = "mail_attempts"
    __table_args__ = (UniqueConstraint("mail_id", "number"),)

    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
    number: Mapped[int]
    server: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    code: Mapped[int | None]  # SMTP reply code, where there was one
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # {answer}
