"""Make the house's first account an administrator, and no other: who else may, administrators decide."""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE organisers SET is_administrator = false WHERE is_administrator IS NULL")
    # Those who may create campaigns kept the accounts too. The first account came from the command line; of the others
    # nobody can tell any more who was meant to. Should the first be closed, the oldest that is open is taken.
    op.execute(
        """
        UPDATE organisers SET is_administrator = true, administrator_by = 'system'
        WHERE id = coalesce(
            (SELECT min(id) FROM organisers WHERE may_create_campaigns AND disabled_at IS NULL),
            (SELECT min(id) FROM organisers)
        )
        """
    )


def downgrade() -> None:
    """Leave the answers: nothing else uses them."""
