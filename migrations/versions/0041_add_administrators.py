"""Add which organisers keep the accounts, and who let them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.add_column(sa.Column("is_administrator", sa.Boolean(), nullable=True))
        organisers.add_column(sa.Column("administrator_by", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.drop_column("administrator_by")
        organisers.drop_column("is_administrator")
