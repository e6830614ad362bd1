"""Seal the texts, convenors, chronology, address and press contact of campaigns without an opened statement."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.upkeep.migration_seals import Sealer, sealer_of

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

# Of each table: the name that envelopes are bound to, and what its columns hold while the words are sealed.
NOTHING: dict[str, tuple[str, dict[str, Any]]] = {
    "campaigns": ("public_id", {"slug": "", "press_contact": ""}),
    "campaign_texts": ("id", {"title": "", "summary": ""}),
    "convenors": ("public_id", {"name": "", "description": "", "website": ""}),
    "chronology_entries": ("public_id", {"happened_on": date(1970, 1, 1), "text": "", "source_url": ""}),
}
CAMPAIGNS = sa.table("campaigns", sa.column("id"), sa.column("published_at"))
PADDED = 4096


def upgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    hidden = sa.select(CAMPAIGNS.c.id).where(CAMPAIGNS.c.published_at.is_(None))
    for name, (key, nothing) in NOTHING.items():
        table = _table(name, key, nothing)
        campaign = table.c.id if name == "campaigns" else table.c.campaign_id
        for row in connection.execute(sa.select(table).where(campaign.in_(hidden))).all():
            words = {each: getattr(row, each) for each in nothing}
            fields = {each: value.isoformat() if isinstance(value, date) else value for each, value in words.items()}
            envelope = sealer.seal(name, "unpublished_sealed", getattr(row, key), fields, PADDED)
            values = {**nothing, **_digest(sealer, words), "unpublished_sealed": envelope}
            connection.execute(sa.update(table).where(table.c.id == row.id).values(values))


def downgrade() -> None:
    sealer, connection = sealer_of(op.get_context()), op.get_bind()
    for name, (key, nothing) in NOTHING.items():
        table = _table(name, key, nothing)
        for row in connection.execute(sa.select(table).where(table.c.unpublished_sealed.is_not(None))).all():
            words = sealer.open(name, "unpublished_sealed", getattr(row, key), row.unpublished_sealed)
            if words is not None:
                if "happened_on" in words:
                    words["happened_on"] = date.fromisoformat(words["happened_on"])
                values = words | {"unpublished_sealed": None}
                connection.execute(sa.update(table).where(table.c.id == row.id).values(values))


def _digest(sealer: Sealer, words: dict[str, Any]) -> dict[str, str]:
    return {"slug": f"~{sealer.blind_index('campaign slug', words['slug']).hex()}"} if "slug" in words else {}


def _table(name: str, key: str, nothing: dict[str, Any]) -> sa.TableClause:
    names = {"id", key} | ({"campaign_id"} if name != "campaigns" else set())
    kinds = {each: sa.Date() if isinstance(value, date) else sa.String() for each, value in nothing.items()}
    return sa.table(
        name, *(sa.column(each) for each in sorted(names)), *(sa.column(each, kind) for each, kind in kinds.items()),
        sa.column("unpublished_sealed", sa.LargeBinary),
    )  # fmt: skip
