"""Keep with ordered work, sealed, why it can't be done, for the page that waits for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("long_works") as works:
        works.add_column(sa.Column("refusal_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("long_works") as works:
        works.drop_column("refusal_sealed")
