"""Appeals, their documents, letters, frozen signatory list and approvals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import DRAWN_ID, Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.visibility.states import Visibility


class AppealState(StrEnum):
    """How far the dossier has come."""

    ASSEMBLED = "assembled"
    APPROVED = "approved"
    RELEASED = "released"
    SUPERSEDED = "superseded"


class DocumentAudience(StrEnum):
    """For whom a document was made; only the public one is served without sign-in."""

    ADDRESSEE = "addressee"
    PUBLIC = "public"


class Appeal(PublicId, Base):
    """One assembly of a statement's dossier."""

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("statement_id", "number"),
        # Two releases at once, even of two assemblies: the second one fails here, whatever it has read.
        Index(
            "uq_appeals_released", "statement_id", unique=True,
            sqlite_where=text("state = 'released'"), postgresql_where=text("state = 'released'"),
        ),
    )  # fmt: skip

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    number: Mapped[int]
    state: Mapped[AppealState] = mapped_column(named_enum(AppealState), default=AppealState.ASSEMBLED)
    assembled_by: Mapped[str] = mapped_column(String(20))
    assembled_at: Mapped[datetime]
    released_by: Mapped[str | None] = mapped_column(String(20))
    released_at: Mapped[datetime | None]
    # The list of SHA-256s that approvals are given to: JSON in UTF-8, as it is downloaded.
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    # {number, listed}: what the documents print by its number, since no face has it; it may hold names.
    stand_ins_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class AppealDocument(PublicId, Base):
    """A PDF or an annex as it is handed over: the addressee's PDF sealed, what is public in the clear."""

    __tablename__ = "appeal_documents"

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(16))
    audience: Mapped[DocumentAudience] = mapped_column(named_enum(DocumentAudience))
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(120))
    is_annex: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    content_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))


class AppealLetter(PublicId, Base):
    """The mail to one recipient, frozen: MIME bytes with Message-ID and date, sealed."""

    __tablename__ = "appeal_letters"
    __table_args__ = (UniqueConstraint("appeal_id", "recipient_id"),)

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"), index=True)
    # What the recipient was when the letter was frozen, and when the campaign's last appeal went there, if one did.
    # Letters from before versions were kept have neither.
    recipient_version_id: Mapped[int | None] = mapped_column(ForeignKey("recipient_versions.id"))
    former_version_id: Mapped[int | None] = mapped_column(ForeignKey("recipient_versions.id"))
    language: Mapped[str] = mapped_column(String(16))
    written_by: Mapped[str] = mapped_column(String(20))  # who froze these bytes, and so may not approve them
    cover_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {to, to_name, subject, salutation, text}
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    message_sha256: Mapped[str] = mapped_column(String(64))
    message_sealed: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class AppealSignature(Base):
    """Which signatures the dossier holds, and how each appeared in it."""

    __tablename__ = "appeal_signatures"
    __table_args__ = (UniqueConstraint("appeal_id", "signature_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"))
    signature_id: Mapped[int] = mapped_column(DRAWN_ID, ForeignKey("signatures.id"), index=True)
    visibility: Mapped[Visibility] = mapped_column(named_enum(Visibility))
    # Keyed digest of what the addressee was shown, to notice when its owner has changed it since.
    shown_mark: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES))


class Approval(PublicId, Base):
    """One organiser's approval of the exact bytes that the manifest hash covers."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("appeal_id", "organiser_public_id", "manifest_sha256"),)

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"))
    organiser_public_id: Mapped[str] = mapped_column(String(20))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    note_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {note}
    approved_at: Mapped[datetime]
