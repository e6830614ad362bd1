"""Add the envelopes that hold a campaign's texts, convenors, chronology and contact until it is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLES = ("campaigns", "campaign_texts", "convenors", "chronology_entries")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("unpublished_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "unpublished_sealed")
