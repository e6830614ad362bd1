"""Add who let a member in, since when they may approve, and who confirmed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_memberships") as memberships:
        memberships.add_column(sa.Column("let_in_by", sa.String(length=20), nullable=True))
        memberships.add_column(sa.Column("role_given_by", sa.String(length=20), nullable=True))
        memberships.add_column(sa.Column("approves_since", UtcDateTime(timezone=True), nullable=True))
        memberships.add_column(sa.Column("confirmed_by", sa.String(length=20), nullable=True))
        memberships.add_column(sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("campaign_memberships") as memberships:
        memberships.drop_column("confirmed_at")
        memberships.drop_column("confirmed_by")
        memberships.drop_column("approves_since")
        memberships.drop_column("role_given_by")
        memberships.drop_column("let_in_by")
