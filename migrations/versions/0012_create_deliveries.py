"""Create deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.String(length=20), nullable=False),
        sa.Column("ruling_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_deliveries_appeal_id_appeals")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["appeal_letters.id"], name=op.f("fk_deliveries_letter_id_appeal_letters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_deliveries_letter_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deliveries_public_id")),
    )
    op.create_index(op.f("ix_deliveries_appeal_id"), "deliveries", ["appeal_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_appeal_id"), table_name="deliveries")
    op.drop_table("deliveries")
