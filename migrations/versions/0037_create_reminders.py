"""Create the reminders, apart from the answers, which until now held them.

What an answer holds of reminders stays where it is, since only the key opens it, and is read from there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("reminder_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("reminders_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_reminders_statement_id_statements")),
        sa.PrimaryKeyConstraint("reminder_key", name=op.f("pk_reminders")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_reminders_statement_id"), "reminders", ["statement_id"])


def downgrade() -> None:
    op.drop_table("reminders")
