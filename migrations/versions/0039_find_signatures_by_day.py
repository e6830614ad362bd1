"""Find signatures and their changes by the days on which something was done to them."""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_signatures_changed_at"), "signatures", ["changed_at"])
    op.create_index(op.f("ix_signature_changes_made_at"), "signature_changes", ["made_at"])
    op.create_index(op.f("ix_signature_changes_settled_at"), "signature_changes", ["settled_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_signature_changes_settled_at"), table_name="signature_changes")
    op.drop_index(op.f("ix_signature_changes_made_at"), table_name="signature_changes")
    op.drop_index(op.f("ix_signatures_changed_at"), table_name="signatures")
