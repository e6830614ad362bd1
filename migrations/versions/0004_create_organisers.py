"""Create organisers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisers",
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("password_generation", sa.Integer(), nullable=False),
        sa.Column("password_link_expires_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("may_create_campaigns", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisers")),
        sa.UniqueConstraint("email_key", name=op.f("uq_organisers_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisers_public_id")),
    )
    op.create_table(
        "organiser_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organisers.id"],
            name=op.f("fk_organiser_sessions_organiser_id_organisers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_organiser_sessions_secret_hash")),
    )
    op.create_index(op.f("ix_organiser_sessions_expires_at"), "organiser_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_organiser_sessions_organiser_id"), "organiser_sessions", ["organiser_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_organiser_sessions_organiser_id"), table_name="organiser_sessions")
    op.drop_index(op.f("ix_organiser_sessions_expires_at"), table_name="organiser_sessions")
    op.drop_table("organiser_sessions")
    op.drop_table("organisers")
