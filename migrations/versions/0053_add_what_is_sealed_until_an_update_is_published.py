"""Add the envelope that holds the words of an update until it is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("updates", sa.Column("unpublished_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("updates", "unpublished_sealed")
