"""Add who made an account, and who opened it again when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.add_column(sa.Column("created_by", sa.String(length=20), nullable=True))
        organisers.add_column(sa.Column("enabled_at", UtcDateTime(timezone=True), nullable=True))
        organisers.add_column(sa.Column("enabled_by", sa.String(length=20), nullable=True))
    # Nobody was there yet who could have made the first one but the person who keeps the machine.
    op.execute("UPDATE organisers SET created_by = 'system' WHERE id = (SELECT min(id) FROM organisers)")


def downgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.drop_column("enabled_by")
        organisers.drop_column("enabled_at")
        organisers.drop_column("created_by")
