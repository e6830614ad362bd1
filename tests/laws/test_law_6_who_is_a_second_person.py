"""Law 6: the second person is nobody whom the first let in alone, or just now; every way to make one up is tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.rights import (
    disable_organiser,
    enable_organiser,
    invite_with_rights,
    make_administrator,
    reset_factor,
)
from app.accounts.states import HouseRights
from app.appeals.models import AppealState
from app.appeals.queries import approvals_of
from app.appeals.states import NotApproved, NotYetKnown, OneBehindBoth, TooNew
from app.audit.queries import history_of
from app.base import clock
from app.base.errors import Refusal
from app.campaigns import members
from app.campaigns.models import Membership
from app.campaigns.states import NotToConfirm, Role
from app.campaigns.vouching import vouching_in
from app.deliveries.actions import hand_over
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.campaigns import make_member
from tests.factories.ports import carry
from tests.laws.second_persons import House

WEEK = timedelta(days=7)


@pytest.fixture
def house(session: Session) -> House:
    return House(session, make_scene(session))


def test_a_puppet_let_in_by_the_owner_alone_never_approves(house: House) -> None:
    puppet = house.let_in("puppet", Role.APPROVER)
    assert "nobody has confirmed you" in house.does_not_send(puppet, NotYetKnown)
    clock.freeze(clock.now() + 50 * WEEK)
    house.does_not_send(puppet, NotYetKnown)


def test_the_owner_confirms_nobody_they_let_in(house: House) -> None:
    puppet = house.let_in("puppet", Role.APPROVER)
    for who in (house.owner, puppet):
        with pytest.raises(NotToConfirm):
            house.confirm(who, puppet)


def _puppet_owner(house: House) -> str:
    return house.let_in("second-owner", Role.OWNER)


def _puppet_of_the_puppet(house: House) -> str:
    return house.let_in("third", Role.OWNER, by=house.let_in("second", Role.OWNER))


def _owner_and_administrator(house: House) -> str:
    make_administrator(house.session, "system", house.owner, is_administrator=True)
    return house.owner


def _administrator_made_by_the_owner(house: House) -> str:
    make_administrator(house.session, "system", house.owner, is_administrator=True)
    rights = HouseRights(is_administrator=True)
    return invite_with_rights(house.session, house.owner, "Second", "second@example.org", rights).public_id


def _administrator_made_by_the_owners_administrator(house: House) -> str:
    second = _administrator_made_by_the_owner(house)
    rights = HouseRights(is_administrator=True)
    return invite_with_rights(house.session, second, "Third", "third@example.org", rights).public_id


def _disabled_administrator(house: House) -> str:
    house.administrator()
    found = house.administrator()
    disable_organiser(house.session, "system", found)
    return found


def _reopened_administrator(house: House) -> str:
    """An account that others left behind, opened again by the owner, who reads its mailbox now."""
    make_administrator(house.session, "system", house.owner, is_administrator=True)
    found = house.administrator()
    disable_organiser(house.session, house.owner, found)
    clock.freeze(clock.now() + WEEK)
    enable_organiser(house.session, house.owner, found)
    return found


def _administrator_whose_factor_the_owner_took_off(house: House) -> str:
    make_administrator(house.session, "system", house.owner, is_administrator=True)
    found = house.administrator()
    reset_factor(house.session, house.owner, found)
    return found


def _member_in_another_role(house: House) -> str:
    return house.scene.coordinator.public_id


def _owner_of_another_campaign(house: House) -> str:
    return make_scene(house.session).owner.public_id


@pytest.mark.parametrize(
    "confirmer",
    [
        _puppet_owner, _puppet_of_the_puppet, _owner_and_administrator, _administrator_made_by_the_owner,
        _administrator_made_by_the_owners_administrator, _disabled_administrator, _reopened_administrator,
        _administrator_whose_factor_the_owner_took_off, _member_in_another_role, _owner_of_another_campaign,
    ],
)  # fmt: skip
def test_no_word_counts_that_may_be_the_owners_own(house: House, confirmer: Callable[[House], str]) -> None:
    who, puppet = confirmer(house), house.let_in("puppet", Role.APPROVER)
    clock.freeze(clock.now() + 2 * WEEK)
    with pytest.raises(NotToConfirm):
        house.confirm(who, puppet)
    house.does_not_send(puppet, NotYetKnown)


def test_puppets_who_confirm_each_other_stay_puppets(house: House) -> None:
    """Written straight into the rows: even a circle of words leads back to the one who made them all."""
    one, two = house.let_in("one", Role.OWNER), house.let_in("two", Role.OWNER)
    rows = {row.organiser_id: row for row in house.session.scalars(select(Membership))}
    ids = {row.public_id: row.id for row in house.session.scalars(select(Organiser))}
    for confirmed, by in ((one, two), (two, one)):
        rows[ids[confirmed]].confirmed_by, rows[ids[confirmed]].confirmed_at = by, clock.now()
    clock.freeze(clock.now() + 2 * WEEK)
    for puppet in (one, two):
        house.does_not_send(puppet, NotYetKnown)
    with pytest.raises(NotToConfirm):
        house.confirm(one, house.let_in("three", Role.APPROVER))


def test_a_confirmed_approver_waits_and_is_told_until_when(house: House) -> None:
    clock.freeze(clock.now().replace(year=2031, month=11, day=26, hour=14, minute=10))
    approver = house.let_in("leila", Role.APPROVER)
    house.confirm(house.administrator(), approver)
    message = house.does_not_send(approver, TooNew)
    assert "from 3 December 2031, 14:10 UTC" in message
    assert "Until then another approver or owner can approve" in message
    clock.advance(days=6, hours=23, minutes=59)
    house.does_not_send(approver, TooNew)
    clock.advance(minutes=1)
    appeal = house.approve(approver)
    hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)


def test_a_second_owner_whom_others_know_confirms(house: House) -> None:
    second = make_member(house.session, house.campaign, Role.OWNER).public_id
    approver = house.let_in("leila", Role.APPROVER)
    house.confirm(second, approver)
    house.confirm(second, approver)
    clock.freeze(clock.now() + WEEK)
    house.approve(approver)
    told = [entry.action for entry in history_of(house.session, approver)]
    assert told.count("member.confirmed") == 1


def test_a_role_given_just_now_begins_anew(house: House) -> None:
    """A member of long standing becomes an approver: confirmed or not before, nobody has looked at that."""
    administrator = house.administrator()
    for before in (Role.VIEWER, Role.COORDINATOR):
        member = make_member(house.session, house.campaign, before).public_id
        house.role(member, Role.APPROVER)
        house.does_not_send(member, NotYetKnown)
        house.confirm(administrator, member)
        house.does_not_send(member, TooNew)


def test_an_owner_promoted_just_now_waits(house: House) -> None:
    member = make_member(house.session, house.campaign, Role.EDITOR).public_id
    house.role(member, Role.OWNER)
    house.confirm(house.administrator(), member)
    house.does_not_send(member, TooNew)


def test_a_role_lost_and_given_back_begins_anew(house: House) -> None:
    approver = house.scene.approver.public_id
    house.role(approver, Role.VIEWER)
    house.role(approver, Role.APPROVER)
    house.does_not_send(approver, NotYetKnown)


def test_an_approver_who_becomes_an_owner_keeps_their_time(house: House) -> None:
    house.role(house.scene.approver.public_id, Role.OWNER)
    house.approve(house.scene.approver.public_id)


def test_who_was_removed_and_added_again_begins_anew(house: House) -> None:
    appeal = make_appeal(house.session, house.scene, approved=True)
    approver = house.scene.approver
    members.remove_member(house.session, house.campaign, house.owner, approver.public_id)
    members.join(house.session, house.campaign, approver, Role.APPROVER, house.owner)
    with pytest.raises(NotApproved):
        hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    house.does_not_send(approver.public_id, NotYetKnown)


def test_a_founder_approves_no_work_of_their_own_puppet(house: House) -> None:
    """The puppet assembles, the owner approves as themselves: that is one person too."""
    puppet = house.let_in("assembler", Role.COORDINATOR)
    found = house.session.scalars(select(Organiser).where(Organiser.public_id == puppet)).one()
    house.scene = Scene(**{**vars(house.scene), "coordinator": found})
    message = house.does_not_send(house.owner, OneBehindBoth)
    assert "one person’s word alone" in message
    house.confirm(house.administrator(), puppet)
    house.approve(house.owner)


def test_a_founder_is_confirmed_like_everybody_else(session: Session) -> None:
    scene = make_scene(session)
    row = session.scalars(select(Membership).where(Membership.organiser_id == scene.owner.id)).one()
    row.confirmed_by = row.confirmed_at = None
    House(session, scene).does_not_send(scene.owner.public_id, NotYetKnown)


def test_a_word_falls_when_its_giver_is_closed_out(house: House) -> None:
    """The waiting is over while the second owner, whose account was taken over, is disabled."""
    second = make_member(house.session, house.campaign, Role.OWNER).public_id
    approver = house.let_in("leila", Role.APPROVER)
    house.confirm(second, approver)
    clock.freeze(clock.now() + 2 * WEEK)
    appeal = house.approve(approver)
    disable_organiser(house.session, "system", second)
    with pytest.raises(NotApproved):
        hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    house.does_not_send(approver, NotYetKnown)


def test_a_clock_that_jumps_makes_nobody_older(house: House) -> None:
    """Somebody sets the clock forward, approves, and sets it back: the approval does not stand when it counts."""
    now = clock.now()
    approver = house.let_in("leila", Role.APPROVER)
    house.confirm(house.administrator(), approver)
    clock.freeze(now + 2 * WEEK)
    appeal = house.approve(approver)
    clock.freeze(now)
    with pytest.raises(Refusal):
        hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    house.session.refresh(appeal)
    assert appeal.state is not AppealState.RELEASED
    clock.freeze(now - 2 * WEEK)
    vouched = vouching_in(house.session, house.campaign.id).approvers[approver]
    assert not vouched.may_approve


def test_approval_and_release_tell_the_approvers_age_and_who_stands_for_them(house: House) -> None:
    second = make_member(house.session, house.campaign, Role.OWNER).public_id
    approver, came = house.let_in("leila", Role.APPROVER), clock.now()
    house.confirm(second, approver)
    clock.freeze(came + 3 * WEEK)
    appeal = house.approve(approver)
    hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    told = {entry.action: entry.detail for entry in history_of(house.session, appeal.public_id)}
    approved = told["appeal.approved"]
    assert (approved["let_in_by"], approved["confirmed_by"]) == (house.owner, second)
    assert approved["member_since"][:16] == came.isoformat()[:16]
    for word in (approver, house.owner, second, came.isoformat(timespec="minutes")[:16]):
        assert word in told["appeal.released"]["approvers_since"]
    members.remove_member(house.session, house.campaign, house.owner, approver)
    (row,) = approvals_of(house.session, appeal.id)
    assert row.vouched is not None
    assert (row.vouched.let_in_by, row.vouched.confirmed_by) == (house.owner, second)


def test_without_a_waiting_period_the_confirmation_stays(house: House) -> None:
    carry(house.session, approver_waiting_days=0)
    approver = house.let_in("leila", Role.APPROVER)
    house.does_not_send(approver, NotYetKnown)
    house.confirm(house.administrator(), approver)
    house.approve(approver)


def test_one_person_who_approves_through_a_puppet_says_so_too(house: House) -> None:
    carry(house.session, one_person=True)
    puppet = house.let_in("puppet", Role.APPROVER)
    appeal = house.approve(puppet)
    hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    told = {entry.action: entry.detail for entry in history_of(house.session, appeal.public_id)}
    assert told["appeal.approved"]["one_person_organisation"] == "yes"
    assert told["appeal.released"]["one_person_organisation"] == "yes"
