"""Add the envelopes that hold a statement's texts, annexes and address until it opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

COLUMNS = [
    ("statements", "unpublished_sealed"),
    ("version_texts", "unpublished_sealed"),
    ("annexes", "unpublished_sealed"),
    ("annexes", "content_sealed"),
]


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column)
