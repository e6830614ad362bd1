"""Law 6: a release names two people and the exact bytes; every way around that is tried here."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals import actions
from app.appeals.emails import Cover
from app.appeals.models import Appeal, AppealState
from app.appeals.queries import letters_of
from app.appeals.seconds import standing_approvals
from app.appeals.states import (
    AlreadyReleased,
    DossierChanged,
    NotApproved,
    OwnWork,
    SeenAnother,
    SignatoriesChanged,
    Superseded,
)
from app.audit.queries import history_of
from app.base import clock
from app.base.errors import Refusal
from app.campaigns.models import Membership
from app.campaigns.states import Role, RoleTooNarrow
from app.deliveries.actions import hand_over
from app.deliveries.models import Delivery
from app.mail.models import Mail
from app.mail.states import MailClass
from app.signatures import actions as signing
from app.visibility.states import Visibility
from tests.factories.accounts import make_organiser
from tests.factories.appeals import NAMES, Scene, make_appeal, make_scene
from tests.factories.campaigns import make_member
from tests.factories.ports import carry
from tests.factories.signatures import appear, rename


def official_mails(session: Session) -> int:
    return session.scalar(select(func.count()).where(Mail.mail_class == MailClass.OFFICIAL)) or 0


def refused(session: Session, scene: Scene, appeal: Appeal, refusal: type[Refusal], seen: str = "") -> Refusal:
    """Try to release; return the refusal after making sure that nothing has left."""
    with pytest.raises(refusal) as caught:
        hand_over(session, scene.coordinator.public_id, appeal.public_id, seen or appeal.manifest_sha256)
    session.refresh(appeal)
    assert appeal.state is not AppealState.RELEASED
    assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    assert official_mails(session) == 0
    return caught.value


def test_two_people_release_exactly_these_bytes(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    hand_over(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)
    entry = next(entry for entry in history_of(session, appeal.public_id) if entry.action == "appeal.released")
    assert entry.detail["assembled_by"] == scene.coordinator.public_id
    assert entry.detail["approved_by"] == scene.approver.public_id
    assert entry.detail["manifest"] == appeal.manifest_sha256
    assert entry.detail["one_person_organisation"] is None
    assert official_mails(session) == 1


def test_release_without_approval_is_refused(session: Session) -> None:
    scene = make_scene(session)
    refused(session, scene, make_appeal(session, scene), NotApproved)


def test_assembler_cannot_approve(session: Session) -> None:
    scene = make_scene(session)
    second_owner = make_member(session, scene.campaign, Role.OWNER)
    scene = Scene(**{**vars(scene), "coordinator": second_owner})
    appeal = make_appeal(session, scene)
    with pytest.raises(OwnWork):
        actions.approve(session, second_owner.public_id, appeal.public_id, appeal.manifest_sha256)
    refused(session, scene, appeal, NotApproved)


def test_writer_of_a_letter_cannot_approve(session: Session) -> None:
    scene = make_scene(session, recipients=2)
    appeal = make_appeal(session, scene)
    letter = letters_of(session, appeal.id, "test")[0]
    actions.rewrite_letter(
        session, scene.owner.public_id, appeal.public_id, letter.public_id, Cover("S", "T"), letter.sha256
    )
    session.refresh(appeal)
    for maker in (scene.owner, scene.coordinator):
        with pytest.raises((OwnWork, RoleTooNarrow)):
            actions.approve(session, maker.public_id, appeal.public_id, appeal.manifest_sha256)
    actions.approve(session, scene.approver.public_id, appeal.public_id, appeal.manifest_sha256)
    assert len(standing_approvals(session, appeal)) == 1


def test_approver_who_then_writes_a_letter_is_no_second_person(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    actions.approve(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)
    (letter,) = letters_of(session, appeal.id, "test")
    actions.rewrite_letter(
        session, scene.owner.public_id, appeal.public_id, letter.public_id, Cover("S", "T"), letter.sha256
    )
    session.refresh(appeal)
    refused(session, scene, appeal, NotApproved)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.COORDINATOR, None])
def test_other_roles_cannot_approve(session: Session, role: Role | None) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    somebody = make_member(session, scene.campaign, role) if role else make_organiser(session)
    with pytest.raises(RoleTooNarrow):
        actions.approve(session, somebody.public_id, appeal.public_id, appeal.manifest_sha256)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
def test_other_roles_cannot_release(session: Session, role: Role) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    somebody = make_member(session, scene.campaign, role)
    with pytest.raises(RoleTooNarrow):
        hand_over(session, somebody.public_id, appeal.public_id, appeal.manifest_sha256)
    assert official_mails(session) == 0


def _disable(session: Session, scene: Scene) -> None:
    session.execute(update(Organiser).where(Organiser.id == scene.approver.id).values(disabled_at=clock.now()))


def _demote(session: Session, scene: Scene) -> None:
    mine = Membership.organiser_id == scene.approver.id
    session.execute(update(Membership).where(mine).values(role=Role.VIEWER))


def _remove(session: Session, scene: Scene) -> None:
    session.execute(delete(Membership).where(Membership.organiser_id == scene.approver.id))


@pytest.mark.parametrize("change", [_disable, _demote, _remove])
def test_approval_of_somebody_who_may_not_any_more_is_void(
    session: Session, change: Callable[[Session, Scene], None]
) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    change(session, scene)
    session.flush()
    refused(session, scene, appeal, NotApproved)


def test_approval_of_another_state_is_refused(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    with pytest.raises(SeenAnother):
        actions.approve(session, scene.approver.public_id, appeal.public_id, "0" * 64)


def test_approval_does_not_pass_to_the_next_assembly(session: Session) -> None:
    scene = make_scene(session)
    first = make_appeal(session, scene, approved=True)
    second = make_appeal(session, scene)
    refused(session, scene, second, NotApproved)
    with pytest.raises(Superseded):
        hand_over(session, scene.coordinator.public_id, first.public_id, first.manifest_sha256)
    with pytest.raises(Superseded):
        actions.approve(session, scene.approver.public_id, first.public_id, first.manifest_sha256)


def test_approval_given_twice_counts_once(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    actions.approve(session, scene.approver.public_id, appeal.public_id, appeal.manifest_sha256)
    assert len(standing_approvals(session, appeal)) == 1
    assert [entry.action for entry in history_of(session, appeal.public_id)].count("appeal.approved") == 1


def test_released_appeal_cannot_be_approved_or_changed(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, released=True)
    (letter,) = letters_of(session, appeal.id, "test")
    with pytest.raises(AlreadyReleased):
        actions.approve(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)
    with pytest.raises(AlreadyReleased):
        actions.rewrite_letter(
            session, scene.coordinator.public_id, appeal.public_id, letter.public_id, Cover("S", "T"), letter.sha256
        )


def _withdraw(session: Session, scene: Scene) -> None:
    signing.withdraw(session, scene.signatures[Visibility.PUBLIC].public_id)


def _tighten(session: Session, scene: Scene) -> None:
    appear(session, scene.signatures[Visibility.PUBLIC].public_id, Visibility.COUNTED)


def _hide_behind_pseudonym(session: Session, scene: Scene) -> None:
    signature = scene.signatures[Visibility.INSTITUTION].public_id
    appear(session, signature, Visibility.PSEUDONYM, "Somebody")


def _change_pseudonym(session: Session, scene: Scene) -> None:
    signature = scene.signatures[Visibility.PSEUDONYM].public_id
    appear(session, signature, Visibility.PSEUDONYM, "Nobody")


def _shorten_line(session: Session, scene: Scene) -> None:
    rename(session, scene.signatures[Visibility.PUBLIC].public_id, "Ana Public", "", "")


@pytest.mark.parametrize("change", [_withdraw, _tighten, _hide_behind_pseudonym, _change_pseudonym, _shorten_line])
def test_nobody_is_handed_over_against_their_will(session: Session, change: Callable[[Session, Scene], None]) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    change(session, scene)
    refusal = refused(session, scene, appeal, SignatoriesChanged)
    assert refusal.message.startswith("1 person has withdrawn")
    assert not any(name in refusal.message for name in NAMES.values())
    again = make_appeal(session, scene, approved=True)
    hand_over(session, scene.coordinator.public_id, again.public_id, again.manifest_sha256)


def test_one_person_organisation_says_so_everywhere(session: Session) -> None:
    carry(session, one_person=True)
    scene = make_scene(session)
    scene = Scene(**{**vars(scene), "coordinator": scene.owner})
    appeal = make_appeal(session, scene)
    assert json.loads(appeal.manifest)["one_person_organisation"] is True
    refused(session, scene, appeal, NotApproved)
    actions.approve(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)
    hand_over(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)
    told = {entry.action: entry.detail for entry in history_of(session, appeal.public_id)}
    assert told["appeal.approved"]["one_person_organisation"] == "yes"
    assert told["appeal.released"]["one_person_organisation"] == "yes"


def test_one_person_setting_taken_back_voids_the_approval(session: Session) -> None:
    carry(session, one_person=True)
    scene = make_scene(session)
    scene = Scene(**{**vars(scene), "coordinator": scene.owner})
    appeal = make_appeal(session, scene)
    actions.approve(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)
    carry(session, one_person=False)
    refused(session, scene, appeal, DossierChanged)
