"""Read the audit of a subject or a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.base.sealing import Place, blind_index, open_many


@dataclass(frozen=True)
class Recorded:
    """One change as it was recorded."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def history_of(session: Session, subject: str, limit: int = 200) -> list[Recorded]:
    """Return the changes of one subject, newest first."""
    return _opened(session, AuditEntry.subject_key == blind_index(session, "audit subject", subject), limit)


def history_of_campaign(session: Session, campaign: str, limit: int = 200) -> list[Recorded]:
    """Return the changes within one campaign, newest first."""
    return _opened(session, AuditEntry.campaign_key == blind_index(session, "audit campaign", campaign), limit)


def _opened(session: Session, condition: ColumnElement[bool], limit: int) -> list[Recorded]:
    rows = session.execute(
        select(AuditEntry.public_id, AuditEntry.entry_sealed)
        .where(condition)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
    places = [(Place("audit_entries", "entry_sealed", row.public_id), row.entry_sealed) for row in rows]
    return [
        Recorded(datetime.fromisoformat(found.pop("at")), **found)
        for found in open_many(session, places, "audit history")
    ]
