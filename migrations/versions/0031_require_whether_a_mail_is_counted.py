"""Require of every mail whether it is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.alter_column("is_counted", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.alter_column("is_counted", existing_type=sa.Boolean(), nullable=True)
