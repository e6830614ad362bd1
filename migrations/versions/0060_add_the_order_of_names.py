"""Add the order in which a statement's names stand, and what signatures are put in it by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

LISTING = ["statement_id", "state", "kind", "position"]


def upgrade() -> None:
    op.add_column("statements", sa.Column("name_order", sa.String(24), nullable=False, server_default="day"))
    op.add_column("statements", sa.Column("arranged_as", sa.String(80), nullable=True))
    # SQLite tells an empty text from empty bytes, and sorts one before the other.
    empty = sa.text("x''") if op.get_context().dialect.name == "sqlite" else sa.text("''")
    op.add_column("signatures", sa.Column("collation_key", sa.LargeBinary(), nullable=False, server_default=empty))
    op.drop_index("ix_signatures_listing", table_name="signatures")
    op.create_index("ix_signatures_listing", "signatures", [*LISTING, "collation_key", "id"])


def downgrade() -> None:
    op.drop_index("ix_signatures_listing", table_name="signatures")
    op.create_index("ix_signatures_listing", "signatures", [*LISTING, "id"])
    op.drop_column("signatures", "collation_key")
    op.drop_column("statements", "arranged_as")
    op.drop_column("statements", "name_order")
