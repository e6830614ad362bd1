"""The coordinators' pages: choose, ask, remind, cancel, correct."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Organiser
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.actions import add_signatories
from app.directory.states import Details, GroupPlace, NewEntry
from app.invitations import answering, bulk_orders, pages
from app.invitations.jobs import prepare_the_ordered, work_off_askings
from app.invitations.models import Invitation
from app.invitations.queries import answers_of
from app.invitations.states import Answer, Errand, InvitationStage
from app.mail.models import Mail
from app.mail.states import MailState
from app.statements.models import Statement
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.invitations import make_invitation
from tests.factories.signatures import make_decline, make_signature
from tests.factories.statements import make_statement

WORLD = "World Liberty Congress"


@dataclass
class Desk:
    """A coordinator at the desk of an open statement with seven people in the directory."""

    app: Flask
    client: FlaskClient
    statement: Statement
    coordinator: Organiser

    @property
    def url(self) -> str:
        return f"/desk/statements/{self.statement.public_id}/invitations"

    def count(self, stage: InvitationStage) -> int:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return session.scalar(select(func.count()).where(Invitation.stage == stage)) or 0

    def mails(self, kind: str) -> list[Mail]:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return list(session.scalars(select(Mail).where(Mail.kind == kind)).all())


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Desk:
    with app.app_context(), parts_of(app).database.writing() as session:
        campaign = make_campaign(session)
        statement = make_statement(session, campaign)
        coordinator = make_member(session, campaign, Role.COORDINATOR)
        add_signatories(session, campaign, "test", _people())
    sign_in(client, app, coordinator)
    return Desk(app, client, statement, coordinator)


def _people() -> list[NewEntry]:
    entries = [
        NewEntry(Details(f"Person {n}", email=f"person{n}@example.net"), places=(GroupPlace(WORLD),) if n < 3 else ())
        for n in range(6)
    ]
    return [*entries, NewEntry(Details("Person without an address"))]


def _ids(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([a-z0-9]{{20}})"', page)


def test_choosing_everybody_prepares_all_and_mails_nobody(desk: Desk) -> None:
    answer = desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"}, follow_redirects=True)
    assert "7 invitations are prepared" in answer.text
    assert desk.count(InvitationStage.PREPARED) == 7
    assert desk.mails("invitation") == []


def test_very_many_are_prepared_by_a_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.invitations.preparing_pages.PREPARE_AT_ONCE", 3)
    waiting = desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"}, follow_redirects=True)
    assert "Invitations are being prepared" in waiting.text
    assert waiting.headers["Refresh"] == "1"
    desk.client.post(f"{desk.url}/prepare/stop")
    assert "All (0)" not in desk.client.get(desk.url).text
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    with desk.app.app_context():
        prepare_the_ordered(desk.app)
    assert "All (7)" in desk.client.get(desk.url).text


def test_choosing_a_group_prepares_its_members(desk: Desk) -> None:
    page = desk.client.get(f"{desk.url}/prepare").text
    group = re.search(rf'<option value="([a-z0-9]{{20}})">{WORLD}', page)
    assert group is not None
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1", "group": group[1]})
    assert desk.count(InvitationStage.PREPARED) == 3


def test_choosing_some_prepares_these_and_a_second_time_nobody(desk: Desk) -> None:
    chosen = _ids(desk.client.get(f"{desk.url}/prepare").text, "signatory")[:2]
    desk.client.post(f"{desk.url}/prepare", data={"signatory": chosen})
    again = desk.client.post(f"{desk.url}/prepare", data={"signatory": chosen}, follow_redirects=True)
    assert "Nobody was chosen who is not on the list already" in again.text
    assert desk.count(InvitationStage.PREPARED) == 2


def test_asking_shows_number_and_mail_first_and_sends_when_confirmed(desk: Desk) -> None:
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    preview = desk.client.post(f"{desk.url}/ask", data={"everybody": "1"})
    assert "You are about to write to 6 people" in preview.text
    assert "http://localhost/i/…" in preview.text
    assert not re.search(r"/i/[a-z0-9]{20}-", preview.text)
    assert desk.mails("invitation") == []
    desk.client.post(f"{desk.url}/ask", data={"everybody": "1", "confirmed": "1"})
    assert desk.count(InvitationStage.ASKED) == 6
    assert len(desk.mails("invitation")) == 6


def test_a_crowd_is_asked_in_turns_and_the_next_time_those_who_are_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    assert desk.count(InvitationStage.PREPARED) == 7
    chosen = _ids(desk.client.get(desk.url).text, "invitation")
    desk.client.post(f"{desk.url}/ask", data={"invitation": chosen[:3], "confirmed": "1"})
    answer = desk.client.post(f"{desk.url}/ask", data={"everybody": "1", "confirmed": "1"}, follow_redirects=True)
    assert "3 mails are on their way" in answer.text
    assert len(desk.mails("invitation")) == 6


def test_very_many_are_left_to_a_worker_and_the_page_tells_how_far_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ASK_AT_ONCE", 4)
    monkeypatch.setattr(bulk_orders, "CHUNK", 2)
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    answer = desk.client.post(f"{desk.url}/ask", data={"everybody": "1", "confirmed": "1"}, follow_redirects=True)
    assert "6 people are written to, some hundreds at a time" in answer.text
    assert "0 of 6 asked" in answer.text
    assert "Ask all" not in answer.text
    assert desk.mails("invitation") == []
    with parts_of(desk.app).database.writing() as session:
        assert bulk_orders.work_on(session, bulk_orders.unfinished(session)[0])
    page = desk.client.get(desk.url).text
    assert "2 of 6 asked" in page
    stop = re.search(r'action="([^"]+/orders/[^"]+/stop)"', page)
    assert stop is not None
    assert "Stopped. Nobody further is written to" in desk.client.post(stop[1], follow_redirects=True).text
    assert "It is being stopped" in desk.client.get(desk.url).text
    assert "nothing left to stop" in desk.client.post(stop[1], follow_redirects=True).text
    work_off_askings(desk.app)
    assert len(desk.mails("invitation")) == 2
    assert "Ask all 4 who are prepared" in desk.client.get(desk.url).text


def test_only_who_may_ask_may_stop(desk: Desk) -> None:
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        order = bulk_orders.order(session, "test", session.merge(desk.statement), Errand.ASK, 5)
        campaign = session.get_one(Campaign, desk.statement.campaign_id)
        viewer = make_member(session, campaign, Role.VIEWER)
    client = sign_in(desk.app.test_client(), desk.app, viewer)
    assert client.post(f"{desk.url}/orders/{order}/stop").status_code == 403
    with parts_of(desk.app).database.reading() as session:
        assert not bulk_orders.under_way(session, desk.statement.id)[0].is_stopping


def test_asking_twice_mails_once(desk: Desk) -> None:
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    chosen = _ids(desk.client.get(desk.url).text, "invitation")
    for _ in range(2):
        desk.client.post(f"{desk.url}/ask", data={"invitation": chosen, "confirmed": "1"})
    assert len(desk.mails("invitation")) == 6


def test_reminding_leaves_in_peace_who_answered_or_could_not_be_reached(desk: Desk) -> None:
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        silent, bounced = make_invitation(session, desk.statement), make_invitation(session, desk.statement)
        make_signature(session, desk.statement)
        make_decline(session, desk.statement)
        make_invitation(session, desk.statement, cancelled=True)
        session.query(Mail).filter(Mail.public_id == bounced.mail_id).update({"state": MailState.REFUSED})
    preview = desk.client.post(f"{desk.url}/remind", data={"everybody": "1"})
    assert "You are about to remind 1 person" in preview.text
    with desk.app.app_context(), parts_of(desk.app).database.reading() as session:
        everyone = list(session.scalars(select(Invitation.public_id)))
    desk.client.post(f"{desk.url}/remind", data={"invitation": everyone, "confirmed": "1"})
    with desk.app.app_context(), parts_of(desk.app).database.reading() as session:
        reminded = {pid for pid, reply in answers_of(session, desk.statement.id).items() if reply.reminders}
    assert reminded == {silent.public_id}
    again = desk.client.post(f"{desk.url}/remind", data={"invitation": everyone, "confirmed": "1"})
    assert again.status_code == 409
    assert len(desk.mails("reminder")) == 1


def test_cancelling_voids_the_link_and_drops_the_mail(desk: Desk) -> None:
    invitation, token = _invited(desk)
    assert desk.client.get(f"{desk.url}/{invitation.public_id}/cancel").status_code == 200
    desk.client.post(f"{desk.url}/{invitation.public_id}/cancel")
    assert desk.client.get(f"/i/{token}").status_code == 410
    assert [mail.state for mail in desk.mails("invitation")] == [MailState.DROPPED]


def test_cancelling_who_has_signed_is_refused(desk: Desk) -> None:
    invitation, _token = _invited(desk)
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        make_signature(session, invitation=session.merge(invitation))
    answer = desk.client.post(f"{desk.url}/{invitation.public_id}/cancel")
    assert answer.status_code == 409
    assert "Only they can withdraw" in answer.text


def test_correcting_the_address_voids_the_old_link_and_mails_the_new_one(desk: Desk) -> None:
    invitation, old = _invited(desk)
    refused = desk.client.post(f"{desk.url}/{invitation.public_id}/address", data={"email": "nobody@nowhere"})
    assert refused.status_code == 422
    assert 'value="nobody@nowhere"' in refused.text
    desk.client.post(f"{desk.url}/{invitation.public_id}/address", data={"email": "right@example.net"})
    superseded = desk.client.get(f"/i/{old}")
    assert superseded.status_code == 410
    assert "replaced by a newer one" in superseded.text
    with desk.app.app_context(), parts_of(desk.app).database.reading() as session:
        new = make_token(session, LinkPurpose.INVITATION, invitation.public_id, 2)
        kind = parts_of(desk.app).mail_kinds.kind("invitation")
        rendered = kind.render(session, {"invitation": invitation.public_id})
    assert rendered.to_address == "right@example.net"
    assert f"/i/{new}" in rendered.text
    assert desk.client.get(f"/i/{new}").status_code == 200


def test_a_test_goes_to_the_organiser_with_a_dead_link(desk: Desk) -> None:
    desk.client.post(f"{desk.url}/test", data={})
    assert len(desk.mails("invitation_test")) == 1
    with desk.app.app_context(), parts_of(desk.app).database.reading() as session:
        kind = parts_of(desk.app).mail_kinds.kind("invitation_test")
        references = {"statement": str(desk.statement.id), "organiser": desk.coordinator.public_id, "like": ""}
        rendered = kind.render(session, references)
    assert rendered.to_address.endswith("@coalition.example.org")
    assert "/i/…" in rendered.text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
def test_other_roles_may_not(desk: Desk, app: Flask, role: Role) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        campaign = session.get_one(Campaign, desk.statement.campaign_id)
        other = make_member(session, campaign, role)
    client = sign_in(app.test_client(), app, other)
    assert client.get(desk.url).status_code == 403
    assert client.post(f"{desk.url}/ask", data={"everybody": "1", "confirmed": "1"}).status_code == 403


def test_the_list_has_pages_of_fifty(desk: Desk) -> None:
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        campaign = session.get_one(Campaign, desk.statement.campaign_id)
        add_signatories(session, campaign, "test", [NewEntry(Details(f"More {n}")) for n in range(60)])
    desk.client.post(f"{desk.url}/prepare", data={"everybody": "1"})
    first = desk.client.get(desk.url).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = desk.client.get(following[1].replace("&amp;", "&")).text
    names = re.findall(r"<th[^>]*><bdi>([^<]+)", first) + re.findall(r"<th[^>]*><bdi>([^<]+)", second)
    assert len(names) == len(set(names)) == 67


def _invited(desk: Desk) -> tuple[Invitation, str]:
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        invitation = make_invitation(session, desk.statement)
        return invitation, make_token(session, LinkPurpose.INVITATION, invitation.public_id, 1)


def test_answers_are_shown_to_coordinators(desk: Desk) -> None:
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        make_decline(session, desk.statement)
    assert Answer.DECLINED.label in desk.client.get(desk.url).text


def test_coordinators_see_who_asked_not_to_be_reminded(desk: Desk) -> None:
    invitation, _token = _invited(desk)
    assert "asked not to be reminded" not in desk.client.get(desk.url).text
    with desk.app.app_context(), parts_of(desk.app).database.writing() as session:
        answering.leave_in_peace(session, invitation.public_id, peace=True)
    assert "asked not to be reminded" in desk.client.get(desk.url).text
    history = f"/desk/statements/{desk.statement.public_id}/people/{invitation.public_id}"
    assert "asked not to be reminded" in desk.client.get(history).text
