"""Add when a first factor was set up: until then, an account takes no more than its mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.add_column(sa.Column("first_factor_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisers") as organisers:
        organisers.drop_column("first_factor_at")
