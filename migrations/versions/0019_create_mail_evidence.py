"""Create the evidence of what became of mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_evidence",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], name=op.f("fk_mail_evidence_mail_id_mails"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_evidence")),
        sa.UniqueConstraint("mail_id", "source", name=op.f("uq_mail_evidence_mail_id_source")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_evidence_public_id")),
    )
    op.create_index(op.f("ix_mail_evidence_recorded_at"), "mail_evidence", ["recorded_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_mail_evidence_recorded_at"), table_name="mail_evidence")
    op.drop_table("mail_evidence")
