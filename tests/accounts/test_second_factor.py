"""The second factor: set up before anything else, asked for at each sign-in, used once, replaced when it is lost."""

from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.factors import actions
from app.accounts.factors.models import SecondFactor
from app.accounts.factors.states import CODE_TRIES_A_DAY, RECOVERY_CODES, in_groups, read_codes
from app.accounts.factors.totp import code_at, current_step, matching_step
from app.accounts.models import Organiser
from app.base import clock
from app.base.database import Database
from app.cli import account
from tests.accounts.factor_scene import (
    EMAIL,
    code_of,
    codes_left,
    hidden,
    set_up,
    to_the_next_step,
    try_password,
    want_second_factors,
)
from tests.accounts.outbox import rendered_mails
from tests.factories.accounts import make_organiser, sign_in

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    want_second_factors(app)
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Inês Organiser", EMAIL, with_password=True)


def _set_up_in(client: FlaskClient) -> str:
    """Set up an app in a browser that has given the password; return the page with the recovery codes."""
    page = client.get("/sign-in/second-factor")
    key = html.unescape(page.text).partition("secret=")[2].partition("&")[0]
    packed = hidden(page, "seed_code")
    picture = client.get(f"/sign-in/second-factor/picture.png?key={packed}")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/png", "no-store")
    answer = client.post("/sign-in/second-factor", data={"code": code_at(key, current_step()), "seed_code": packed})
    assert answer.status_code == 200
    return answer.text


def test_password_alone_leads_to_setting_a_second_factor_up_and_nowhere_else(
    client: FlaskClient, app: Flask, organiser: Organiser
) -> None:
    assert try_password(client).location == "/sign-in/code?next=/desk"
    assert client.get("/sign-in/code?next=/desk").location == "/sign-in/second-factor?next=/desk"
    for path in ("/desk", "/desk/account", "/desk/account/second-factor", "/desk/organisers"):
        assert client.get(path).location.startswith("/sign-in/code?next=")
    assert client.get("/api/v1/anything").status_code == 401
    assert "Inês" not in client.get("/sign-in").text
    page = _set_up_in(client)
    assert page.count("<code") == RECOVERY_CODES == codes_left(app)
    assert client.get("/desk/account").status_code == 200
    assert "10 codes are left" in client.get("/desk/account/second-factor").text
    notices = [mail.text for mail in rendered_mails(app, "security_notice")]
    assert len(notices) == 2
    assert "An app that makes codes was set up" in notices[0]


def test_nothing_of_a_second_factor_is_stored_in_the_clear(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    codes = set_up(app, organiser)
    with database.reading() as session:
        (factor,) = session.scalars(select(SecondFactor)).all()
        stored = b"".join(value for value in vars(factor).values() if isinstance(value, bytes))
    for secret in (SEED.encode(), *(code.encode() for code in codes)):
        assert secret not in stored


def test_code_is_asked_for_and_works_once(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    set_up(app, organiser)
    clock.freeze(clock.now())
    code = code_of(app, organiser)
    try_password(client)
    assert client.get("/sign-in/code").status_code == 200
    assert client.get("/sign-in/second-factor").location == "/sign-in/code?next=/desk"
    assert client.post("/sign-in/code", data={"code": code, "next": "/desk/account"}).location == "/desk/account"
    overheard = app.test_client()
    try_password(overheard)
    refused = overheard.post("/sign-in/code", data={"code": code})
    assert (refused.status_code, "Codes change every half minute" in refused.text) == (422, True)
    assert overheard.get("/desk").status_code == 303
    to_the_next_step()
    assert overheard.post("/sign-in/code", data={"code": code_of(app, organiser)}).status_code == 303


def test_clocks_may_differ_by_half_a_minute_either_way() -> None:
    clock.freeze(clock.now())
    now = current_step()
    found = [matching_step(SEED, (code_at(SEED, now + off),)) for off in (-2, -1, 0, 1, 2)]
    assert found == [None, now - 1, now, now + 1, None]
    pairs = [matching_step(SEED, (code_at(SEED, one), code_at(SEED, other))) for one, other in
             ((now, now + 1), (now - 1, now), (now + 1, now), (now, now), (now - 2, now))]  # fmt: skip
    assert pairs == [now + 1, now, None, None, None]


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "123456 12345", "١٢٣٤٥٦", "x1" * 8, "a" * 15])
def test_what_is_no_code_proves_nothing(typed: str) -> None:
    shown = read_codes(typed)
    assert not shown.is_guessable
    assert not shown.is_certain


