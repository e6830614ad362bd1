"""Keep the rows that a list of offices left out, sealed, until they are decided or were kept for long enough."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("registers", sa.Column("left_out_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registers") as registers:
        registers.drop_column("left_out_sealed")
