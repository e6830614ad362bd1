"""Keep with ordered work, sealed, what is wanted more closely: which part of a directory, which revision of a text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("long_works") as works:
        works.add_column(sa.Column("asked_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("long_works") as works:
        works.drop_column("asked_sealed")
