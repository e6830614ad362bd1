"""Find signatories that were changed lately: what was mended about their names is taken over into the lists."""

from __future__ import annotations

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_signatories_campaign_id_changed_at", "signatories", ["campaign_id", "changed_at"])


def downgrade() -> None:
    op.drop_index("ix_signatories_campaign_id_changed_at", table_name="signatories")
