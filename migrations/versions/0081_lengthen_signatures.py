"""Lengthen signatures: long names and lines of scripts that take three bytes a letter stood out by their length.

All are sealed anew, so that their length does not tell either which were given before.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.upkeep.migration_seals import KeyNeeded, Sealer, sealer_of

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

SIGNATURES = sa.table(
    "signatures", sa.column("id"), sa.column("public_id"), sa.column("identity_sealed", sa.LargeBinary)
)
SHORT, LONG = 1024, 1536
AT_ONCE = 500


def upgrade() -> None:
    _seal_anew(LONG)


def downgrade() -> None:
    _seal_anew(SHORT)


def _seal_anew(pad_to: int) -> None:
    sealer, last = sealer_of(op.get_context()), -1
    changed = sa.update(SIGNATURES).where(SIGNATURES.c.id == sa.bindparam("row"))
    while rows := _portion(last):
        last = rows[-1].id
        found = [{"row": row.id, "sealed": sealed} for row in rows if (sealed := _sealed(sealer, row, pad_to))]
        if found:
            op.get_bind().execute(changed.values(identity_sealed=sa.bindparam("sealed")), found)


def _portion(last: int) -> list[Any]:
    wanted = sa.select(SIGNATURES).where(SIGNATURES.c.id > last).order_by(SIGNATURES.c.id).limit(AT_ONCE)
    return list(op.get_bind().execute(wanted))


def _sealed(sealer: Sealer, row: Any, pad_to: int) -> bytes | None:
    """Return a signature's identity in an envelope of another length; None where this house's keys don't open it."""
    if sealer.vault is None:
        raise KeyNeeded
    place = "signatures", "identity_sealed", row.public_id
    plain = sealer.open_bytes(*place, row.identity_sealed)
    return None if plain is None else sealer.seal_bytes(*place, plain, pad_to)
