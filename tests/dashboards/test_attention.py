"""What needs a person, along the way of an appeal: assembled, approved, released, refused or uncertain."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.campaigns.states import CAPABILITIES, Role
from app.dashboards.attention import Need, NeedKind, needs_of
from app.dashboards.queries import statements_of
from app.deliveries.actions import rule
from app.deliveries.models import Delivery
from app.deliveries.states import Ruling
from app.mail.models import Mail
from app.mail.states import MailState
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.deliveries import make_deliveries


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
    ],
)
def test_troubled_delivery_comes_first(session: Session, mail: MailState, expected: list[NeedKind]) -> None:
    scene = make_scene(session)
    make_deliveries(session, scene, mail=mail)
    kinds = _kinds(session, scene, scene.coordinator, Role.COORDINATOR)
    assert [kind for kind in kinds if kind.value.startswith("delivery")] == expected
    assert kinds[: len(expected)] == expected
    # Who can't decide about it is not asked.
    assert not set(_kinds(session, scene, scene.approver, Role.APPROVER)) & set(expected)


def test_delivery_that_is_uncertain_again_after_a_ruling_is_not_forgotten(session: Session) -> None:
    scene = make_scene(session)
    delivery: Delivery = make_deliveries(session, scene, mail=MailState.UNCERTAIN)[0]
    rule(session, scene.coordinator.public_id, delivery, Ruling.AGAIN, "Their clerk has seen nothing.")
    assert NeedKind.DELIVERY_UNCERTAIN not in _kinds(session, scene, scene.coordinator, Role.COORDINATOR)
    session.execute(update(Mail).where(Mail.public_id == delivery.mail_id).values(state=MailState.UNCERTAIN))
    assert _kinds(session, scene, scene.coordinator, Role.COORDINATOR)[0] is NeedKind.DELIVERY_UNCERTAIN
