"""File incoming mail: as the reply that it is, by the machine where that is certain, and by a person elsewhere."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import people
from app.appeals.queries import letters_by_id
from app.audit.actions import SYSTEM, record
from app.base import clock
from app.base.addresses import canonical
from app.base.moments import Moment
from app.base.rows import has_changed, insert_into
from app.base.sealing import seal
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import Capability, Role, may
from app.deliveries.models import Delivery
from app.deliveries.queries import statement_of
from app.deliveries.states import DeliveryState
from app.inbox.models import InboundMessage
from app.inbox.states import InboundState
from app.inbox.storage import file
from app.mail.actions import Outgoing, enqueue_many
from app.replies.actions import ANSWERABLE, TEXT_BYTES, delivery_state, note_arrival
from app.replies.emails import NEW_REPLIES
from app.replies.held import PURPOSE, Incoming, campaigns_of
from app.replies.matching import delivery_answered, is_from
from app.replies.models import HeldOffer, Reply, ReplyKind
from app.replies.queries import campaigns_with_unread, reply_place, statements_with_unread
from app.replies.states import FiledMeanwhile, NotHandedOver, OfferAnswer
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, contact_of, statement_by_id

# A quick machine can answer a letter before the worker has written down that it was taken.
PATIENCE = timedelta(hours=1)
_ON_ITS_WAY = frozenset({DeliveryState.PLANNED, DeliveryState.HANDING_OVER})


def match(session: Session, found: Incoming) -> InboundState:
    """File a waiting message at the delivery that it answers for certain, or hold it for a person.

    Return where it stands now. Matching it again changes nothing: the message's own state settles who was first.
    """
    delivery = delivery_answered(session, found.summary)
    if delivery is not None:
        state = delivery_state(session, delivery)
        if state in ANSWERABLE:
            _file_found(session, found, delivery)
            return InboundState.FILED
        if state in _ON_ITS_WAY and clock.now() - found.received_at < PATIENCE:
            return InboundState.WAITING
    hold(session, found.public_id)
    return InboundState.HELD


def hold(session: Session, message_id: str) -> None:
    """Put a message into the holding pen, and tell the campaigns that it may belong to."""
    if file(session, message_id, InboundState.HELD, SYSTEM):
        for campaign_id in sorted(campaigns_of(session, message_id)):
            tell(session, campaign_id)


def file_held(session: Session, actor: str, found: Incoming, delivery: Delivery, kind: ReplyKind) -> Reply:
    """File a held message at a delivery, as what a person says that it is; raises NotHandedOver, FiledMeanwhile."""
    if delivery_state(session, delivery) not in ANSWERABLE:
        raise NotHandedOver
    if not file(session, found.public_id, InboundState.FILED, actor):
        raise FiledMeanwhile
    session.execute(delete(HeldOffer).where(HeldOffer.inbound_id == found.public_id))
    reply = _add(session, actor, found, delivery, kind)
    note_arrival(session, actor, delivery, kind)
    return reply


def put_back(session: Session, actor: str, reply: Reply) -> None:
    """Take a filed message out of the replies and hold it again; raises FiledMeanwhile for what was no mail."""
    back = update(InboundMessage).where(
        InboundMessage.public_id == reply.inbound_id, InboundMessage.state == InboundState.FILED
    )
    changed = session.execute(back.values(state=InboundState.HELD, filed_by=actor, filed_at=clock.now()))
    if not has_changed(changed):
        raise FiledMeanwhile
    statement = statement_by_id(session, statement_of(session, session.get_one(Delivery, reply.delivery_id)))
    record(session, actor, "reply.put back", reply.public_id, campaign_public_id(session, statement))
    session.delete(reply)
    session.flush()


def offer(session: Session, actor: str, message_id: str, statement: Statement) -> None:
    """Show a held message to those who record replies in a statement's campaign, and tell them."""
    _say(session, actor, message_id, statement.campaign_id, OfferAnswer.OFFERED)
    record(session, actor, "mail.offered", message_id, campaign_public_id(session, statement))
    tell(session, statement.campaign_id)


def say_not_ours(session: Session, actor: str, message_id: str, campaign: Campaign) -> None:
    """Show a held message to a campaign no longer; others still see it."""
    _say(session, actor, message_id, campaign.id, OfferAnswer.NOT_OURS)
    record(session, actor, "mail.not ours", message_id, campaign.public_id)


