"""Take the index off the public ids of audit entries: they are sealed under them and never looked for by them."""

from __future__ import annotations

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

NAME = "uq_audit_entries_public_id"


def upgrade() -> None:
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_constraint(NAME, type_="unique")


def downgrade() -> None:
    with op.batch_alter_table("audit_entries") as batch:
        batch.create_unique_constraint(NAME, ["public_id"])
