"""Say of every organiser that they are no operator."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE organisers SET is_operator = false WHERE is_operator IS NULL")


def downgrade() -> None:
    """Leave the answers: nothing else uses them."""
