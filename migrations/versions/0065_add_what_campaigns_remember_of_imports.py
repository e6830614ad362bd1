"""Add what a campaign remembers of its imports: what headings held, and the entry that each row led to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_mappings",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("mapping_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_saved_mappings_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_mappings")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_saved_mappings_campaign_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_mappings_public_id")),
    )
    references = (("campaign", "campaigns"), ("import", "imports"), ("signatory", "signatories"))
    op.create_table(
        "imported_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("signatory_id", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person_key", sa.LargeBinary(length=16), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{table}.id"], name=op.f(f"fk_imported_rows_{one}_id_{table}"), ondelete="CASCADE"
            )
            for one, table in references
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_rows")),
        sa.UniqueConstraint("campaign_id", "row_key", name=op.f("uq_imported_rows_campaign_id_row_key")),
    )
    op.create_index(op.f("ix_imported_rows_import_id"), "imported_rows", ["import_id"])
    op.create_index(op.f("ix_imported_rows_signatory_id"), "imported_rows", ["signatory_id"])


def downgrade() -> None:
    op.drop_table("imported_rows")
    op.drop_table("saved_mappings")
