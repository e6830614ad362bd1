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
    if op.get_bind().dialect.name == "postgresql":
        # What was drawn is too wide for what was there before: rows are numbered anew, in the same order.
        _number_anew("signatures", {"signature_changes": "CASCADE", "appeal_signatures": None})
        _number_anew("signature_changes", {})
        for table, column in reversed(WIDENED):
            op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.BigInteger(), existing_nullable=False)


def _number_anew(table: str, referring: dict[str, str | None]) -> None:
    """Give the rows of a table the numbers from one on, also where others refer to them, and count on from there."""
    for other in referring:
        op.drop_constraint(f"fk_{other}_signature_id_{table}", other, type_="foreignkey")
    numbers = f"(SELECT id, row_number() OVER (ORDER BY id) AS number FROM {table}) AS anew"
    # By way of negative numbers, since a number may still be another row's.
    for other in referring:
        op.execute(f"UPDATE {other} SET signature_id = -anew.number FROM {numbers} WHERE anew.id = signature_id")
        op.execute(f"UPDATE {other} SET signature_id = -signature_id")
    op.execute(f"UPDATE {table} SET id = -anew.number FROM {numbers} WHERE anew.id = {table}.id")
    op.execute(f"UPDATE {table} SET id = -id")
    for other, ondelete in referring.items():
        op.create_foreign_key(
            f"fk_{other}_signature_id_{table}", other, table, ["signature_id"], ["id"], ondelete=ondelete
        )
    op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT count(*) + 1 FROM {table}), false)")
