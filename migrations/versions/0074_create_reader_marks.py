"""Create the marks that rise with what readers see; env.py gives their triggers to every database at the head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reader_marks",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "slot", name=op.f("pk_reader_marks")),
    )


def downgrade() -> None:
    op.drop_table("reader_marks")
