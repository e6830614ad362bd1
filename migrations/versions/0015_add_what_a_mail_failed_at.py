"""Add to a mail how often it failed, at what, and whether its time is a place in the pace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.add_column(sa.Column("failures", sa.Integer(), nullable=True))
        mails.add_column(sa.Column("has_slot", sa.Boolean(), nullable=True))
        mails.add_column(sa.Column("trouble", sa.String(length=24), nullable=True))
    op.create_index("ix_mails_finished", "mails", ["finished_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_mails_finished", table_name="mails")
    with op.batch_alter_table("mails") as mails:
        mails.drop_column("trouble")
        mails.drop_column("has_slot")
        mails.drop_column("failures")
