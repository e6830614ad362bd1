"""Create audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("entry_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_entries_public_id")),
    )
    op.create_index(op.f("ix_audit_entries_campaign_key"), "audit_entries", ["campaign_key"], unique=False)
    op.create_index(op.f("ix_audit_entries_subject_key"), "audit_entries", ["subject_key"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_entries_subject_key"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_campaign_key"), table_name="audit_entries")
    op.drop_table("audit_entries")
