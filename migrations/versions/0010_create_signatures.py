"""Create signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signatures",
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("signer_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("visibility", sa.String(length=24), nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("manage_generation", sa.Integer(), nullable=False),
        sa.Column("signed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_signatures_statement_id_statements")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_signatures_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatures_public_id")),
        sa.UniqueConstraint("statement_id", "signer_key", name=op.f("uq_signatures_statement_id_signer_key")),
    )
    op.create_index(
        "ix_signatures_counting", "signatures", ["statement_id", "state", "visibility", "kind"], unique=False
    )
    op.create_index(
        "ix_signatures_listing", "signatures", ["statement_id", "state", "kind", "position", "id"], unique=False
    )
    op.create_index(op.f("ix_signatures_version_id"), "signatures", ["version_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_signatures_version_id"), table_name="signatures")
    op.drop_index("ix_signatures_listing", table_name="signatures")
    op.drop_index("ix_signatures_counting", table_name="signatures")
    op.drop_table("signatures")
