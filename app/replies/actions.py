"""Record what a recipient sent back, and bring a statement to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.sealing import seal
from app.deliveries.actions import note_delivered
from app.deliveries.models import Delivery
from app.deliveries.queries import statement_of
from app.deliveries.states import DeliveryState, state_of
from app.mail.queries import fates_of
from app.replies.models import Reply, ReplyKind
from app.replies.queries import reply_place
from app.replies.states import NotHandedOver, NotYetReceived
from app.statements import actions as statements
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, statement_by_id
from app.statements.states import StatementState

TEXT_BYTES = 4096
# What left the house: whatever became of it since, somebody may have it and answer.
# What came back can still be answered: it may have been handed over by hand.
ANSWERABLE = frozenset({DeliveryState.HANDED_OVER, DeliveryState.UNCERTAIN, DeliveryState.BOUNCED})


@dataclass(frozen=True)
class ReplyFacts:
    """A reply as a form or a demonstration hands it over; readers see the summary, if there is one."""

    kind: ReplyKind
    received_on: date
    text: str
    public_summary: str = ""


def record_reply(session: Session, actor: str, delivery: Delivery, facts: ReplyFacts) -> Reply:
    """Record what came back to a delivery; what proves that it arrived marks the statement as delivered.

    Raises NotHandedOver and NotYetReceived.
    """
    state = delivery_state(session, delivery)
    if state not in ANSWERABLE:
        raise NotHandedOver
    _check_day(facts.received_on)
    reply = Reply(
        delivery_id=delivery.id,
        kind=facts.kind,
        received_on=facts.received_on,
        text_sealed=b"",
        public_summary=facts.public_summary,
        recorded_by=actor,
        created_at=clock.now(),
    )
    reply.text_sealed = seal(session, reply_place(reply.public_id), {"text": facts.text}, TEXT_BYTES)
    session.add(reply)
    session.flush()
    statement = statement_by_id(session, statement_of(session, delivery))
    campaign = campaign_public_id(session, statement)
    published = "yes" if facts.public_summary else None
    record(
        session, actor, "reply.recorded", reply.public_id, campaign, kind=facts.kind, delivery=delivery.public_id,
        published=published,
    )  # fmt: skip
    if facts.kind is not ReplyKind.BOUNCE and state is DeliveryState.HANDED_OVER:
        note_delivered(session, actor, statement)
    return reply


def correct_reply(session: Session, actor: str, reply: Reply, facts: ReplyFacts) -> None:
    """Say what a reply is, or correct it or its summary; the words of a mail stay as they came.

    A person who says what an unread one is has read it; from then on it proves what a recorded one does. Raises
    NotYetReceived.
    """
    _check_day(facts.received_on)
    before = reply.kind
    reply.kind, reply.received_on, reply.public_summary = facts.kind, facts.received_on, facts.public_summary
    if reply.inbound_id is None:
        reply.text_sealed = seal(session, reply_place(reply.public_id), {"text": facts.text}, TEXT_BYTES)
    session.flush()
    delivery = session.get_one(Delivery, reply.delivery_id)
    statement = statement_by_id(session, statement_of(session, delivery))
    action = "reply.read" if before is ReplyKind.UNREAD else "reply.corrected"
    record(session, actor, action, reply.public_id, campaign_public_id(session, statement), kind=facts.kind)
    if facts.kind is not before:
        note_arrival(session, actor, delivery, facts.kind)


def note_arrival(session: Session, actor: str, delivery: Delivery, kind: ReplyKind) -> None:
    """Mark the statement as delivered where something came back that proves it; a person has read it."""
    statement = statement_by_id(session, statement_of(session, delivery))
    has_arrived = kind is not ReplyKind.BOUNCE and delivery_state(session, delivery) is DeliveryState.HANDED_OVER
    if has_arrived and statement.state is StatementState.CLOSED:
        note_delivered(session, actor, statement)


def delivery_state(session: Session, delivery: Delivery) -> DeliveryState:
    """Return where a delivery stands, without opening its letter."""
    return state_of(fates_of(session, [delivery.mail_id])[delivery.mail_id].state)


def conclude_statement(session: Session, actor: str, statement: Statement) -> None:
    """Say that a delivered statement has come to its end; raises IllegalMove."""
    statements.conclude(session, actor, statement)


def _check_day(received_on: date) -> None:
    # Somewhere on earth it is already tomorrow.
    if received_on > clock.now().date() + timedelta(days=1):
        raise NotYetReceived
