"""Find signatures by the digest of statement and signer alone, which is nobody else's under any statement."""

from __future__ import annotations

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("signatures") as signatures:
        signatures.drop_constraint("uq_signatures_statement_id_signer_key", type_="unique")
        signatures.create_unique_constraint("uq_signatures_signer_key", ["signer_key"])


def downgrade() -> None:
    with op.batch_alter_table("signatures") as signatures:
        signatures.drop_constraint("uq_signatures_signer_key", type_="unique")
        signatures.create_unique_constraint("uq_signatures_statement_id_signer_key", ["statement_id", "signer_key"])
