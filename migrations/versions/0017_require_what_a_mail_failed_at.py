"""Require of every mail how often it failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.alter_column("failures", existing_type=sa.Integer(), nullable=False)
        mails.alter_column("has_slot", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.alter_column("has_slot", existing_type=sa.Boolean(), nullable=True)
        mails.alter_column("failures", existing_type=sa.Integer(), nullable=True)
