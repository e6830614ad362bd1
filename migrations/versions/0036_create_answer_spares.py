"""Create the invitations to come, whose answers are made before anybody is invited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_spares",
        sa.Column("statement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("spares_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_answer_spares_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_answer_spares")),
    )


def downgrade() -> None:
    # Their answers stay: nobody asks for an answer but by its invitation.
    op.drop_table("answer_spares")
