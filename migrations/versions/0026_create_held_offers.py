"""Create what is said of held mail and a campaign: offered to it, or not its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("changed_by", sa.String(length=20), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_held_offers_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_offers")),
        sa.UniqueConstraint("inbound_id", "campaign_id", name=op.f("uq_held_offers_inbound_id_campaign_id")),
    )
    op.create_index(op.f("ix_held_offers_campaign_id"), "held_offers", ["campaign_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_held_offers_campaign_id"), table_name="held_offers")
    op.drop_table("held_offers")
