"""How an invited person stops the reminders: by one click, and the database does not tell who did."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import Database
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.invitations import actions
from app.invitations.emails import render_reminder, stop_url_of
from app.invitations.models import AnswerRecord, AnswerWords, Invitation
from app.invitations.queries import ready_to_remind
from app.invitations.states import Answer, NothingToSend
from app.mail.models import Mail
from app.mail.states import MailNotWanted
from app.statements.models import Statement
from tests.factories.statements import TITLE
from tests.signatures.scene import Invited, every_row, invite

FOREIGN = {"Origin": "https://mail.example.com", "Sec-Fetch-Site": "cross-site"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def guest(app: Flask) -> Invited:
    return invite(app, email="halyna@example.net")


@pytest.fixture
def path(database: Database, guest: Invited) -> str:
    with database.reading() as session:
        return stop_url_of(session, guest.invitation).removeprefix("http://localhost")


def _remind(guest: Invited) -> int:
    with guest.app.app_context(), parts_of(guest.app).database.writing() as session:
        return actions.remind(session, "test", session.get_one(Statement, guest.statement_id), [guest.invitation])


def test_the_reminder_carries_one_click_headers_and_the_same_link(guest: Invited, path: str) -> None:
    with guest.app.app_context(), parts_of(guest.app).database.reading() as session:
        mail = render_reminder(session, {"invitation": guest.invitation})
    assert mail.headers == {
        "List-Unsubscribe": f"<http://localhost{path}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }  # fmt: skip
    assert f"\nhttp://localhost{path}\n" in mail.text
    assert mail.html.count(f"http://localhost{path}") == 2


def test_looking_stops_nothing(guest: Invited, path: str, client: FlaskClient) -> None:
    before = every_row(guest.app)
    for method in ("GET", "HEAD", "OPTIONS"):
        for headers in ({}, {"Purpose": "prefetch"}, FOREIGN):
            assert client.open(path, method=method, headers=headers).status_code == 200
    assert every_row(guest.app) == before
    page = client.get(path).text
    assert "Stop the reminders?" in page
    assert TITLE in page


def test_one_click_from_elsewhere_stops_them_and_is_no_answer(guest: Invited, path: str, client: FlaskClient) -> None:
    guest.app.config["WTF_CSRF_ENABLED"] = True
    for _ in range(2):
        response = client.post(path, data=ONE_CLICK, headers=FOREIGN)
        assert response.status_code == 200  # no redirect: RFC 8058 §3.1
        assert "Set-Cookie" not in response.headers
    assert guest.reply().is_left_in_peace
    assert guest.reply().answer is Answer.NONE
    with pytest.raises(NothingToSend):
        _remind(guest)
    with guest.app.app_context(), parts_of(guest.app).database.reading() as session:
        assert ready_to_remind(session, guest.statement_id) == []
    # The link stays good, and a person who wants peace can still sign.
    guest.app.config["WTF_CSRF_ENABLED"] = False
    assert guest.sign().status_code == 303
    assert (guest.reply().answer, guest.reply().is_left_in_peace) == (Answer.SIGNED, True)


def test_a_reminder_that_waits_is_not_sent_any_more(guest: Invited, path: str, client: FlaskClient) -> None:
    assert _remind(guest) == 1
    client.post(path, data=ONE_CLICK, headers=FOREIGN)
    references = {"invitation": guest.invitation}
    with guest.app.app_context(), parts_of(guest.app).database.reading() as session:
        with pytest.raises(MailNotWanted):
            render_reminder(session, references)
        (many,) = parts_of(guest.app).mail_kinds.kind("reminder").render_many(session, [references])
        assert isinstance(many, MailNotWanted)


def test_the_button_stops_them_and_can_be_taken_back(guest: Invited, path: str, client: FlaskClient) -> None:
    guest.app.config["WTF_CSRF_ENABLED"] = True
    stopped = client.post(path, follow_redirects=True)
    assert "You get no more reminders" in stopped.text
    assert "Set-Cookie" not in stopped.headers
    assert stopped.headers["Cache-Control"] == "no-store"
    assert "Stop the reminders?" in client.post(f"{path}/again", follow_redirects=True).text
    assert _remind(guest) == 1


def test_others_can_not_allow_them_again(guest: Invited, path: str, client: FlaskClient) -> None:
    client.post(path)
    assert client.post(f"{path}/again", headers=FOREIGN).status_code == 403
    assert guest.reply().is_left_in_peace


def test_only_this_invitation_is_left_in_peace(guest: Invited, path: str, client: FlaskClient) -> None:
    other = invite(guest.app, email="halyna@example.net")
    client.post(path)
    assert _remind(other) == 1


def test_a_link_for_another_purpose_or_damaged_is_refused(guest: Invited, path: str, client: FlaskClient) -> None:
    with parts_of(guest.app).database.reading() as session:
        news = make_token(session, LinkPurpose.UNSUBSCRIBE, guest.invitation, 1)
    for token in (guest.token, news, path.removeprefix("/u/reminders/")[:-1], guest.invitation, "x"):
        assert client.get(f"/u/reminders/{token}").status_code == 404
        assert client.post(f"/u/reminders/{token}", data=ONE_CLICK, headers=FOREIGN).status_code == 404
    assert not guest.reply().is_left_in_peace


def test_the_link_of_an_erased_invitation_says_that_nothing_will_come(client: FlaskClient, database: Database) -> None:
    with database.reading() as session:
        path = stop_url_of(session, "a" * 20).removeprefix("http://localhost")
    assert "has been erased" in client.get(path).text
    assert client.post(path, data=ONE_CLICK, headers=FOREIGN).status_code == 200


def test_the_raw_database_does_not_tell_who_stopped_them(guest: Invited, path: str, client: FlaskClient) -> None:
    """Beside an audit entry under a digest, one row changes: the answer, and not its length."""
    invite(guest.app)
    before = every_row(guest.app)
    client.post(path, data=ONE_CLICK, headers=FOREIGN)
    after = every_row(guest.app)
    assert {name for name in after if after[name] != before[name]} == {AnswerRecord.__tablename__, "audit_entries"}
    for table in (Invitation, AnswerWords, Mail):
        assert after[table.__tablename__] == before[table.__tablename__]
    changed = [rows[AnswerRecord.__tablename__] for rows in (before, after)]
    assert [len(row[2]) for row in changed[0]] == [len(row[2]) for row in changed[1]]
    assert sum(row not in changed[0] for row in changed[1]) == 1
