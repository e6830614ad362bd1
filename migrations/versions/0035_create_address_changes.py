"""Create the addresses that were changed and whose former readers are to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_changes",
        sa.Column("signatory_id", sa.Integer(), nullable=False),
        sa.Column("former_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["signatory_id"],
            ["signatories.id"],
            name=op.f("fk_address_changes_signatory_id_signatories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_address_changes_public_id")),
    )
    op.create_index(op.f("ix_address_changes_signatory_id"), "address_changes", ["signatory_id"])


def downgrade() -> None:
    op.drop_table("address_changes")
