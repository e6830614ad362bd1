"""The reminders that people were sent, kept apart from what they answered: see `answering`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.rows import portions
from app.base.sealing import Place, blind_index, open_many
from app.invitations.models import ReminderRecord
from app.invitations.states import InvitationAnswer

Reminders = tuple[tuple[datetime, str], ...]  # when, and the mail's public id


def reminders_for(session: Session, statement_ids: Iterable[int]) -> dict[str, Reminders]:
    """Return the reminders that were sent for statements, by the invitation's public id: when, and the mail."""
    wanted = select(ReminderRecord.reminder_key, ReminderRecord.reminders_sealed)
    rows = session.execute(wanted.where(ReminderRecord.statement_id.in_(list(statement_ids)))).all()
    return _reminders(session, rows)


def reminders_to(session: Session, invitations: Iterable[str]) -> dict[str, Reminders]:
    """Return the reminders that were sent for some invitations, as `reminders_for` does."""
    found: dict[str, Reminders] = {}
    for part in portions([reminder_key(session, invitation) for invitation in invitations]):
        wanted = select(ReminderRecord.reminder_key, ReminderRecord.reminders_sealed)
        found |= _reminders(session, session.execute(wanted.where(ReminderRecord.reminder_key.in_(part))).all())
    return found


def reminder_key(session: Session, invitation: str) -> bytes:
    """Return the keyed digest under which the reminders of an invitation are kept; not that of its answer."""
    return blind_index(session, "reminders", invitation)


def reminder_place(key: bytes) -> Place:
    """Return where reminders are sealed."""
    return Place("reminders", "reminders_sealed", key.hex())


def sent_in(document: dict[str, Any]) -> Reminders:
    """Read the reminders that an opened envelope holds."""
    return tuple((datetime.fromisoformat(when), mail) for when, mail in document["reminders"])


def with_reminders(
    replies: dict[str, InvitationAnswer], reminders: Mapping[str, Reminders]
) -> dict[str, InvitationAnswer]:
    """Add the reminders that have rows of their own to answers that were opened."""
    for invitation in reminders.keys() & replies.keys():
        replies[invitation] = replace(replies[invitation], reminders=reminders[invitation])
    return replies


def _reminders(session: Session, rows: Sequence[Any]) -> dict[str, Reminders]:
    places = [(reminder_place(key), sealed) for key, sealed in rows]
    return {found["invitation"]: sent_in(found) for found in open_many(session, places, "reminders")}
