"""The invitation: one signatory asked to sign one statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.invitations.states import InvitationStage


class Invitation(PublicId, Base):
    """One signatory asked to sign one statement.

    `answer_sealed` and `words_sealed` exist from the first moment and keep their length: {answer, at, reminded_at
    list, mail ids of reminders} and {words}: the reason for a decline or the change that was asked for.
    """

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("statement_id", "signatory_id"),)

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id"), index=True)
    stage: Mapped[InvitationStage] = mapped_column(named_enum(InvitationStage), default=InvitationStage.PREPARED)
    link_generation: Mapped[int] = mapped_column(default=1)
    mail_id: Mapped[str | None] = mapped_column(String(20))  # public id of the latest invitation mail
    asked_at: Mapped[datetime | None]
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    created_at: Mapped[datetime]
