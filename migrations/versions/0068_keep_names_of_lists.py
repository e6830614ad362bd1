"""Keep what the files of lists are called, sealed, so that lists that were begun can be told apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

TABLES = ("imports", "registers")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("name_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as rows:
            rows.drop_column("name_sealed")
