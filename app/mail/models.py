"""The outbox and the attempts made on it, what keeps its pace, what came in, and the calendar of jobs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.mail.states import (
    InboundKind,
    InboundSource,
    InboundState,
    MailClass,
    MailState,
    Pause,
    Proof,
    Trouble,
)


class Mail(PublicId, Base):
    """One mail to one address."""

    __tablename__ = "mails"
    __table_args__ = (
        # Class and reason are in it for who counts or passes over what is paused: the row itself is ten times as large.
        Index("ix_mails_due", "state", "priority", "due_at", "id", "mail_class", "trouble"),
        Index("ix_mails_finished", "finished_at", "id"),
    )

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
    # Tries that failed: they decide how long the next one waits. `attempts` counts claims and is the fence.
    failures: Mapped[int] = mapped_column(default=0)
    # Whether `due_at` is a place in its recipient domain's pace, given once and honoured when it comes.
    has_slot: Mapped[bool] = mapped_column(default=False)
    # Whether its recipient's cap has counted it: each mail once, however often it is claimed or given back.
    is_counted: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[Trouble | None] = mapped_column(named_enum(Trouble))
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
    # {answer}, and {answers: [[recipient, code, answer]]} where there was more than one recipient
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class MailEvidence(PublicId, Base):
    """What else tells of a mail's fate: a receipt, a bounce, the relay's log, a witness copy."""

    __tablename__ = "mail_evidence"
    __table_args__ = (UniqueConstraint("mail_id", "source"),)

    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
    proof: Mapped[Proof] = mapped_column(named_enum(Proof))
    status: Mapped[str] = mapped_column(String(16), default="")  # RFC 3463, such as 5.1.1, where there is one
    # What it comes from, so that nothing counts twice: an incoming message's public id, or `log`.
    source: Mapped[str] = mapped_column(String(40))
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {words}
    recorded_at: Mapped[datetime] = mapped_column(index=True)


class MailAddress(Base):
    """What mail remembers of an address, by a keyed digest of its own that no other table holds.

    Days instead of times, and in the order of the digest, so that its rows can't be laid beside the outbox's.
    """

    __tablename__ = "mail_addresses"
    __table_args__ = {"sqlite_with_rowid": False}

    address_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    unasked: Mapped[int] = mapped_column(default=0)
    confirmations: Mapped[int] = mapped_column(default=0)
    confirmations_on: Mapped[date | None]
    bounce_score: Mapped[int] = mapped_column(default=0)  # tenths: a hard bounce 10, a soft one 5
    bounced_on: Mapped[date | None]
    stopped_on: Mapped[date | None]


class MailLane(Base):
    """The pace towards one server or recipient domain; the key is a digest that names neither."""

    __tablename__ = "mail_lanes"

    lane_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    next_slot_at: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]
    strikes: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime] = mapped_column(index=True)


class MailSeat(Base):
    """One of the places that a lane has for senders at once, held by a worker until a time."""

    __tablename__ = "mail_seats"

    lane_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(40))
    held_until: Mapped[datetime]


class MailControl(Base):
    """The one row in which a person pauses the queue."""

    __tablename__ = "mail_controls"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pause: Mapped[Pause] = mapped_column(named_enum(Pause))
    changed_by: Mapped[str] = mapped_column(String(20))  # public id of an organiser
    changed_at: Mapped[datetime]


class CalendarEntry(Base):
    """When a job of the calendar is due again, and who holds it meanwhile: two schedulers run it once."""

    __tablename__ = "calendar_entries"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(40))
    finished_at: Mapped[datetime | None]


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
