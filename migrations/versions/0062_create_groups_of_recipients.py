"""Create groups of recipients, what statements have chosen of them, and what else is known of a recipient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recipients", sa.Column("notes_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "recipient_groups",
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        _references("recipient_groups", "institution_id", "institutions", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_groups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recipient_groups_public_id")),
        _once("recipient_groups", "institution_id", "kind", "name_key"),
    )
    _create_pairs("grouped_recipients", "group_id", "recipient_groups")
    op.create_table(
        "chosen_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chosen_by", sa.String(length=20), nullable=False),
        sa.Column("chosen_at", UtcDateTime(timezone=True), nullable=False),
        _references("chosen_groups", "version_id", "versions", ondelete="CASCADE"),
        _references("chosen_groups", "group_id", "recipient_groups"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chosen_groups")),
        _once("chosen_groups", "version_id", "group_id"),
    )
    op.create_index(op.f("ix_chosen_groups_group_id"), "chosen_groups", ["group_id"])
    _create_pairs("chosen_recipients", "chosen_group_id", "chosen_groups")


def _create_pairs(table: str, column: str, groups: str) -> None:
    """Create the recipients who are in groups."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        _references(table, column, groups, ondelete="CASCADE"),
        _references(table, "recipient_id", "recipients", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _once(table, column, "recipient_id"),
    )
    op.create_index(op.f(f"ix_{table}_recipient_id"), table, ["recipient_id"])


def _references(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def downgrade() -> None:
    for table in ("chosen_recipients", "chosen_groups", "grouped_recipients", "recipient_groups"):
        op.drop_table(table)
    with op.batch_alter_table("recipients") as recipients:
        recipients.drop_column("notes_sealed")
