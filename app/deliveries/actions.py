"""Hand a released appeal over, decide what is uncertain, try again what was refused; never twice by the machine."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.appeals.actions import release
from app.appeals.emails import LETTER
from app.appeals.models import Appeal
from app.appeals.queries import letters_of
from app.audit.actions import record, record_many
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import seal
from app.deliveries.models import Delivery
from app.deliveries.queries import count_by_state, ruling_place, statement_of
from app.deliveries.states import DeliveryNotUncertain, DeliveryRuling, DeliveryState, NothingHandedOver, NotRefused
from app.mail import actions as mail
from app.mail.actions import Outgoing, enqueue_many
from app.statements.actions import mark_delivered
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, statement_by_id
from app.statements.states import StatementState

OCCASION = "release"
RULING_BYTES = 1024


def hand_over(session: Session, actor: str, appeal_id: str, seen_sha256: str) -> Sequence[Delivery]:
    """Release an approved appeal and put each frozen letter into the outbox, once; raises as `release` does.

    An appeal that was handed over already keeps its deliveries, and nothing is queued again: the release is one
    conditional change, a letter has one delivery at most, and its mail one occasion.
    """
    appeal = release(session, actor, appeal_id, seen_sha256)
    known = _deliveries(session, appeal)
    if known:
        return known
    letters = letters_of(session, appeal.id, "hand an appeal over")
    outgoing = [
        Outgoing(
            LETTER, letter.public_id, OCCASION, {"letter": letter.public_id}, message_id=letter.message_id,
            frozen_sha256=letter.sha256,
        )
        for letter in letters
    ]  # fmt: skip
    mails = enqueue_many(session, outgoing)
    now = clock.now()
    rows = [
        {
            "public_id": new_public_id(), "appeal_id": appeal.id, "letter_id": letter.id, "mail_id": mail_id,
            "created_at": now,
        }
        for letter, mail_id in zip(letters, mails, strict=True)
    ]  # fmt: skip
    session.execute(insert(Delivery), rows)
    statement = statement_by_id(session, appeal.statement_id)
    campaign = campaign_public_id(session, statement)
    record_many(
        session, actor, "delivery.planned", [str(row["public_id"]) for row in rows], campaign, appeal=appeal.public_id
    )
    return _deliveries(session, appeal)


def rule(session: Session, actor: str, delivery: Delivery, ruling: DeliveryRuling, evidence: str) -> None:
    """Decide about an uncertain hand-over, with the evidence that a person had; raises NotUncertain."""
    if not mail.rule_uncertain(session, delivery.mail_id, arrived=ruling is DeliveryRuling.ARRIVED):
        raise DeliveryNotUncertain
    fields = {
        "decision": ruling.value,
        "evidence": evidence,
        "organiser": actor,
        "at": clock.now().isoformat(),
    }
    sealed = seal(session, ruling_place(delivery.public_id), fields, RULING_BYTES)
    session.execute(update(Delivery).where(Delivery.id == delivery.id).values(ruling_sealed=sealed))
    _record(session, actor, "delivery.ruled", delivery, ruling=ruling, evidence=evidence)


def try_again(session: Session, actor: str, delivery: Delivery) -> None:
    """Queue the same bytes again after a refusal or a bounce, which are certain; raises NotRefused."""
    if not mail.send_again(session, delivery.mail_id):
        raise NotRefused
    _record(session, actor, "delivery.tried again", delivery)


def note_delivered(session: Session, actor: str, statement: Statement) -> None:
    """Call a statement delivered once a mail server took the appeal; raises NothingHandedOver.

    Doing it again changes nothing.
    """
    if statement.state in {StatementState.DELIVERED, StatementState.CONCLUDED}:
        return
    if not count_by_state(session, statement.id)[DeliveryState.HANDED_OVER]:
        raise NothingHandedOver
    mark_delivered(session, actor, statement)


def _deliveries(session: Session, appeal: Appeal) -> Sequence[Delivery]:
    return session.scalars(select(Delivery).where(Delivery.appeal_id == appeal.id).order_by(Delivery.letter_id)).all()


def _record(session: Session, actor: str, action: str, delivery: Delivery, **detail: str | int | None) -> None:
    statement = statement_by_id(session, statement_of(session, delivery))
    record(session, actor, action, delivery.public_id, campaign_public_id(session, statement), **detail)
