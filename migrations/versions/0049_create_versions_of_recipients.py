"""Create the versions of institutions and recipients, and what campaigns decide about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_versions(
        "institution",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("website", sa.String(length=500), nullable=False),
    )
    _create_versions(
        "recipient",
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
    )
    for what in ("institution", "recipient"):
        _create_decisions(what)
    op.add_column("addressees", sa.Column("frozen_country", sa.String(length=2), nullable=True))
    with op.batch_alter_table("appeal_letters") as letters:
        for column in ("recipient_version_id", "former_version_id"):
            letters.add_column(sa.Column(column, sa.Integer(), nullable=True))
            letters.create_foreign_key(
                op.f(f"fk_appeal_letters_{column}_recipient_versions"), "recipient_versions", [column], ["id"]
            )


def _create_versions(what: str, *facts: sa.Column[object]) -> None:
    """Create the versions of institutions or of recipients."""
    table, parent = f"{what}_versions", f"{what}_id"
    op.create_table(
        table,
        sa.Column(parent, sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *facts,
        sa.Column("made_by", sa.String(length=20), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            [parent], [f"{what}s.id"], name=op.f(f"fk_{table}_{parent}_{what}s"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
        sa.UniqueConstraint(parent, "number", name=op.f(f"uq_{table}_{parent}_number")),
    )


def _create_decisions(what: str) -> None:
    """Create what campaigns decide about versions of institutions or of recipients."""
    table, versions = f"{what}_decisions", f"{what}_versions"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f(f"fk_{table}_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], [f"{versions}.id"], name=op.f(f"fk_{table}_version_id_{versions}"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("campaign_id", "version_id", name=op.f(f"uq_{table}_campaign_id_version_id")),
    )
    op.create_index(op.f(f"ix_{table}_version_id"), table, ["version_id"])


def downgrade() -> None:
    with op.batch_alter_table("appeal_letters") as letters:
        for column in ("former_version_id", "recipient_version_id"):
            letters.drop_constraint(op.f(f"fk_appeal_letters_{column}_recipient_versions"), type_="foreignkey")
            letters.drop_column(column)
    with op.batch_alter_table("addressees") as addressees:
        addressees.drop_column("frozen_country")
    for what in ("recipient", "institution"):
        op.drop_table(f"{what}_decisions")
        op.drop_table(f"{what}_versions")
