"""Add to sessions whether they are complete, when their owner last showed that it is them, and what browser it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those who are signed in now show a second factor when they next sign in, within twelve hours.
    with op.batch_alter_table("organiser_sessions") as table:
        table.add_column(sa.Column("is_complete", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("proven_at", UtcDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("device_sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("organiser_sessions") as table:
        table.alter_column("is_complete", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("organiser_sessions") as table:
        table.drop_column("device_sealed")
        table.drop_column("proven_at")
        table.drop_column("is_complete")
