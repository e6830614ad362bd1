"""Create the orders to write to many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "askings",
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("errand", sa.String(length=24), nullable=False),
        sa.Column("ordered_by", sa.String(length=20), nullable=False),
        sa.Column("upto_id", sa.Integer(), nullable=False),
        sa.Column("done_id", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("mailed", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_askings_statement_id_statements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_askings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_askings_public_id")),
    )
    op.create_index(op.f("ix_askings_statement_id"), "askings", ["statement_id"])
    op.create_index(op.f("ix_askings_finished_at"), "askings", ["finished_at"])


def downgrade() -> None:
    op.drop_table("askings")
