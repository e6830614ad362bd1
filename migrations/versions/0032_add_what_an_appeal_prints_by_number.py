"""Add to appeals the list of what their documents print by its number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("stand_ins_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("appeals") as appeals:
        appeals.drop_column("stand_ins_sealed")
