"""Add to a mail whether its recipient's cap has counted it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.add_column(sa.Column("is_counted", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.drop_column("is_counted")
