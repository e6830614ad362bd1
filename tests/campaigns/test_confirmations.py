"""Confirming who may approve: who is asked and told, what the pages show, and whom they let say so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organiser
from app.base.database import Database
from app.campaigns import members
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import NoSuchEntry, Role
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member


@dataclass
class Scene:
    """A campaign into which its owner has let an approver, a second owner, and an administrator of the house."""

    app: Flask
    database: Database
    campaign: Campaign
    owner: Organiser
    second: Organiser
    administrator: Organiser
    approver: str

    def client(self, organiser: Organiser) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, organiser)

    @property
    def path(self) -> str:
        return f"/desk/confirmations/{self.campaign.public_id}/{self.approver}"

    def confirmed_by(self) -> str | None:
        with self.database.reading() as session:
            query = select(Membership.confirmed_by).join(Organiser, Organiser.id == Membership.organiser_id)
            return session.scalar(query.where(Organiser.public_id == self.approver))


@pytest.fixture
def scene(app: Flask, database: Database) -> Scene:
    with app.app_context(), database.writing() as session:
        owner = make_organiser(session, "Olha Owner", "olha@coalition.example.org")
        campaign = make_campaign(session, owner, title="Keep <b>the archive</b>")
        second = make_member(session, campaign, Role.OWNER, make_organiser(session, email="second@example.org"))
        administrator = make_organiser(session, email="admin@example.org", is_administrator=True)
        members.add_member(session, campaign, owner.public_id, "leila@example.org", Role.APPROVER, name="Leila")
        query = select(Organiser.public_id).order_by(Organiser.id.desc()).limit(1)
        return Scene(app, database, campaign, owner, second, administrator, session.scalars(query).one())


def test_the_desk_leads_those_who_can_confirm_there_and_nobody_else(scene: Scene) -> None:
    asked = "1 person who is to approve appeals awaits your confirmation"
    for organiser, is_asked in ((scene.administrator, True), (scene.second, True), (scene.owner, False)):
        desk = scene.client(organiser).get("/desk").text
        assert (asked in desk) == is_asked
        assert "Confirmations</a>" in desk
    assert "You work on no campaign yet" not in scene.client(scene.administrator).get("/desk").text
    with scene.app.app_context(), scene.database.writing() as session:
        viewer = make_member(session, scene.campaign, Role.VIEWER)
    assert "Confirmations</a>" not in scene.client(viewer).get("/desk").text
    assert "Do you know" in scene.client(scene.second).get(scene.path).text
    assert "Do you know" not in scene.client(scene.owner).get(scene.path).text


def test_who_can_confirm_is_asked_by_mail(scene: Scene) -> None:
    asked = rendered_mails(scene.app, "campaign_members")
    assert {mail.to_address for mail in asked} == {"second@example.org", "admin@example.org"}
    for mail in asked:
        assert mail.subject == "Somebody works on a campaign now"
        assert link_in(mail) == scene.path
        for part in (mail.text, mail.html):
            assert "Olha Owner" in part
            assert "leila@example.org" in part
            assert "once a second person has confirmed them, and not before" in part
        assert "“<bdi>Keep &lt;b&gt;the archive&lt;/b&gt;</bdi>”" in mail.html


def test_a_viewer_is_told_to_owners_only(scene: Scene) -> None:
    with scene.app.app_context(), scene.database.writing() as session:
        campaign = session.merge(scene.campaign)
        members.add_member(session, campaign, scene.owner.public_id, "viewer@example.org", Role.VIEWER, name="Vi")
    told = [mail.to_address for mail in rendered_mails(scene.app, "campaign_members") if "Vi (" in mail.text]
    assert told == ["second@example.org"]


@pytest.mark.parametrize("who", ["second", "administrator"])
def test_another_than_who_let_them_in_confirms(scene: Scene, who: str) -> None:
    confirmer: Organiser = getattr(scene, who)
    client = scene.client(confirmer)
    assert "Leila" in client.get("/desk/confirmations").text
    page = client.get(scene.path).text
    assert "Olha Owner" in page
    assert client.post(scene.path).status_code == 422
    assert scene.confirmed_by() is None, "a word is given explicitly"
    assert client.post(scene.path, data={"known": "y"}).status_code == 303
    assert scene.confirmed_by() == confirmer.public_id
    assert "Leila" not in client.get("/desk/confirmations").text
    assert "confirmed already" in client.get(scene.path).text
    mails = [mail for mail in rendered_mails(scene.app, "campaign_members") if "is confirmed" in mail.subject]
    told = {"olha@coalition.example.org", "leila@example.org", "second@example.org"}
    assert {mail.to_address for mail in mails} == (told - {"second@example.org"} if who == "second" else told)
    for mail in mails:
        assert "An approval counts from" in mail.text
    members_page = scene.client(scene.owner).get(f"/desk/campaigns/{scene.campaign.public_id}/members").text
    assert "may approve from" in members_page


def test_who_let_them_in_is_told_who_can_confirm(scene: Scene) -> None:
    client = scene.client(scene.owner)
    assert "Somebody else has to confirm" in client.get(scene.path).text
    answer = client.post(scene.path, data={"known": "y"})
    assert answer.status_code == 403
    assert "did not let them in" in answer.text
    assert scene.confirmed_by() is None


def test_nobody_else_comes_near(scene: Scene) -> None:
    with scene.app.app_context(), scene.database.writing() as session:
        campaign = session.merge(scene.campaign)
        others = [make_member(session, campaign, role) for role in Role if role is not Role.OWNER]
        elsewhere = make_organiser(session)
        own = make_campaign(session, elsewhere).public_id
        operator = make_organiser(session)
        operator.is_operator = True
    for somebody in (*others, elsewhere, operator):
        client = scene.client(somebody)
        assert "Leila" not in client.get("/desk/confirmations").text
        for method in ("GET", "POST"):
            assert client.open(scene.path, method=method, data={"known": "y"}).status_code == 404
    nested = f"/desk/confirmations/{own}/{scene.approver}"
    assert scene.client(elsewhere).post(nested, data={"known": "y"}).status_code == 404
    assert scene.client(scene.administrator).post(nested, data={"known": "y"}).status_code == 404
    assert scene.confirmed_by() is None


def test_the_keeper_of_the_machine_confirms_from_its_command_line(scene: Scene) -> None:
    with scene.app.app_context(), scene.database.writing() as session:
        members.confirm_from_command_line(session, "LEILA@example.org", scene.campaign.slug)
        with pytest.raises(NoSuchEntry):
            members.confirm_from_command_line(session, "nobody@example.org", scene.campaign.slug)
    assert scene.confirmed_by() == "system"
    mails = [mail for mail in rendered_mails(scene.app, "campaign_members") if "is confirmed" in mail.subject]
    assert all("the people who run this service" in mail.text for mail in mails)
    assert len(mails) == 3
