"""What came of a statement: opened, closed, handed over, answered, and what changed; newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealLetter
from app.base.moments import Moment
from app.base.ports import ports_of
from app.deliveries.models import Delivery
from app.institutions.models import Institution, Recipient
from app.mail.models import Mail
from app.mail.states import MailState
from app.replies.models import Reply, ReplyKind
from app.replies.queries import OutcomeShown, outcomes_of
from app.site.queries import Published
from app.statements.addressing import is_addressee, name_in_appeal
from app.statements.models import Addressee
from app.statements.states import ENDED

MOST_EVENTS = 200


class EventKind(StrEnum):
    """What happened."""

    OPENED = "opened"
    CLOSED = "closed"
    DELIVERED = "delivered"
    REPLY = "reply"
    OUTCOME = "outcome"


_ORDER = {kind: place for place, kind in enumerate(EventKind)}


@dataclass(frozen=True)
class ProgressEvent:
    """One entry of the progress; which fields it has depends on its kind."""

    kind: EventKind
    on: date
    at: Moment | None = None
    institution: str = ""
    is_demonstrated: bool = False  # handed over to a demonstration's mailbox, and to nobody else
    reply_kind: ReplyKind | None = None
    text: str = ""
    outcome: OutcomeShown | None = None


def progress_of(session: Session, statement: Published) -> list[ProgressEvent]:
    """Return everything that readers may know of a statement's way, newest first."""
    events = [_event(EventKind.OPENED, statement.opened)]
    if statement.closed:
        events.append(_event(EventKind.CLOSED, statement.closed))
    if statement.state in ENDED:
        events += _deliveries(session, statement) + _replies(session, statement.id)
    for outcome in outcomes_of(session, statement.campaign_id):
        if outcome.statement_id in {None, statement.id}:  # the campaign's own belong to each of its statements
            events.append(ProgressEvent(EventKind.OUTCOME, outcome.happened_on, outcome=outcome))
    return sorted(events, key=lambda event: (event.on, _ORDER[event.kind]), reverse=True)


def _event(kind: EventKind, at: Moment, institution: str = "") -> ProgressEvent:
    """Return what happened at a moment; its day is the day at the statement's place."""
    return ProgressEvent(kind, at.on, at, institution)


def _deliveries(session: Session, statement: Published) -> list[ProgressEvent]:
    """An institution counts as reached when the first of its recipients' mail servers took the appeal."""
    rows = session.execute(
        select(name_in_appeal(), func.min(Mail.finished_at))
        .select_from(Delivery)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(AppealLetter, AppealLetter.id == Delivery.letter_id)
        .join(Recipient, Recipient.id == AppealLetter.recipient_id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .outerjoin(Addressee, is_addressee(Appeal.version_id))
        .join(Mail, Mail.public_id == Delivery.mail_id)
        .where(Mail.state == MailState.ACCEPTED, Delivery.appeal_id.in_(_appeals_of(statement.id)))
        .group_by(Institution.id, Institution.name, Addressee.frozen_name)
        .order_by(Institution.id)
        .limit(MOST_EVENTS)
    )
    shown_only = ports_of(session).demonstration
    return [
        replace(_event(EventKind.DELIVERED, Moment(at, statement.zone), name), is_demonstrated=shown_only)
        for name, at in rows
        if at
    ]


def _replies(session: Session, statement_id: int) -> list[ProgressEvent]:
    rows = session.execute(
        select(Reply.kind, Reply.received_on, Reply.public_summary, name_in_appeal())
        .join(Delivery, Delivery.id == Reply.delivery_id)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(AppealLetter, AppealLetter.id == Delivery.letter_id)
        .join(Recipient, Recipient.id == AppealLetter.recipient_id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .outerjoin(Addressee, is_addressee(Appeal.version_id))
        .where(Reply.public_summary != "", Delivery.appeal_id.in_(_appeals_of(statement_id)))
        .order_by(Reply.received_on.desc(), Reply.id.desc())
        .limit(MOST_EVENTS)
    )
    return [
        ProgressEvent(EventKind.REPLY, received_on, institution=name, reply_kind=kind, text=summary)
        for kind, received_on, summary, name in rows
    ]


def _appeals_of(statement_id: int) -> Select[int]:
    return select(Appeal.id).where(Appeal.statement_id == statement_id)
