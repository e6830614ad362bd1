"""Take the index off the public ids of attempts at a mail: they are sealed under them and never looked for by them."""

from __future__ import annotations

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

NAME = "uq_mail_attempts_public_id"


def upgrade() -> None:
    with op.batch_alter_table("mail_attempts") as batch:
        batch.drop_constraint(NAME, type_="unique")


def downgrade() -> None:
    with op.batch_alter_table("mail_attempts") as batch:
        batch.create_unique_constraint(NAME, ["public_id"])