def discard(session: Session, actor: str, message_id: str) -> None:
    """Put a held message away; it is kept and can be taken back. Raises FiledMeanwhile."""
    if not file(session, message_id, InboundState.DISCARDED, actor):
        raise FiledMeanwhile
    record(session, actor, "mail.discarded", message_id)


def take_back(session: Session, actor: str, message_id: str) -> None:
    """Hold a discarded message again; raises FiledMeanwhile."""
    changed = session.execute(
        update(InboundMessage)
        .where(InboundMessage.public_id == message_id, InboundMessage.state == InboundState.DISCARDED)
        .values(state=InboundState.HELD, filed_by=actor, filed_at=clock.now())
    )
    if not has_changed(changed):
        raise FiledMeanwhile
    record(session, actor, "mail.taken back", message_id)


def tell_again(session: Session) -> None:
    """Tell once more of replies that came yesterday and are still unread; later ones speak for themselves."""
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for campaign_id in campaigns_with_unread(session, today - timedelta(days=1), today):
        tell(session, campaign_id)


def tell(session: Session, campaign_id: int) -> None:
    """Mail those who record a campaign's replies, and its statements' contacts, that some wait: once a day at most."""
    campaign, today = session.get_one(Campaign, campaign_id), f"{clock.now():%Y-%m-%d}"
    query = (
        select(Organiser)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .where(
            Membership.campaign_id == campaign_id,
            Membership.role.in_([role for role in Role if may(role, Capability.RECORD_REPLIES)]),
            Organiser.disabled_at.is_(None),
        )
        .order_by(Organiser.id)
    )
    told = people(session, session.scalars(query), "tell of new replies")
    here = {"campaign": campaign.public_id}
    occasion = f"{campaign.public_id} {today}"
    outgoing = [Outgoing(NEW_REPLIES, one.public_id, occasion, {**here, "organiser": one.public_id}) for one in told]
    known = {canonical(one.email) for one in told}
    for statement in statements_with_unread(session, campaign_id):
        address = canonical(contact_of(session, statement).email)
        if address and address not in known:
            known.add(address)
            outgoing.append(Outgoing(NEW_REPLIES, address, occasion, {**here, "statement": statement.public_id}))
    enqueue_many(session, outgoing)


def _file_found(session: Session, found: Incoming, delivery: Delivery) -> None:
    if not file(session, found.public_id, InboundState.FILED, SYSTEM):
        return
    kind = ReplyKind.OUT_OF_OFFICE if found.is_automatic else ReplyKind.UNREAD
    _add(session, SYSTEM, found, delivery, kind)
    if kind is ReplyKind.UNREAD:
        tell(session, statement_by_id(session, statement_of(session, delivery)).campaign_id)


def _add(session: Session, actor: str, found: Incoming, delivery: Delivery, kind: ReplyKind) -> Reply:
    letter = letters_by_id(session, [delivery.letter_id], PURPOSE)[delivery.letter_id]
    statement = statement_by_id(session, statement_of(session, delivery))
    received_on = Moment(found.received_at, statement.zone).on
    reply = Reply(
        delivery_id=delivery.id, kind=kind, received_on=received_on, text_sealed=b"", public_summary="",
        recorded_by=actor, inbound_id=found.public_id, created_at=clock.now(),
    )  # fmt: skip
    contents = found.contents
    words = {
        "text": contents.text, "is_cut": contents.is_cut, "sender": found.sender, "sender_name": found.sender_name,
        "subject": found.subject, "is_from_elsewhere": not is_from(found.sender, letter.to_address),
        "attachments": [[one.filename, one.content_type, one.size] for one in contents.attachments],
    }  # fmt: skip
    reply.text_sealed = seal(session, reply_place(reply.public_id), words, TEXT_BYTES)
    session.add(reply)
    session.flush()
    record(
        session, actor, "reply.filed", reply.public_id, campaign_public_id(session, statement), kind=kind,
        delivery=delivery.public_id, mail=found.public_id,
    )  # fmt: skip
    return reply


def _say(session: Session, actor: str, message_id: str, campaign_id: int, answer: OfferAnswer) -> None:
    # If somebody says something at the same moment, they come before or after this, and are dated so.
    session.execute(select(InboundMessage.id).where(InboundMessage.public_id == message_id).with_for_update())
    said = {"answer": answer, "changed_by": actor, "changed_at": clock.now()}
    session.execute(
        insert_into(session, HeldOffer)
        .values(inbound_id=message_id, campaign_id=campaign_id, **said)
        .on_conflict_do_update(index_elements=[HeldOffer.inbound_id, HeldOffer.campaign_id], set_=said)
    )
