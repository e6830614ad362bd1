"""Seal the words of updates that were never published, and empty their columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.upkeep.migration_seals import sealer_of

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

WORDS = ("title", "body", "source_name", "source_url")
UPDATES = sa.table(
    "updates", sa.column("id"), sa.column("public_id"), *(sa.column(name) for name in WORDS), sa.column("published_at"),
    sa.column("unpublished_sealed", sa.LargeBinary),
)  # fmt: skip
PADDED = 4096


def upgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    for row in connection.execute(sa.select(UPDATES).where(UPDATES.c.published_at.is_(None))).all():
        words = {name: getattr(row, name) for name in WORDS}
        envelope = sealer.seal("updates", "unpublished_sealed", row.public_id, words, PADDED)
        sealed = dict.fromkeys(WORDS, "") | {"unpublished_sealed": envelope}
        connection.execute(sa.update(UPDATES).where(UPDATES.c.id == row.id).values(sealed))


def downgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    for row in connection.execute(sa.select(UPDATES).where(UPDATES.c.unpublished_sealed.is_not(None))).all():
        words = sealer.open("updates", "unpublished_sealed", row.public_id, row.unpublished_sealed)
        if words is not None:
            opened = words | {"unpublished_sealed": None}
            connection.execute(sa.update(UPDATES).where(UPDATES.c.id == row.id).values(opened))
