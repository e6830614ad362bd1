"""Read the audit of a subject or a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.base.clock import moment_in
from app.base.rows import portions
from app.base.sealing import Place, blind_index, open_many


@dataclass(frozen=True)
class Recorded:
    """One change as it was recorded; `id` is its place in the order of all."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def history_of(session: Session, subject: str, limit: int = 200) -> list[Recorded]:
    """Return the changes of one subject, newest first."""
    return _opened(session, AuditEntry.subject_key == blind_index(session, "audit subject", subject), limit)


def history_of_campaign(session: Session, campaign: str, before: int | None = None, limit: int = 200) -> list[Recorded]:
    """Return the changes within one campaign, newest first; with `before` an id, those before that one."""
    is_its_own = AuditEntry.campaign_key == blind_index(session, "audit campaign", campaign)
    return _opened(session, is_its_own if before is None else and_(is_its_own, AuditEntry.id < before), limit)


def opened_entries(session: Session, numbers: Sequence[int]) -> list[Recorded]:
    """Return the entries of these numbers, in their order."""
    found: list[Recorded] = []
    for part in portions(numbers):
        found += reversed(_opened(session, AuditEntry.id.in_(part), len(part)))
    return found


def _opened(session: Session, condition: ColumnElement[bool], limit: int) -> list[Recorded]:
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.public_id, AuditEntry.entry_sealed)
        .where(condition)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
    places = [(Place("audit_entries", "entry_sealed", row.public_id), row.entry_sealed) for row in rows]
    return [
        _recorded(row.id, found) for row, found in zip(rows, open_many(session, places, "audit history"), strict=True)
    ]


def _recorded(entry_id: int, found: Any) -> Recorded:
    """Read an opened entry; older ones have names for their parts, which took half of their room."""
    if isinstance(found, dict):
        return Recorded(entry_id, datetime.fromisoformat(found.pop("at")), **found)
    at, *rest = found
    return Recorded(entry_id, moment_in(at), *rest)
