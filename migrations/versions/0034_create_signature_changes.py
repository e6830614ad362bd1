"""Create the changes of how signatures appear: in force, or waiting for somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signature_changes",
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("change_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signatures.id"],
            name=op.f("fk_signature_changes_signature_id_signatures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signature_changes_public_id")),
    )
    op.create_index(op.f("ix_signature_changes_signature_id"), "signature_changes", ["signature_id"])
    op.create_index("ix_signature_changes_waiting", "signature_changes", ["state", "signature_id"])


def downgrade() -> None:
    op.drop_table("signature_changes")
