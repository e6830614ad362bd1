"""Seal the texts, annexes and address of statements that were never opened, and empty their columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.upkeep.migration_seals import Sealer, sealer_of

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

STATEMENTS = sa.table(
    "statements", sa.column("id"), sa.column("public_id"), sa.column("slug"), sa.column("opened_at"),
    sa.column("unpublished_sealed", sa.LargeBinary),
)  # fmt: skip
VERSIONS = sa.table("versions", sa.column("id"), sa.column("frozen_at"))
TEXTS = sa.table(
    "version_texts", sa.column("id"), sa.column("version_id"), sa.column("title"), sa.column("summary"),
    sa.column("body"), sa.column("unpublished_sealed", sa.LargeBinary),
)  # fmt: skip
DEMANDS = sa.table("demands", sa.column("version_text_id"), sa.column("number"), sa.column("text"))
ANNEXES = sa.table(
    "annexes", sa.column("id"), sa.column("public_id"), sa.column("version_id"), sa.column("title"),
    sa.column("filename"), sa.column("size"), sa.column("pages"), sa.column("sha256"),
    sa.column("content", sa.LargeBinary), sa.column("content_sealed", sa.LargeBinary),
    sa.column("unpublished_sealed", sa.LargeBinary),
)  # fmt: skip
DRAFTS = sa.select(VERSIONS.c.id).where(VERSIONS.c.frozen_at.is_(None))
PADDED, CONTENT_PADDED = 4096, 64 * 1024


def upgrade() -> None:
    sealer = sealer_of(op.get_context())
    _seal_slugs(sealer)
    _seal_texts(sealer)
    _seal_annexes(sealer)


def downgrade() -> None:
    sealer = sealer_of(op.get_context())
    _open_slugs(sealer)
    _open_texts(sealer)
    _open_annexes(sealer)


def _seal_slugs(sealer: Sealer) -> None:
    for row in _all(sa.select(STATEMENTS).where(STATEMENTS.c.opened_at.is_(None))):
        digest = sealer.blind_index("statement slug", row.slug).hex()
        envelope = sealer.seal("statements", "unpublished_sealed", row.public_id, {"slug": row.slug}, PADDED)
        _update(STATEMENTS, row.id, slug=f"~{digest}", unpublished_sealed=envelope)


def _seal_texts(sealer: Sealer) -> None:
    for row in _all(sa.select(TEXTS).where(TEXTS.c.version_id.in_(DRAFTS))):
        mine = DEMANDS.c.version_text_id == row.id
        demands = [each.text for each in _all(sa.select(DEMANDS).where(mine).order_by(DEMANDS.c.number))]
        words = {"title": row.title, "summary": row.summary, "body": row.body, "demands": demands}
        envelope = sealer.seal("version_texts", "unpublished_sealed", row.id, words, PADDED)
        _update(TEXTS, row.id, title="", summary="", body="", unpublished_sealed=envelope)
        op.get_bind().execute(sa.delete(DEMANDS).where(mine))


def _seal_annexes(sealer: Sealer) -> None:
    for annex in _all(sa.select(ANNEXES.c.id).where(ANNEXES.c.version_id.in_(DRAFTS))):
        (row,) = _all(sa.select(ANNEXES).where(ANNEXES.c.id == annex.id))
        names = ("title", "filename", "size", "pages", "sha256")
        words = {name: getattr(row, name) for name in names}
        content = sealer.seal_bytes("annexes", "content_sealed", row.public_id, bytes(row.content), CONTENT_PADDED)
        envelope = sealer.seal("annexes", "unpublished_sealed", row.public_id, words, PADDED)
        _update(
            ANNEXES, row.id, title="", filename="", size=0, pages=None, sha256="", content=b"", content_sealed=content,
            unpublished_sealed=envelope,
        )  # fmt: skip


def _open_slugs(sealer: Sealer) -> None:
    for row in _all(sa.select(STATEMENTS).where(STATEMENTS.c.unpublished_sealed.is_not(None))):
        words = sealer.open("statements", "unpublished_sealed", row.public_id, row.unpublished_sealed)
        if words is not None:
            _update(STATEMENTS, row.id, slug=words["slug"], unpublished_sealed=None)


def _open_texts(sealer: Sealer) -> None:
    for row in _all(sa.select(TEXTS).where(TEXTS.c.unpublished_sealed.is_not(None))):
        words = sealer.open("version_texts", "unpublished_sealed", row.id, row.unpublished_sealed)
        if words is None:
            continue
        demands = words.pop("demands")
        _update(TEXTS, row.id, unpublished_sealed=None, **words)
        for number, text in enumerate(demands, 1):
            values = {"version_text_id": row.id, "number": number, "text": text}
            op.get_bind().execute(sa.insert(DEMANDS).values(values))


def _open_annexes(sealer: Sealer) -> None:
    for annex in _all(sa.select(ANNEXES.c.id).where(ANNEXES.c.unpublished_sealed.is_not(None))):
        (row,) = _all(sa.select(ANNEXES).where(ANNEXES.c.id == annex.id))
        words = sealer.open("annexes", "unpublished_sealed", row.public_id, row.unpublished_sealed)
        content = sealer.open_bytes("annexes", "content_sealed", row.public_id, row.content_sealed)
        if words is not None and content is not None:
            _update(ANNEXES, row.id, unpublished_sealed=None, content_sealed=None, content=content, **words)


def _all(wanted: Any) -> Any:
    return op.get_bind().execute(wanted).all()


def _update(table: Any, row_id: int, **values: Any) -> None:
    op.get_bind().execute(sa.update(table).where(table.c.id == row_id).values(values))
