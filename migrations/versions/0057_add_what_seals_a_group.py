"""Add the envelope that holds the name and the website of a group."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("unpublished_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("groups", "unpublished_sealed")
