"""Seal the names and websites of groups; a keyed digest of the folded name stands in the place of the name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.names import same_name_key
from app.upkeep.migration_seals import sealer_of

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

GROUPS = sa.table(
    "groups", sa.column("id"), sa.column("public_id"), sa.column("campaign_id"), sa.column("name"),
    sa.column("website"), sa.column("unpublished_sealed", sa.LargeBinary),
)  # fmt: skip
PADDED = 4096


def upgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    seen: set[str] = set()
    for row in connection.execute(sa.select(GROUPS).order_by(GROUPS.c.id)).all():
        digest = sealer.blind_index(f"group name {row.campaign_id}", same_name_key(row.name)).hex()
        digest += f"-{row.id}" if digest in seen else ""  # from before names were compared in their folded form
        seen.add(digest)
        words = {"name": row.name, "website": row.website}
        envelope = sealer.seal("groups", "unpublished_sealed", row.public_id, words, PADDED)
        values = {"name": f"~{digest}", "website": "", "unpublished_sealed": envelope}
        connection.execute(sa.update(GROUPS).where(GROUPS.c.id == row.id).values(values))


def downgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    for row in connection.execute(sa.select(GROUPS).where(GROUPS.c.unpublished_sealed.is_not(None))).all():
        words = sealer.open("groups", "unpublished_sealed", row.public_id, row.unpublished_sealed)
        if words is not None:
            values = words | {"unpublished_sealed": None}
            connection.execute(sa.update(GROUPS).where(GROUPS.c.id == row.id).values(values))
