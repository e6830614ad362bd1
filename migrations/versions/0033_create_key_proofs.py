"""Create the proof that key and database belong together. The process that opens the house first seals it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_proofs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("proof_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_key_proofs")),
    )


def downgrade() -> None:
    op.drop_table("key_proofs")
