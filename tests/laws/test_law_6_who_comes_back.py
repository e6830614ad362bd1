"""Law 6: whom somebody let back into their account is nobody known; it may be who reads their mail by now."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from app.accounts.factors.actions import forget_factors, offered_seed, seed_offered, set_up_app
from app.accounts.factors.states import read_codes
from app.accounts.models import Organiser
from app.accounts.rights import disable_organiser, enable_organiser, reset_factor
from app.appeals.states import NotApproved, NotYetKnown, TooNew
from app.audit.queries import history_of
from app.base import clock
from app.campaigns.states import NotToConfirm
from app.deliveries.actions import hand_over
from tests.factories.appeals import make_appeal, make_scene
from tests.laws.second_persons import House

WEEK = timedelta(days=7)


@pytest.fixture
def house(session: Session) -> House:
    return House(session, make_scene(session))


def test_an_account_opened_again_is_nobody_known(house: House) -> None:
    """Its owner left long ago; who opens it may be who reads its mail now."""
    administrator, approver = house.administrator(), house.scene.approver.public_id
    disable_organiser(house.session, administrator, approver)
    clock.freeze(clock.now() + 2 * WEEK)
    enable_organiser(house.session, administrator, approver)
    house.does_not_send(approver, NotYetKnown)
    with pytest.raises(NotToConfirm):
        house.confirm(administrator, approver)
    house.confirm(house.administrator(), approver)
    house.does_not_send(approver, TooNew)
    clock.advance(days=7)
    house.approve(approver)


def test_an_approver_whose_factor_somebody_took_off_is_nobody_known(house: House) -> None:
    """An administrator who reads the approver's mail would otherwise sign in as them, and approve."""
    administrator, approver = house.administrator(), house.scene.approver.public_id
    appeal = make_appeal(house.session, house.scene, approved=True)
    reset_factor(house.session, administrator, approver)
    with pytest.raises(NotApproved):
        hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    house.does_not_send(approver, NotYetKnown)
    for who in (administrator, approver):
        with pytest.raises(NotToConfirm):
            house.confirm(who, approver)
    clock.freeze(clock.now() + 2 * WEEK)
    house.does_not_send(approver, NotYetKnown)
    house.confirm(house.administrator(), approver)
    house.approve(approver)


def test_a_word_for_who_came_back_does_not_shorten_the_waiting(house: House) -> None:
    reset_factor(house.session, "system", house.scene.approver.public_id)
    house.does_not_send(house.scene.approver.public_id, NotYetKnown)
    house.confirm(house.administrator(), house.scene.approver.public_id)
    house.does_not_send(house.scene.approver.public_id, TooNew)


def _set_up_app(house: House, who: Organiser, *, may_replace: bool = False) -> None:
    seed = seed_offered(house.session, who.public_id, offered_seed(house.session, who.public_id))
    code = pyotp.TOTP(seed).at(clock.now())
    set_up_app(house.session, who, seed, read_codes(code), may_replace=may_replace)


def test_who_sets_up_a_first_factor_waits_though_they_were_confirmed_long_ago(house: House) -> None:
    """Until then the mailbox is all that it takes to be them, and somebody else may read it."""
    approver = house.scene.approver
    _set_up_app(house, approver)
    house.does_not_send(approver.public_id, TooNew)
    clock.freeze(clock.now() + WEEK)
    _set_up_app(house, approver, may_replace=True)
    house.approve(approver.public_id)
    forget_factors(house.session, approver)
    _set_up_app(house, approver)
    house.does_not_send(approver.public_id, TooNew)


def test_who_let_an_approver_back_into_their_account_is_told(house: House) -> None:
    administrator, approver, back = house.administrator(), house.scene.approver.public_id, clock.now()
    reset_factor(house.session, administrator, approver)
    second = house.administrator()
    house.confirm(second, approver)
    clock.freeze(back + 2 * WEEK)
    appeal = house.approve(approver)
    hand_over(house.session, house.owner, appeal.public_id, appeal.manifest_sha256)
    told = {entry.action: entry.detail for entry in history_of(house.session, appeal.public_id)}
    assert told["appeal.approved"]["let_back_by"] == administrator
    assert told["appeal.approved"]["let_back_at"][:16] == back.isoformat()[:16]
    assert f"let_back_by={administrator}" in told["appeal.released"]["approvers_since"]
