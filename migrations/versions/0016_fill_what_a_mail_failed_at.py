"""Fill in how often the waiting mails have failed: each claim that did not end was a failure."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE mails SET failures = attempts, has_slot = false WHERE failures IS NULL")


def downgrade() -> None:
    """Leave the numbers: nothing else uses them."""