def test_recovery_code_opens_once_and_its_owner_is_told(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    codes = set_up(app, organiser)
    try_password(client)
    assert client.post("/sign-in/code", data={"code": in_groups(codes[3]).upper()}).location == "/desk"
    assert codes_left(app) == RECOVERY_CODES - 1
    assert "9 codes are left" in client.get("/desk/account/second-factor").text
    again = app.test_client()
    try_password(again)
    assert again.post("/sign-in/code", data={"code": codes[3]}).status_code == 422
    told = [mail.text for mail in rendered_mails(app, "security_notice")]
    assert any("A recovery code of your account was used" in text for text in told)


def test_guessing_codes_is_bounded_and_the_owner_gets_in_all_the_same(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    """Somebody knows the password. Single codes end then; two in a row, or a recovery code, open as ever."""
    codes = set_up(app, organiser)
    clock.freeze(clock.now())
    thief = app.test_client()
    try_password(thief)
    wrong = f"{(int(code_of(app, organiser)) + 1) % 10**6:06}"
    answers = [thief.post("/sign-in/code", data={"code": wrong}).status_code for _ in range(CODE_TRIES_A_DAY + 2)]
    assert answers == [422] * CODE_TRIES_A_DAY + [429] * 2
    told = [mail for mail in rendered_mails(app, "security_notice") if "tries codes" in mail.text]
    assert len(told) == 1
    try_password(client)
    refused = client.post("/sign-in/code", data={"code": code_of(app, organiser)})
    assert (refused.status_code, "two codes of your app" in refused.text) == (429, True)
    assert client.post("/sign-in/code", data={"code": code_of(app, organiser, 0, 1)}).location == "/desk"
    other = app.test_client()
    try_password(other)
    assert other.post("/sign-in/code", data={"code": codes[0]}).location == "/desk"


def test_right_codes_are_not_counted_as_guesses(app: Flask, database: Database, organiser: Organiser) -> None:
    set_up(app, organiser)
    clock.freeze(clock.now())
    with app.app_context(), database.writing() as session:
        for _ in range(CODE_TRIES_A_DAY + 5):
            clock.advance(seconds=30)
            shown = read_codes(code_at(SEED, current_step()))
            assert actions.count_try(session, organiser, shown) is None
            actions.prove(session, organiser, shown)


def test_second_password_page_can_not_replace_a_factor_just_set_up(
    client: FlaskClient, app: Flask, organiser: Organiser
) -> None:
    """Two browsers gave the password before there was a factor: the second must not set up its own over the first."""
    thief = app.test_client()
    try_password(thief)
    page = thief.get("/sign-in/second-factor")
    key = html.unescape(page.text).partition("secret=")[2].partition("&")[0]
    try_password(client)
    _set_up_in(client)
    given = {"code": code_at(key, current_step()), "seed_code": hidden(page, "seed_code")}
    assert thief.post("/sign-in/second-factor", data=given).location in ("/sign-in", "/sign-in?next=/desk")
    assert thief.get("/desk").status_code == 303


def test_key_offered_to_one_account_is_worthless_for_another_and_after_an_hour(
    app: Flask, database: Database, organiser: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        other = make_organiser(session, email="other@coalition.example.org", with_password=True)
    mine, theirs = app.test_client(), app.test_client()
    try_password(mine)
    try_password(theirs, email="other@coalition.example.org")
    page = theirs.get("/sign-in/second-factor")
    key = html.unescape(page.text).partition("secret=")[2].partition("&")[0]
    packed = hidden(page, "seed_code")
    clock.freeze(clock.now())
    refused = mine.post("/sign-in/second-factor", data={"code": code_at(key, current_step()), "seed_code": packed})
    assert (refused.status_code, "Here is a new key" in refused.text) == (409, True)
    clock.advance(hours=1, seconds=1)
    theirs = sign_in(theirs, app, other)
    given = {"code": code_at(key, current_step()), "seed_code": packed}
    assert theirs.post("/desk/account/second-factor/app", data=given).status_code == 409


def test_another_app_and_new_codes_take_the_place_of_the_old_and_sign_others_out(
    client: FlaskClient, app: Flask, organiser: Organiser
) -> None:
    old = set_up(app, organiser)
    sign_in(client, app, organiser)
    elsewhere = sign_in(app.test_client(), app, organiser)
    page = client.get("/desk/account/second-factor/app")
    key = html.unescape(page.text).partition("secret=")[2].partition("&")[0]
    given = {"code": code_at(key, current_step()), "seed_code": hidden(page, "seed_code")}
    assert client.post("/desk/account/second-factor/app", data=given).text.count("<code") == RECOVERY_CODES
    assert elsewhere.get("/desk/account").status_code == 303
    assert client.get("/desk/account").status_code == 200
    again = app.test_client()
    try_password(again)
    assert again.post("/sign-in/code", data={"code": old[0]}).status_code == 422


def test_administrator_takes_a_lost_factor_off_and_its_owner_is_told(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    set_up(app, organiser)
    with app.app_context(), database.writing() as session:
        administrator = make_organiser(session, "Ada Administrator", is_administrator=True)
    theirs = sign_in(app.test_client(), app, organiser)
    desk = sign_in(client, app, administrator)
    assert desk.post(f"/desk/organisers/{organiser.public_id}/second-factor").status_code == 303
    assert theirs.get("/desk/account").status_code == 303
    assert codes_left(app) == 0
    (mail,) = rendered_mails(app, "account_changed")
    assert mail.to_address == EMAIL
    assert "Your second factor was taken off" in mail.text
    assert "Ada Administrator" in mail.text
    try_password(theirs)
    assert theirs.get("/sign-in/code").location == "/sign-in/second-factor?next=/desk"


def test_command_line_takes_a_lost_factor_off() -> None:
    assert "reset-factor" in account.commands
