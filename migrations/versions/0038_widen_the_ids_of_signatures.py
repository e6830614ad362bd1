"""Widen the row ids of signatures and their changes, which are no longer counted but drawn.

SQLite's integers are as wide as that already.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WIDENED = (
    ("signatures", "id"),
    ("signature_changes", "id"),
    ("signature_changes", "signature_id"),
    ("appeal_signatures", "signature_id"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, column in WIDENED:
            op.alter_column(table, column, type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)


def downgrade() -> None:
    # Refused by PostgreSQL where an id is drawn already: then the ids would have to be given anew, by hand.
    if op.get_bind().dialect.name == "postgresql":
        for table, column in reversed(WIDENED):
            op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.BigInteger(), existing_nullable=False)
