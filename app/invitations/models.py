"""The invitation, and apart from it the answer, tied together by a keyed digest only; and orders to ask many."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.invitations.states import Errand, InvitationStage


class Invitation(PublicId, Base):
    """One signatory asked to sign one statement: what we did, never what they answered.

    No answer may change this row. PostgreSQL writes the transaction's number into every row that is changed or locked,
    so a row touched together with a signature would tell whose it is.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("statement_id", "signatory_id"),
        # Lists are walked in the order of the first; the second counts by stage; the third leads from a mail to whom
        # it was for, since those that didn't arrive are few.
        Index("ix_invitations_listing", "statement_id", "id"),
        Index("ix_invitations_stages", "statement_id", "stage", "id"),
        Index("ix_invitations_mails", "mail_id", "statement_id", "id"),
    )

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id"), index=True)
    stage: Mapped[InvitationStage] = mapped_column(named_enum(InvitationStage), default=InvitationStage.PREPARED)
    link_generation: Mapped[int] = mapped_column(default=1)
    mail_id: Mapped[str | None] = mapped_column(String(20))  # public id of the latest invitation mail
    asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class BulkOrder(PublicId, Base):
    """An order to write to all who are prepared, or to all who are silent, worked off in chunks.

    It names nobody: it means the invitations up to a row id, and remembers how far it has come.
    """

    __tablename__ = "askings"

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), index=True)
    errand: Mapped[Errand] = mapped_column(named_enum(Errand))
    ordered_by: Mapped[str] = mapped_column(String(20))  # public id of an organiser
    upto_id: Mapped[int]  # the last invitation there was; people prepared later are not meant
    done_id: Mapped[int] = mapped_column(default=0)  # the last invitation that was looked at
    expected: Mapped[int]  # how many were to be mailed when it was ordered
    mailed: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class AnswerRecord(Base):
    """What came of asking: one for each invitation, and some for invitations that there are not yet.

    The key is a digest of the invitation under the key file's key. The table is ordered by it, so that the order of its
    rows says nothing either. No transaction that writes an answer writes anything that names a person, and answers are
    made many at a time, before the people: so the order in which things were committed says nothing as well.
    """

    __tablename__ = "answers"
    __table_args__ = {"sqlite_with_rowid": False}

    answer_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), index=True)
    # {invitation, answer, at, reminders, peace, words: the key of the row where they are kept}; always the same length.
    # Reminders have a table of their own, and stand here no more.
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class AnswerSpares(Base):
    """The invitations to come of a statement, whose answers lie ready: drawn at random for the person invited next."""

    __tablename__ = "answer_spares"

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), primary_key=True, autoincrement=False)
    spares_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {spares: public ids}; always the same length


class ReminderRecord(Base):
    """The reminders that an invited person was sent. Not beside the answer: its row would be known by their mails."""

    __tablename__ = "reminders"
    __table_args__ = {"sqlite_with_rowid": False}

    reminder_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), index=True)
    reminders_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {invitation, reminders: [[at, mail]]}; one length


class AnswerWords(Base):
    """The reason for a decline or the change asked for; or room for one, which looks just the same.

    Rows are made with the answers, in no number that tells anything. Whoever declines or asks for a change for the
    first time is given one that is free, with words and without; the answer's envelope knows which, and nothing else.
    """

    __tablename__ = "answer_words"
    __table_args__ = {"sqlite_with_rowid": False}

    words_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)  # drawn at random
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {invitation, words}; always the same length
