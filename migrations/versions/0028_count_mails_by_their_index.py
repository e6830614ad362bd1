"""Let the queue's page count what waits, and a pause pass over what it holds, without reading the mails themselves."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_mails_due", table_name="mails")
    columns = ["state", "priority", "due_at", "id", "mail_class", "trouble"]
    op.create_index("ix_mails_due", "mails", columns, unique=False)


def downgrade() -> None:
    op.drop_index("ix_mails_due", table_name="mails")
    op.create_index("ix_mails_due", "mails", ["state", "priority", "due_at", "id"], unique=False)
