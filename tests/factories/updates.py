"""Make updates: drafts, or published ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.base import clock
from app.updates.models import Update


def make_update(session: Session, campaign_id: int, *, published: bool = False, **columns: Any) -> Update:
    """Add an update to a campaign; `published=True` makes it news that was mailed to nobody."""
    values: dict[str, Any] = {
        "language": "en", "title": "The court has ruled", "body": "The ruling is **final**.", "created_at": clock.now(),
    }  # fmt: skip
    if published:
        values |= {"published_at": clock.now(), "mailed_to": 0}
    update = Update(campaign_id=campaign_id, **(values | columns))
    session.add(update)
    session.flush()
    return update
