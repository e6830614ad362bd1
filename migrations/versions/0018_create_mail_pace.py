"""Create what keeps the pace of mail: addresses, lanes, seats, the pause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_addresses",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.Column("confirmations", sa.Integer(), nullable=False),
        sa.Column("confirmations_on", sa.Date(), nullable=True),
        sa.Column("bounce_score", sa.Integer(), nullable=False),
        sa.Column("bounced_on", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_mail_addresses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mail_lanes",
        sa.Column("lane_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("next_slot_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("resting_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lane_key", name=op.f("pk_mail_lanes")),
    )
    op.create_index(op.f("ix_mail_lanes_used_at"), "mail_lanes", ["used_at"], unique=False)
    op.create_table(
        "mail_seats",
        sa.Column("lane_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("held_until", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lane_key", "number", name=op.f("pk_mail_seats")),
    )
    op.create_table(
        "mail_controls",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pause", sa.String(length=24), nullable=False),
        sa.Column("changed_by", sa.String(length=20), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_controls")),
    )


def downgrade() -> None:
    op.drop_table("mail_controls")
    op.drop_table("mail_seats")
    op.drop_index(op.f("ix_mail_lanes_used_at"), table_name="mail_lanes")
    op.drop_table("mail_lanes")
    op.drop_table("mail_addresses")
