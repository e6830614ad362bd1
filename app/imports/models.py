"""Imports, and what a campaign remembers of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.base.database import Base, PublicId, named_enum
from app.base.sealing import BLIND_INDEX_BYTES
from app.imports.states import BlockKind, ImportState


class Import(PublicId, Base):
    """One uploaded list on its way into the directory; file and decisions are sealed, and erased at the end."""

    __tablename__ = "imports"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    state: Mapped[ImportState] = mapped_column(named_enum(ImportState), default=ImportState.UPLOADED)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # what the file is called
    file_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # File name, encoding, columns and what was decided: see plans.Plan.
    plan_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # What the dry run came to, in blocks: see keeping.KeptReview.
    review_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    rows: Mapped[int] = mapped_column(default=0)
    done_row: Mapped[int] = mapped_column(default=0)  # the last row of the list that is written
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    # Rows of the file, like the three above: with them, they add up to its rows.
    left_out: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    taken_back: Mapped[int] = mapped_column(default=0)  # by an undo
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    # When writing began, which is the time that every entry bears which the import added or changed.
    applied_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportBlock(PublicId, Base):
    """Some rows of an import at a time, sealed: the dry run, then what was left out, and what an undo needs."""

    __tablename__ = "import_blocks"
    __table_args__ = (UniqueConstraint("import_id", "kind", "number"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    kind: Mapped[BlockKind] = mapped_column(named_enum(BlockKind))
    number: Mapped[int]
    items_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SavedMapping(PublicId, Base):
    """What the headings of a campaign's lists held, and which country a text was decided to mean."""

    __tablename__ = "saved_mappings"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), unique=True)
    mapping_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # {lists: [{heading: field}], countries: {text: code}}


class ImportedRow(Base):
    """The entry that a row of a list led to, under keyed digests of what the row said: see remembering.py."""

    __tablename__ = "imported_rows"
    __table_args__ = (UniqueConstraint("campaign_id", "row_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), index=True)
    signatory_id: Mapped[int] = mapped_column(ForeignKey("signatories.id", ondelete="CASCADE"), index=True)
    row_key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES))
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary(BLIND_INDEX_BYTES))
