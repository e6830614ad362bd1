"""The outbox and the attempts made on it, what keeps its pace, what came in, and the calendar of jobs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.background.holders import LONGEST_HOLDER
from app.base.database import Base, LooselyPublicId, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.mail.states import MailClass, MailState, Pause, Proof
from app.smtp.states import Trouble

# As it stands in the index; a statement of SQL has to say the same for the index to be taken.
IS_TROUBLED = "state IN ('bounced', 'dropped', 'refused', 'uncertain')"


class Mail(PublicId, Base):
    """One mail to one address."""

    __tablename__ = "mails"
    __table_args__ = (
        # Class and reason are in it for counting or passing over paused mail: the row itself is ten times as large.
        Index("ix_mails_due", "state", "priority", "due_at", "id", "mail_class", "trouble"),
        Index("ix_mails_finished", "finished_at", "id"),
        # The few that went wrong are looked at often; a mail that is accepted is never in it.
        Index(
            "ix_mails_troubled",
            "kind",
            "state",
            "trouble",
            "id",
            "public_id",
            sqlite_where=text(IS_TROUBLED),
            postgresql_where=text(IS_TROUBLED),
        ),
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
    holder: Mapped[str | None] = mapped_column(String(LONGEST_HOLDER))  # who has claimed it last
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class MailAttempt(LooselyPublicId, Base):
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


class MailControl(Base):
    """The one row in which a person pauses the queue."""

    __tablename__ = "mail_controls"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pause: Mapped[Pause] = mapped_column(named_enum(Pause))
    changed_by: Mapped[str] = mapped_column(String(20))  # public id of an organiser
    changed_at: Mapped[datetime]
