"""The signature: one decision to stand behind one version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import DRAWN_ID, Base, PublicId, named_enum
from app.base.identifiers import draw_row_id
from app.base.sealing import BLIND_INDEX_BYTES
from app.directory.states import SignatoryKind
from app.signatures.states import UNPINNED, ChangeState, SignatureState
from app.visibility.states import Visibility


class Signature(PublicId, Base):
    """One decision to stand behind one version, with the public line and the visibility its owner chose.

    In the clear stands on which day something was done to it, and its row id is drawn within the day: an order or a
    time would be laid beside a mail server's log. The times are sealed.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        # Not behind the statement: asked for many digests, SQLite would walk all that belongs to the statement instead.
        UniqueConstraint("signer_key"),
        # Each list is walked in the order of its index, and nothing in it is passed over: the public list, in which
        # hidden signatures are not; and by visibility, of which each audience at the desk sees some.
        Index(
            "ix_signatures_listing", "statement_id", "state", "kind", "position", "collation_key", "id",
            sqlite_where=text("kind IS NOT NULL"), postgresql_where=text("kind IS NOT NULL"),
        ),
        Index("ix_signatures_sight", "statement_id", "state", "visibility", "position", "id"),
        Index("ix_signatures_statement_id_changed_at", "statement_id", "changed_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(
        DRAWN_ID, primary_key=True, autoincrement=False, default=lambda: draw_row_id(clock.now())
    )
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    language: Mapped[str] = mapped_column(String(16))  # the language it was read and signed in
    text_sha256: Mapped[str] = mapped_column(String(64))
    # Keyed digest of statement and signatory: one signature each, and no road back without the key.
    signer_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES))
    # None unless the public sees the entry: the one organisation that was asked would be found behind a hidden one.
    kind: Mapped[SignatoryKind | None] = mapped_column(named_enum(SignatoryKind))
    state: Mapped[SignatureState] = mapped_column(named_enum(SignatureState))
    visibility: Mapped[Visibility] = mapped_column(named_enum(Visibility))
    # {signatory, invitation (public ids), kind, name, pseudonym, public_line, country, representative, wants_news,
    # times: when it was signed, changed and withdrawn}; always the same length
    identity_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # What the public ledger will commit to; never shown but to its owner.
    nonce: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Order in lists: pinned public ones have a small number, all others UNPINNED; then, where the list stands by name,
    # the key of what the public is shown, empty where that is nothing; then the day of signing.
    position: Mapped[int] = mapped_column(default=UNPINNED)
    collation_key: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    manage_generation: Mapped[int] = mapped_column(default=1)
    # The beginnings of days.
    signed_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SignatureChange(PublicId, Base):
    """One change of how a signature appears: in force, or waiting for its owner or for a coordinator.

    What waits stands here only, so that no page, list or document can show it before its time. The row names the
    signature and nobody, and is as long whatever it holds.
    """

    __tablename__ = "signature_changes"
    __table_args__ = (Index("ix_signature_changes_waiting", "state", "signature_id"),)

    id: Mapped[int] = mapped_column(
        DRAWN_ID, primary_key=True, autoincrement=False, default=lambda: draw_row_id(clock.now())
    )
    signature_id: Mapped[int] = mapped_column(DRAWN_ID, ForeignKey("signatures.id", ondelete="CASCADE"), index=True)
    state: Mapped[ChangeState] = mapped_column(named_enum(ChangeState))
    # {before, after, by, word, times}: before and after are those fields of the signature that differ; times are when
    # it was made and settled
    change_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # The beginnings of days.
    made_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
