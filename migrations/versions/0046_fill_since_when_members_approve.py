"""Count the time of members who may approve from when they came: when they got that role was not kept."""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE campaign_memberships SET approves_since = created_at "
        "WHERE role IN ('owner', 'approver') AND approves_since IS NULL"
    )


def downgrade() -> None:
    """Leave the times: the column goes with its own migration."""
