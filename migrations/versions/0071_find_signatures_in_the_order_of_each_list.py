"""Find signatures in the order of each list, with nothing to pass over, and by when those of a statement changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

LISTING = ["statement_id", "state", "kind", "position", "collation_key", "id"]
IS_LISTED = sa.text("kind IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_signatures_listing", table_name="signatures")
    op.create_index("ix_signatures_listing", "signatures", LISTING, sqlite_where=IS_LISTED, postgresql_where=IS_LISTED)
    op.drop_index("ix_signatures_counting", table_name="signatures")
    op.create_index("ix_signatures_sight", "signatures", ["statement_id", "state", "visibility", "position", "id"])
    op.drop_index("ix_signatures_changed_at", table_name="signatures")
    op.create_index("ix_signatures_statement_id_changed_at", "signatures", ["statement_id", "changed_at"])


def downgrade() -> None:
    op.drop_index("ix_signatures_statement_id_changed_at", table_name="signatures")
    op.create_index("ix_signatures_changed_at", "signatures", ["changed_at"])
    op.drop_index("ix_signatures_sight", table_name="signatures")
    op.create_index("ix_signatures_counting", "signatures", ["statement_id", "state", "visibility", "kind"])
    op.drop_index("ix_signatures_listing", table_name="signatures")
    op.create_index("ix_signatures_listing", "signatures", LISTING)
