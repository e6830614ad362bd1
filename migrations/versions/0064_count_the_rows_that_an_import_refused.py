"""Count the rows of an import that could not be read apart from those that nobody answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("imports", sa.Column("refused", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.execute("UPDATE imports SET left_out = left_out + refused")
    op.drop_column("imports", "refused")
