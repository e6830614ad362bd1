"""Create invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_words",
        sa.Column("answer_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("answer_key", name=op.f("pk_answer_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("answer_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_answers_statement_id_statements")),
        sa.PrimaryKeyConstraint("answer_key", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_answers_statement_id"), "answers", ["statement_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("signatory_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("link_generation", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.String(length=20), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["signatory_id"], ["signatories.id"], name=op.f("fk_invitations_signatory_id_signatories")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_invitations_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitations_public_id")),
        sa.UniqueConstraint("statement_id", "signatory_id", name=op.f("uq_invitations_statement_id_signatory_id")),
    )
    op.create_index(op.f("ix_invitations_signatory_id"), "invitations", ["signatory_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_invitations_signatory_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_answers_statement_id"), table_name="answers")
    op.drop_table("answers")
    op.drop_table("answer_words")
