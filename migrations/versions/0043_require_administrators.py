"""Require of every organiser whether they keep the accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.alter_column("is_administrator", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.alter_column("is_administrator", existing_type=sa.Boolean(), nullable=True)
