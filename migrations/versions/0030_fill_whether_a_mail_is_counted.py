"""Fill in which mails are counted: until now, whatever had been claimed once."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE mails SET is_counted = (attempts > 0) WHERE is_counted IS NULL")


def downgrade() -> None:
    """Leave the marks: nothing else uses them."""
