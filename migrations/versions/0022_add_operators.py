"""Add which organisers keep the machine running."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.add_column(sa.Column("is_operator", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.drop_column("is_operator")
