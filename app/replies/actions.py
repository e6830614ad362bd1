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
from app.deliveries.queries import delivery_row, statement_of
from app.deliveries.states import DeliveryState
from app.replies.models import Reply, ReplyKind
from app.replies.queries import reply_place
from app.replies.states import NotHandedOver, NotYetReceived
from app.statements import actions as statements
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, statement_by_id

TEXT_BYTES = 4096


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
    row = delivery_row(session, delivery, "record a reply")
    if row.state not in {DeliveryState.HANDED_OVER, DeliveryState.UNCERTAIN}:
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
    if facts.kind is not ReplyKind.BOUNCE and row.state is DeliveryState.HANDED_OVER:
        note_delivered(session, actor, statement)
    return reply


def correct_reply(session: Session, actor: str, reply: Reply, facts: ReplyFacts) -> None:
    """Correct a reply or its summary; raises NotYetReceived."""
    _check_day(facts.received_on)
    reply.kind, reply.received_on, reply.public_summary = facts.kind, facts.received_on, facts.public_summary
    reply.text_sealed = seal(session, reply_place(reply.public_id), {"text": facts.text}, TEXT_BYTES)
    session.flush()
    delivery = session.get_one(Delivery, reply.delivery_id)
    statement = statement_by_id(session, statement_of(session, delivery))
    record(session, actor, "reply.corrected", reply.public_id, campaign_public_id(session, statement), kind=facts.kind)


def conclude_statement(session: Session, actor: str, statement: Statement) -> None:
    """Say that a delivered statement has come to its end; raises IllegalMove."""
    statements.conclude(session, actor, statement)


def _check_day(received_on: date) -> None:
    # Somewhere on earth it is already tomorrow.
    if received_on > clock.now().date() + timedelta(days=1):
        raise NotYetReceived
