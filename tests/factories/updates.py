"""Make updates: drafts, or published ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.base import clock
from app.updates.models import NEWS_WORDS, Update


def make_update(session: Session, campaign_id: int, *, published: bool = False, **columns: Any) -> Update:
    """Add an update to a campaign; `published=True` makes it news that was mailed to nobody."""
    values: dict[str, Any] = {
        "language": "en", "title": "The court has ruled", "body": "The ruling is **final**.", "created_at": clock.now(),
    }  # fmt: skip
    if published:
        values |= {"published_at": clock.now(), "mailed_to": 0}
    update = Update(campaign_id=campaign_id, **(values | columns))
    if update.published_at is None:
        words = {name: getattr(update, name) or "" for name in NEWS_WORDS.nothing}
        for name, value in NEWS_WORDS.sealed(session, update.public_id, words).items():
            setattr(update, name, value)
    session.add(update)
    session.flush()
    return update
