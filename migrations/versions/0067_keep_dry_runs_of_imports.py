"""Keep what a dry run came to in sealed blocks, and after an import what was left out and what an undo needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

NUMBERS = ("rows", "done_row", "taken_back")


def upgrade() -> None:
    op.create_table(
        "import_blocks",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("items_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_blocks_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_blocks")),
        sa.UniqueConstraint("import_id", "kind", "number", name=op.f("uq_import_blocks_import_id_kind_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_blocks_public_id")),
    )
    with op.batch_alter_table("imports") as imports:
        imports.add_column(sa.Column("review_sealed", sa.LargeBinary(), nullable=True))
        imports.add_column(sa.Column("applied_at", UtcDateTime(timezone=True), nullable=True))
        for name in NUMBERS:
            imports.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("imports") as imports:
        for name in NUMBERS:
            imports.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("imports") as imports:
        for name in (*NUMBERS, "applied_at", "review_sealed"):
            imports.drop_column(name)
    op.drop_table("import_blocks")
