"""Create appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("assembled_by", sa.String(length=20), nullable=False),
        sa.Column("assembled_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(length=20), nullable=True),
        sa.Column("released_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_appeals_statement_id_statements")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_appeals_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeals_public_id")),
        sa.UniqueConstraint("statement_id", "number", name=op.f("uq_appeals_statement_id_number")),
    )
    op.create_index(
        "uq_appeals_released",
        "appeals",
        ["statement_id"],
        unique=True,
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.create_table(
        "appeal_documents",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("is_annex", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_documents_appeal_id_appeals"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_documents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeal_documents_public_id")),
    )
    op.create_index(op.f("ix_appeal_documents_appeal_id"), "appeal_documents", ["appeal_id"], unique=False)
    op.create_table(
        "appeal_letters",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("written_by", sa.String(length=20), nullable=False),
        sa.Column("cover_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("message_sha256", sa.String(length=64), nullable=False),
        sa.Column("message_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_letters_appeal_id_appeals"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipients.id"], name=op.f("fk_appeal_letters_recipient_id_recipients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_letters")),
        sa.UniqueConstraint("appeal_id", "recipient_id", name=op.f("uq_appeal_letters_appeal_id_recipient_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_appeal_letters_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeal_letters_public_id")),
    )
    op.create_index(op.f("ix_appeal_letters_recipient_id"), "appeal_letters", ["recipient_id"], unique=False)
    op.create_table(
        "appeal_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(length=24), nullable=False),
        sa.Column("shown_mark", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_signatures_appeal_id_appeals"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signatures.id"], name=op.f("fk_appeal_signatures_signature_id_signatures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_signatures")),
        sa.UniqueConstraint("appeal_id", "signature_id", name=op.f("uq_appeal_signatures_appeal_id_signature_id")),
    )
    op.create_index(op.f("ix_appeal_signatures_signature_id"), "appeal_signatures", ["signature_id"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("organiser_public_id", sa.String(length=20), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("approved_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_approvals_appeal_id_appeals"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "appeal_id",
            "organiser_public_id",
            "manifest_sha256",
            name=op.f("uq_approvals_appeal_id_organiser_public_id_manifest_sha256"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_approvals_public_id")),
    )


def downgrade() -> None:
    op.drop_table("approvals")
    op.drop_index(op.f("ix_appeal_signatures_signature_id"), table_name="appeal_signatures")
    op.drop_table("appeal_signatures")
    op.drop_index(op.f("ix_appeal_letters_recipient_id"), table_name="appeal_letters")
    op.drop_table("appeal_letters")
    op.drop_index(op.f("ix_appeal_documents_appeal_id"), table_name="appeal_documents")
    op.drop_table("appeal_documents")
    op.drop_index(
        "uq_appeals_released",
        table_name="appeals",
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.drop_table("appeals")
