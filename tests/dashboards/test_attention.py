"""What needs a person, along the way of an appeal: assembled, approved, released, refused or uncertain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.base import clock
from app.campaigns.states import CAPABILITIES, Role
from app.dashboards.attention import Need, NeedKind, PeopleTrouble as PeopleTrouble, needs_of, troubles_of
from app.dashboards.queries import statements_of
from app.dashboards.remembered import placed_of
from app.dashboards.states import InviteeStanding
from app.deliveries.actions import rule
from app.deliveries.models import Delivery
from app.deliveries.states import DeliveryRuling
from app.invitations.actions import reissue_link, remind
from app.invitations.answering import hold_answer, record_answer
from app.invitations.models import Invitation
from app.invitations.queries import answers_of, ready_to_remind
from app.invitations.states import Answer, NothingToSend
from app.mail.models import Mail
from app.mail.states import MailState
from app.smtp.states import Trouble
from app.statements.models import Statement
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.invitations import make_invitation


def _needs(session: Session, scene: Scene, organiser: Organiser, role: Role) -> list[Need]:
    lines = statements_of(session, [scene.campaign.id], organiser.public_id)[scene.campaign.id]
    return needs_of(session, lines, {scene.campaign.id: CAPABILITIES[role]})


def _kinds(session: Session, scene: Scene, organiser: Organiser, role: Role) -> list[NeedKind]:
    return [need.kind for need in _needs(session, scene, organiser, role)]


def test_closed_statement_wants_its_appeal(session: Session) -> None:
    scene = make_scene(session)
    assert _kinds(session, scene, scene.coordinator, Role.COORDINATOR) == [NeedKind.ASSEMBLE]
    assert _kinds(session, scene, scene.approver, Role.APPROVER) == []


def test_assembled_appeal_asks_only_who_may_be_the_second_person(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    maker = scene.owner if appeal.assembled_by == scene.owner.public_id else scene.coordinator
    assert _kinds(session, scene, scene.approver, Role.APPROVER) == [NeedKind.APPROVE]
    assert _kinds(session, scene, maker, Role.OWNER) == []


def test_approved_appeal_asks_for_release(session: Session) -> None:
    scene = make_scene(session)
    make_appeal(session, scene, approved=True)
    assert _kinds(session, scene, scene.coordinator, Role.COORDINATOR) == [NeedKind.RELEASE]
    assert _kinds(session, scene, scene.approver, Role.APPROVER) == []


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (MailState.QUEUED, []),
        (MailState.ACCEPTED, []),
        (MailState.UNCERTAIN, [NeedKind.DELIVERY_UNCERTAIN]),
        (MailState.REFUSED, [NeedKind.DELIVERY_REFUSED]),
        (MailState.BOUNCED, [NeedKind.DELIVERY_BOUNCED]),
    ],
)
def test_troubled_delivery_comes_first(session: Session, mail: MailState, expected: list[NeedKind]) -> None:
    scene = make_scene(session)
    make_deliveries(session, scene, mail=mail)
    kinds = _kinds(session, scene, scene.coordinator, Role.COORDINATOR)
    assert [kind for kind in kinds if kind.value.startswith("delivery")] == expected
    assert kinds[: len(expected)] == expected
    # A person who can't decide about it is not asked.
    assert not set(_kinds(session, scene, scene.approver, Role.APPROVER)) & set(expected)


def test_delivery_that_is_uncertain_again_after_a_ruling_is_not_forgotten(session: Session) -> None:
    scene = make_scene(session)
    delivery: Delivery = make_deliveries(session, scene, mail=MailState.UNCERTAIN)[0]
    rule(session, scene.coordinator.public_id, delivery, DeliveryRuling.AGAIN, "Their clerk has seen nothing.")
    assert NeedKind.DELIVERY_UNCERTAIN not in _kinds(session, scene, scene.coordinator, Role.COORDINATOR)
    session.execute(update(Mail).where(Mail.public_id == delivery.mail_id).values(state=MailState.UNCERTAIN))
    assert _kinds(session, scene, scene.coordinator, Role.COORDINATOR)[0] is NeedKind.DELIVERY_UNCERTAIN


def _asked(session: Session) -> tuple[Statement, Invitation]:
    invitation = make_invitation(session)
    _tell(session, invitation.mail_id or "", MailState.ACCEPTED)
    return session.get_one(Statement, invitation.statement_id), invitation


def _tell(session: Session, mail_id: str, state: MailState, trouble: Trouble | None = None) -> None:
    session.execute(
        update(Mail).where(Mail.public_id == mail_id).values(state=state, trouble=trouble, finished_at=clock.now())
    )


def _remind(session: Session, statement: Statement, invitation: Invitation) -> str:
    clock.advance(hours=13)
    remind(session, "test", statement, [invitation.public_id])
    return answers_of(session, statement.id)[invitation.public_id].reminders[-1][1]


def _seen(session: Session, statement: Statement) -> tuple[InviteeStanding, PeopleTrouble]:
    placed = placed_of(session, [statement.id], None)
    ((_row, standing),) = placed[statement.id].walk()
    return standing, troubles_of(placed, [])[statement.id]


@pytest.mark.parametrize(
    ("state", "trouble"),
    [(MailState.BOUNCED, Trouble.NO_SUCH_ADDRESS), (MailState.DROPPED, Trouble.BOUNCING)],
)
def test_address_that_died_is_seen_whichever_mail_told(session: Session, state: MailState, trouble: Trouble) -> None:
    statement, invitation = _asked(session)
    assert _seen(session, statement) == (InviteeStanding.NO_ANSWER, PeopleTrouble())
    _tell(session, invitation.mail_id or "", state, trouble)
    assert _seen(session, statement) == (InviteeStanding.BOUNCED, PeopleTrouble(bounced=1))
    _tell(session, invitation.mail_id or "", MailState.ACCEPTED)
    reminder = _remind(session, statement, invitation)
    _tell(session, reminder, state, trouble)
    assert _seen(session, statement) == (InviteeStanding.BOUNCED, PeopleTrouble(bounced=1))
    assert ready_to_remind(session, statement.id) == []


def test_new_link_after_a_bounced_reminder_starts_afresh(session: Session) -> None:
    statement, invitation = _asked(session)
    _tell(session, _remind(session, statement, invitation), MailState.BOUNCED, Trouble.NO_SUCH_ADDRESS)
    clock.advance(hours=13)
    assert ready_to_remind(session, statement.id) == []
    with pytest.raises(NothingToSend):
        remind(session, "test", statement, [invitation.public_id])
    reissue_link(session, "test", statement, invitation.public_id)
    assert _seen(session, statement) == (InviteeStanding.ON_ITS_WAY, PeopleTrouble())
    assert ready_to_remind(session, statement.id) == [invitation.public_id]


def test_invitation_that_comes_back_after_the_reminder_still_counts(session: Session) -> None:
    statement, invitation = _asked(session)
    _tell(session, _remind(session, statement, invitation), MailState.ACCEPTED)
    _tell(session, invitation.mail_id or "", MailState.BOUNCED, Trouble.MAILBOX_FULL)
    clock.advance(hours=13)
    assert _seen(session, statement) == (InviteeStanding.BOUNCED, PeopleTrouble(bounced=1))
    with pytest.raises(NothingToSend):
        remind(session, "test", statement, [invitation.public_id])


def test_a_person_who_answered_needs_no_correction(session: Session) -> None:
    statement, invitation = _asked(session)
    held = hold_answer(session, invitation.public_id)
    record_answer(session, invitation.public_id, replace(held, answer=Answer.DECLINED, at=clock.now()))
    _tell(session, invitation.mail_id or "", MailState.BOUNCED, Trouble.NO_SUCH_ADDRESS)
    assert _seen(session, statement) == (InviteeStanding.DECLINED, PeopleTrouble())
