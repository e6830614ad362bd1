"""Remember from which incoming message a reply was filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("replies") as replies:
        replies.add_column(sa.Column("inbound_id", sa.String(length=20), nullable=True))
        replies.create_unique_constraint(op.f("uq_replies_inbound_id"), ["inbound_id"])


def downgrade() -> None:
    with op.batch_alter_table("replies") as replies:
        replies.drop_constraint(op.f("uq_replies_inbound_id"), type_="unique")
        replies.drop_column("inbound_id")
