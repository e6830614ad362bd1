"""Write the audit: one call for every change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.base import clock
from app.base.clock import number_of
from app.base.identifiers import new_public_id
from app.base.sealing import Place, blind_index, seal

SYSTEM = "system"
SIGNATORY = "signatory"
ENTRY_BYTES = 128  # of the padded plaintext: all that signatories do, and what organisers do to many, takes less
_WRITE = insert(AuditEntry.__table__)  # type: ignore[arg-type]


def record(
    session: Session, actor: str, action: str, subject: str, campaign: str | None = None, **detail: str | int | None
) -> None:
    """Record one change.

    `actor` is an organiser's public id, SIGNATORY or SYSTEM; `action` a dotted word such as "statement.opened";
    `subject` and `campaign` are public ids. Details hold facts, never names or addresses in the clear: they are
    sealed.
    """
    record_many(session, actor, action, [subject], campaign, **detail)


def record_many(
    session: Session,
    actor: str,
    action: str,
    subjects: Iterable[str],
    campaign: str | None = None,
    **detail: str | int | None,
) -> None:
    """Record the same change of many subjects, in one statement."""
    rows = [_row(session, actor, action, subject, campaign, detail) for subject in subjects]
    if rows:
        session.execute(_WRITE, rows)


def _row(
    session: Session, actor: str, action: str, subject: str, campaign: str | None, detail: dict[str, Any]
) -> dict[str, Any]:
    public_id, now = new_public_id(), clock.now()
    entry = [number_of(now), actor, action, subject, detail]
    return {
        "public_id": public_id,
        "recorded_on": now.date(),
        "subject_key": blind_index(session, "audit subject", subject),
        "campaign_key": blind_index(session, "audit campaign", campaign) if campaign else None,
        "entry_sealed": seal(session, Place("audit_entries", "entry_sealed", public_id), entry, ENTRY_BYTES),
    }
