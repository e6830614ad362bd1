"""Signing in and out, the door before the desk, and one's own account."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Organiser, OrganiserSession
from app.base import clock
from app.base.database import Database
from tests.factories.accounts import PASSWORD, make_organiser, sign_in

EMAIL = "ines@coalition.example.org"


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Inês Organiser", EMAIL, with_password=True)


def _post_sign_in(client: FlaskClient, email: str = EMAIL, password: str = PASSWORD, wanted: str = "") -> int:
    return client.post("/sign-in", data={"email": email, "password": password, "next": wanted}).status_code


def _session_count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(OrganiserSession)) or 0


def test_sign_in_leads_to_the_wanted_page(client: FlaskClient, organiser: Organiser) -> None:
    sent_away = client.get("/desk/account?a=1")
    assert (sent_away.status_code, sent_away.location) == (303, "/sign-in?next=/desk/account?a%3D1")
    page = client.get(sent_away.location).text
    assert 'name="next" type="hidden" value="/desk/account?a=1"' in page
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/desk/account?a=1"})
    assert (answer.status_code, answer.location) == (303, "/desk/account?a=1")
    assert "Inês Organiser" in client.get("/desk/account").text


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/desk", "//evil.example/desk", "/\\evil.example", "/desk\\..\\x", "\thttps://evil.example",
     "/desk/../../sign-out", "javascript:alert(1)", "/deskx", "/desk\r\nSet-Cookie: a=b", "http:///desk", "/mailbox",
     "///desk", "/desk@evil.example", "https:desk", "[", "//[/desk"],
)  # fmt: skip
def test_sign_in_leads_nowhere_else(client: FlaskClient, organiser: Organiser, wanted: str) -> None:
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert client.get("/sign-in", query_string={"next": wanted}).location == "/desk"


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), ("nobody@example.org", PASSWORD), (EMAIL, PASSWORD + " "), (EMAIL, PASSWORD.upper())],
)
def test_sign_in_refuses_without_saying_what_was_wrong(
    client: FlaskClient, organiser: Organiser, email: str, password: str
) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 422
    assert "The address and the password do not go together." in answer.text
    assert password not in answer.text
    assert f'value="{email}"' in answer.text
    assert client.get("/desk/account").status_code == 303


def test_sign_in_finds_the_address_in_any_case(client: FlaskClient, organiser: Organiser) -> None:
    assert _post_sign_in(client, email="INES@Coalition.Example.ORG") == 303


def test_sign_in_without_input_names_the_fields(client: FlaskClient) -> None:
    page = client.post("/sign-in", data={}).text
    assert "Enter your e-mail address." in page
    assert "Enter your password." in page
    assert "<title>Error:" in page


def test_a_planted_cookie_is_replaced(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    """Session fixation: what somebody put into the cookie before is not what signs the victim in."""
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["theirs"] = "x"
    assert _post_sign_in(client) == 303
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] not in ("planted", "")
        assert "theirs" not in cookie


def test_signing_in_again_ends_the_session_before(
    client: FlaskClient, database: Database, organiser: Organiser
) -> None:
    _post_sign_in(client)
    _post_sign_in(client)
    assert _session_count(database) == 1


def test_a_copied_cookie_is_worthless_after_sign_out(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    _post_sign_in(client)
    stolen = client.get_cookie("undersigned")
    assert stolen is not None
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("undersigned", stolen.value)
    assert thief.get("/desk/account").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient, organiser: Organiser) -> None:
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_session_ends_after_two_idle_hours_and_after_twelve_at_all(client: FlaskClient, organiser: Organiser) -> None:
    clock.freeze(clock.now())
    _post_sign_in(client)
    clock.advance(hours=1, minutes=59)
    assert client.get("/desk/account").status_code == 200
    clock.advance(hours=2, minutes=1)
    assert client.get("/desk/account").status_code == 303
    _post_sign_in(client)
    for _ in range(11):
        clock.advance(hours=1)
        assert client.get("/desk/account").status_code == 200
    clock.advance(hours=1, seconds=1)
    assert client.get("/desk/account").status_code == 303


def test_a_post_without_session_is_sent_to_sign_in_and_changes_nothing(
    client: FlaskClient, organiser: Organiser
) -> None:
    answer = client.post("/desk/account", data={"name": "Mallory"})
    assert (answer.status_code, "What you typed is not lost" in answer.text) == (401, True)
    assert "Mallory" not in answer.text
    answer = client.post("/desk/account/sign-out-everywhere")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/desk/account")


def test_the_api_answers_strangers_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/anything")
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json == {"type": "about:blank", "title": "Sign in first.", "status": 401}


def test_changing_the_password_signs_other_browsers_out(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    _post_sign_in(client)
    elsewhere = sign_in(app.test_client(), app, organiser)
    new = "eleven herons on a quiet roof"
    answer = client.post("/desk/account/password", data={"current_password": PASSWORD, "password": new})
    assert (answer.status_code, answer.location) == (303, "/desk/account")
    assert "Your password is changed." in client.get("/desk/account").text
    assert elsewhere.get("/desk/account").status_code == 303
    assert _post_sign_in(app.test_client(), password=PASSWORD) == 422
    assert _post_sign_in(app.test_client(), password=new) == 303


@pytest.mark.parametrize(
    ("current", "new", "complaint"),
    [("not it", "eleven herons on a quiet roof", "This is not your current password."),
     (PASSWORD, "short", "use at least 12"), (PASSWORD, "", "Enter a new password")],
)  # fmt: skip
def test_a_password_change_is_refused_with_the_reason(
    client: FlaskClient, app: Flask, organiser: Organiser, current: str, new: str, complaint: str
) -> None:
    sign_in(client, app, organiser)
    answer = client.post("/desk/account/password", data={"current_password": current, "password": new})
    assert answer.status_code == 422
    assert answer.text.count(complaint) == 2  # in the summary and at the field
    assert _post_sign_in(app.test_client()) == 303


def test_an_organiser_changes_their_name(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    sign_in(client, app, organiser)
    assert client.post("/desk/account", data={"name": "  Инес О’Нил & Лора "}).status_code == 303
    page = client.get("/desk/account").text
    assert "Your account is changed." in page
    assert "<bdi>Инес О’Нил &amp; Лора</bdi>" in page


@pytest.mark.parametrize(
    "name", ["", "   ", "a\r\nBcc: x@example.org", "x" * 121, "\x00", "a\u202eb", "<b>a</b>", "https://a.example"]
)
def test_a_bad_name_is_refused_and_kept_in_the_field(
    client: FlaskClient, app: Flask, organiser: Organiser, name: str
) -> None:
    sign_in(client, app, organiser)
    answer = client.post("/desk/account", data={"name": name})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "Inês Organiser" in client.get("/desk/account").text


def test_signing_out_everywhere_ends_every_session(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    sign_in(client, app, organiser)
    elsewhere = sign_in(app.test_client(), app, organiser)
    assert client.post("/desk/account/sign-out-everywhere").location == "/sign-in?just=signed-out"
    assert elsewhere.get("/desk/account").status_code == 303
    assert client.get("/desk/account").status_code == 303
