"""Add lists that a worker makes for one organiser, and their sealed blocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.String(length=20), nullable=False),
        sa.Column("ordered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_exports_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("owner", "mark", name=op.f("uq_exports_owner_mark")),
        sa.UniqueConstraint("public_id", name=op.f("uq_exports_public_id")),
    )
    op.create_index(op.f("ix_exports_campaign_id"), "exports", ["campaign_id"])
    op.create_table(
        "export_blocks",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_blocks_export_id_exports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_blocks")),
        sa.UniqueConstraint("export_id", "number", name=op.f("uq_export_blocks_export_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_export_blocks_public_id")),
    )


def downgrade() -> None:
    op.drop_table("export_blocks")
    op.drop_table("exports")
