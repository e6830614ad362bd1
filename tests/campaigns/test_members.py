"""Who works on a campaign: adding colleagues, roles, the last owner, and forged requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Organiser
from app.accounts.rights import disable_organiser
from app.audit.queries import history_of_campaign
from app.base.database import Database
from app.base.errors import Refusal
from app.base.parts import parts_of
from app.campaigns import members
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import Role
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member


@pytest.fixture
def owner(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Olha Owner", "olha@coalition.example.org")


@pytest.fixture
def campaign(app: Flask, database: Database, owner: Organiser) -> Campaign:
    with app.app_context(), database.writing() as session:
        return make_campaign(session, owner, title="Keep <b>the archive</b>")


@pytest.fixture
def desk(client: FlaskClient, app: Flask, owner: Organiser) -> FlaskClient:
    return sign_in(client, app, owner)


def _path(campaign: Campaign, rest: str = "") -> str:
    return f"/desk/campaigns/{campaign.public_id}/members{rest}"


def _roles(database: Database, campaign: Campaign) -> dict[int, Role]:
    query = select(Membership.organiser_id, Membership.role).where(Membership.campaign_id == campaign.id)
    with database.reading() as session:
        return {row.organiser_id: row.role for row in session.execute(query)}


def test_a_colleague_with_an_account_is_added_and_told(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign
) -> None:
    with app.app_context(), database.writing() as session:
        colleague = make_organiser(session, "Cem Colleague", "cem@coalition.example.org", may_create_campaigns=False)
    data = {"email": "CEM@coalition.example.org", "role": "editor", "name": "Not His Name"}
    assert desk.post(_path(campaign), data=data).status_code == 303
    page = desk.get(_path(campaign)).text
    assert "Cem Colleague" in page
    assert "cem@coalition.example.org" in page
    (mail,) = rendered_mails(app, "campaign_membership")
    assert mail.subject == "You have been added as a colleague"
    assert (mail.to_address, mail.reply_to) == ("cem@coalition.example.org", "olha@coalition.example.org")
    assert "“Keep <b>the archive</b>”" in mail.text
    assert "“<bdi>Keep &lt;b&gt;the archive&lt;/b&gt;</bdi>”" in mail.html
    assert "Editor: writes the campaign" in mail.text
    assert link_in(mail) == f"/desk/campaigns/{campaign.public_id}"
    assert _roles(database, campaign)[colleague.id] is Role.EDITOR


def test_an_unknown_address_gets_an_account_and_one_mail(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign
) -> None:
    data = {"email": "new@coalition.example.org", "role": "viewer", "name": "Niloufar نیلوفر"}
    assert desk.post(_path(campaign), data=data).status_code == 303
    assert rendered_mails(app, "campaign_membership") == []
    (mail,) = rendered_mails(app, "account_invitation")
    assert mail.to_name == "Niloufar نیلوفر"
    visitor = app.test_client()
    visitor.post(link_in(mail), data={"password": PASSWORD})
    visitor.post("/sign-in", data={"email": "new@coalition.example.org", "password": PASSWORD})
    assert visitor.get(f"/desk/campaigns/{campaign.public_id}/convenors").status_code == 200
    assert visitor.get("/desk/campaigns/new").status_code == 403


def test_adding_somebody_twice_is_refused(desk: FlaskClient, campaign: Campaign) -> None:
    data = {"email": "olha@coalition.example.org", "role": "viewer"}
    answer = desk.post(_path(campaign), data=data)
    assert answer.status_code == 409
    assert "already works on the campaign" in answer.text


def test_a_disabled_account_is_not_added(desk: FlaskClient, app: Flask, database: Database, campaign: Campaign) -> None:
    with app.app_context(), database.writing() as session:
        gone = make_organiser(session, email="gone@coalition.example.org")
        disable_organiser(session, "system", gone.public_id)
    answer = desk.post(_path(campaign), data={"email": "gone@coalition.example.org", "role": "viewer"})
    assert answer.status_code == 409
    assert "is disabled" in answer.text


@pytest.mark.parametrize(
    "data",
    [{}, {"email": "a@example.org"}, {"email": "a@example.org", "role": "god"}, {"email": "a@b", "role": "viewer"},
     {"email": "a@example.org\r\nBcc: b@example.org", "role": "viewer"},
     {"email": "a@example.org", "role": "viewer", "name": "A\r\nBcc: b@example.org"}],
)  # fmt: skip
def test_a_bad_invitation_is_refused_and_makes_no_account(
    desk: FlaskClient, database: Database, campaign: Campaign, data: dict[str, str]
) -> None:
    answer = desk.post(_path(campaign), data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Organiser)) == 1


def test_roles_change_and_members_leave(desk: FlaskClient, app: Flask, database: Database, campaign: Campaign) -> None:
    with app.app_context(), database.writing() as session:
        colleague = make_member(session, campaign, Role.VIEWER)
    theirs = sign_in(app.test_client(), app, colleague)
    new_convenor = f"/desk/campaigns/{campaign.public_id}/convenors/new"
    assert theirs.get(new_convenor).status_code == 403
    assert desk.post(_path(campaign, f"/{colleague.public_id}"), data={"role": "editor"}).status_code == 303
    assert theirs.get(new_convenor).status_code == 303  # another role signs out
    sign_in(theirs, app, colleague)
    assert theirs.get(new_convenor).status_code == 200
    assert desk.post(_path(campaign, f"/{colleague.public_id}/remove")).status_code == 303
    assert theirs.get(new_convenor).status_code == 303
    sign_in(theirs, app, colleague)
    assert theirs.get(new_convenor).status_code == 404
    assert desk.post(_path(campaign, f"/{colleague.public_id}/remove")).status_code == 404
    with database.reading() as session:
        history = [(entry.action, entry.detail) for entry in history_of_campaign(session, campaign.public_id)]
    assert history[:2] == [
        ("member.removed", {"role_before": "editor"}),
        ("member.role changed", {"role": "editor", "role_before": "viewer"}),
    ]


def test_the_last_owner_can_neither_leave_nor_step_down(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign, owner: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        make_member(session, campaign, Role.EDITOR)
        disabled = make_member(session, campaign, Role.OWNER)
        disable_organiser(session, "system", disabled.public_id)
    for path, data in ((f"/{owner.public_id}", {"role": "viewer"}), (f"/{owner.public_id}/remove", {})):
        answer = desk.post(_path(campaign, path), data=data)
        assert answer.status_code == 409
        assert "last owner" in answer.text
    assert _roles(database, campaign)[owner.id] is Role.OWNER


def test_an_owner_who_steps_down_is_led_out_of_the_list(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign, owner: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        make_member(session, campaign, Role.OWNER)
    answer = desk.post(_path(campaign, f"/{owner.public_id}"), data={"role": "viewer"})
    assert (answer.status_code, answer.location) == (303, "/desk/account")
    assert desk.get(_path(campaign)).status_code == 403


@pytest.mark.parametrize("how", ["remove each other", "step down", "demote each other"])
def test_two_owners_who_go_at_once_leave_one(either_app: Flask, how: str) -> None:
    database: Database = parts_of(either_app).database
    for _ in range(5):
        with either_app.app_context(), database.writing() as session:
            first, second = make_organiser(session), make_organiser(session)
            campaign = make_campaign(session, first)
            make_member(session, campaign, Role.OWNER, second)
        pair = [(first.public_id, second.public_id), (second.public_id, first.public_id)]

        def go(ids: tuple[str, str], campaign: Campaign = campaign) -> str:
            actor, other = ids
            try:
                with either_app.app_context(), database.writing() as session:
                    if how == "remove each other":
                        members.remove_member(session, campaign, actor, other)
                    else:
                        target = actor if how == "step down" else other
                        members.change_role(session, campaign, actor, target, Role.VIEWER)
            except Refusal as refusal:
                return type(refusal).__name__
            return "done"

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(go, pair))
        assert outcomes in (["LastOwner", "done"], ["RoleTooNarrow", "done"])
        assert list(_roles(database, campaign).values()).count(Role.OWNER) == 1


def test_another_role_and_a_removal_are_told(app: Flask, database: Database, campaign: Campaign) -> None:
    with app.app_context(), database.writing() as session:
        campaign = session.merge(campaign)
        owner = make_member(session, campaign, Role.OWNER)
        member = make_member(session, campaign, Role.VIEWER)
        members.change_role(session, campaign, owner.public_id, member.public_id, Role.COORDINATOR)
        members.change_role(session, campaign, owner.public_id, member.public_id, Role.COORDINATOR)
        members.remove_member(session, campaign, owner.public_id, member.public_id)
    changed, removed = rendered_mails(app, "campaign_role")
    assert changed.subject == "You have another role in a campaign"
    assert removed.subject == "You no longer work on a campaign"
    for part in (changed.text, changed.html):
        assert "Viewer: looks" in part
        assert "Coordinator: asks" in part
        assert "UTC" in part
    for part in (removed.text, removed.html):
        assert "Coordinator: asks" in part
        assert "took you off the campaign" in part
    assert changed.reply_to == removed.reply_to != ""


def test_a_person_who_leaves_by_themselves_is_not_told(app: Flask, database: Database, campaign: Campaign) -> None:
    with app.app_context(), database.writing() as session:
        campaign = session.merge(campaign)
        owner = make_member(session, campaign, Role.OWNER)
        members.change_role(session, campaign, owner.public_id, owner.public_id, Role.COORDINATOR)
    assert rendered_mails(app, "campaign_role") == []
