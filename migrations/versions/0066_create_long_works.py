"""Create the long work that people order and wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "long_works",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("ordered_by", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_works")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_long_works_kind_subject")),
        sa.UniqueConstraint("public_id", name=op.f("uq_long_works_public_id")),
    )


def downgrade() -> None:
    op.drop_table("long_works")
