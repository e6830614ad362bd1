"""Signed-in browsers: listed, ended, known again, and told of when they are new."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.browsers import PATHS
from app.accounts.devices import device_words
from app.accounts.models import Organiser
from app.accounts.rights import let_create_campaigns, make_administrator, make_operator, reset_factor
from app.base.database import Database
from app.campaigns.members import change_role, remove_member
from app.campaigns.states import Role
from tests.accounts.factor_scene import EMAIL, OFFICE, browser_in, try_password
from tests.accounts.outbox import rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Inês Organiser", EMAIL, with_password=True)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140.0 Mobile Safari/537", "Chrome, Android"),
        ("<b>curl</b>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_device_is_said_in_two_words(user_agent: str, words: str) -> None:
    assert device_words(user_agent) == words


def test_new_browser_is_told_of_once_and_known_from_then_on(app: Flask, organiser: Organiser) -> None:
    browser = browser_in(app, OFFICE)
    browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    (mail,) = rendered_mails(app, "security_notice")
    assert (mail.to_address, mail.subject) == (EMAIL, "A new browser signed in to your account")
    assert "a browser that had not been used for it" in mail.text
    assert "Firefox, Linux" in mail.text
    assert OFFICE not in mail.text
    try_password(browser)
    assert len(rendered_mails(app, "security_notice")) == 1
    try_password(app.test_client())
    assert len(rendered_mails(app, "security_notice")) == 2


def test_cookie_that_knows_a_browser_goes_to_password_pages_only_and_names_nobody(
    app: Flask, database: Database, organiser: Organiser
) -> None:
    browser = app.test_client()
    answer = try_password(browser)
    cookies = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("undersigned-browser=")]
    assert sorted(part for each in cookies for part in each.split("; ") if part.startswith("Path=")) == sorted(
        f"Path={path}" for path in PATHS
    )
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in cookies)
    assert organiser.public_id not in cookies[0]
    reader = app.test_client()
    for path in ("/", "/verify", "/sign-in", "/password/forgotten"):
        assert not any("browser" in each for each in reader.get(path).headers.getlist("Set-Cookie"))


def test_cookie_of_another_account_or_an_older_password_knows_nobody(
    app: Flask, database: Database, organiser: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        make_organiser(session, email="other@coalition.example.org", with_password=True)
    browser = app.test_client()
    try_password(browser)
    before = len(rendered_mails(app, "security_notice"))
    try_password(browser, email="other@coalition.example.org")
    assert len(rendered_mails(app, "security_notice")) == before + 1
    held = browser.get_cookie("undersigned-browser", path="/sign-in")
    assert held is not None
    forged = app.test_client()
    forged.set_cookie("undersigned-browser", held.value[:-1] + ("0" if held.value[-1] != "0" else "1"), path="/sign-in")
    try_password(forged, email="other@coalition.example.org")
    assert len(rendered_mails(app, "security_notice")) == before + 2


def test_sessions_are_listed_and_ended_by_their_owner_alone(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    elsewhere = sign_in(app.test_client(), app, organiser)
    page = client.get("/desk/account/sessions").text
    assert "2 browsers" in page
    assert "Firefox, Linux" in page
    (ends,) = ([part.partition('"')[0] for part in page.split('action="')[1:] if "/end" in part.partition('"')[0]],)
    assert len(ends) == 2
    with app.app_context(), database.writing() as session:
        stranger = make_organiser(session)
    other = sign_in(app.test_client(), app, stranger)
    for path in ends:
        assert other.post(path).status_code == 303
    assert elsewhere.get("/desk/account").status_code == 200
    # The latest stands first.
    assert client.post(ends[0]).status_code == 303
    assert elsewhere.get("/desk/account").status_code == 303
    assert client.get("/desk/account").status_code == 200


def test_changed_role_or_factor_ends_every_session(app: Flask, database: Database, organiser: Organiser) -> None:
    with app.app_context(), database.writing() as session:
        owner = make_organiser(session, is_administrator=True)
        campaign = make_campaign(session, owner)
        make_member(session, campaign, Role.EDITOR, organiser)
    for change in (
        lambda session: change_role(session, campaign, owner.public_id, organiser.public_id, Role.VIEWER),
        lambda session: remove_member(session, campaign, owner.public_id, organiser.public_id),
        lambda session: make_operator(session, EMAIL, is_operator=True),
        lambda session: let_create_campaigns(session, owner.public_id, organiser.public_id, allowed=False),
        lambda session: make_administrator(session, owner.public_id, organiser.public_id, is_administrator=True),
        lambda session: reset_factor(session, owner.public_id, organiser.public_id),
    ):
        browser = sign_in(app.test_client(), app, organiser)
        assert browser.get("/desk/account").status_code == 200
        with app.app_context(), database.writing() as session:
            change(session)
        assert browser.get("/desk/account").status_code == 303
