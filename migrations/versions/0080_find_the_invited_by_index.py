"""Find the invited by index, in the order of lists, by stage and by mail; troubled mails; parts of the directory."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

INVITATIONS = {
    "ix_invitations_listing": ["statement_id", "id"],
    "ix_invitations_stages": ["statement_id", "stage", "id"],
    "ix_invitations_mails": ["mail_id", "statement_id", "id"],
}
PARTS = {"ix_signatories_reachable": "email_key IS NOT NULL", "ix_signatories_addressless": "email_key IS NULL"}
LISTING = ["is_prominent", "id"]
TROUBLED = sa.text("state IN ('bounced', 'dropped', 'refused', 'uncertain')")


def upgrade() -> None:
    for name, columns in INVITATIONS.items():
        op.create_index(name, "invitations", columns)
    op.create_index("ix_signatories_kinds", "signatories", ["campaign_id", "kind", *LISTING])
    for name, part in PARTS.items():
        where = sa.text(part)
        op.create_index(name, "signatories", ["campaign_id", *LISTING], sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_mails_troubled",
        "mails",
        ["kind", "state", "trouble", "id", "public_id"],
        sqlite_where=TROUBLED,
        postgresql_where=TROUBLED,
    )


def downgrade() -> None:
    op.drop_index("ix_mails_troubled", table_name="mails")
    for name in (*PARTS, "ix_signatories_kinds"):
        op.drop_index(name, table_name="signatories")
    for name in INVITATIONS:
        op.drop_index(name, table_name="invitations")
