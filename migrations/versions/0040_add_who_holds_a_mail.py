"""Add to mails which process has claimed them, so that the claims of a dead one are free at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("holder", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("mails", "holder")
