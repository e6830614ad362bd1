"""Passkeys with Chromium's virtual authenticator, and the pages of the second factor in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from app.accounts.factors.totp import code_at, current_step
from app.accounts.models import Organiser
from app.base.keys import Keys
from app.base.links import Links
from app.base.parts import parts_of
from tests.accounts.factor_scene import EMAIL, code_of, database_of, set_up
from tests.factories.accounts import PASSWORD, make_organiser
from tests.factories.parts import exchange
from tests.factories.ports import exchange_ports
from tests.servers.browser import visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def house(app: Flask) -> Iterator[str]:
    """The application on a name that browsers take for secure, with a second factor for everybody."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://localhost:{server.server_port}"
    exchange(app, own_origin=url, settings=replace(parts_of(app).settings, public_url=url))
    links = Links(Keys.from_file(parts_of(app).settings.key_file), url)
    exchange_ports(database_of(app), password_alone=False, links=links)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    with app.app_context(), database_of(app).writing() as session:
        return make_organiser(session, "Inês Organiser", EMAIL, with_password=True)


def _sign_in(page: Page, house: str) -> None:
    page.goto(f"{house}/sign-in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").first.wait_for()  # a click is over before its page has come


def _plug_in(context: BrowserContext, page: Page) -> Any:
    """Give the browser an authenticator that says yes by itself."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    return session


def test_passkey_is_made_used_once_and_taken_off(
    browser: Browser, app: Flask, house: str, organiser: Organiser
) -> None:
    set_up(app, organiser)
    with visitor(browser, javascript=True) as context:
        page = context.new_page()
        _plug_in(context, page)
        _sign_in(page, house)
        page.get_by_label("Code").fill(code_of(app, organiser))
        page.get_by_role("button", name="Go on to the desk").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.goto(f"{house}/desk/account/second-factor/passkeys/new")
        page.get_by_label("Name of the device").fill("the blue key")
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_text("The passkey is added.").wait_for()
        page.get_by_text("the blue key").wait_for()
        page.get_by_role("button", name="Sign out").click()
        _sign_in(page, house)
        answers: list[str] = []
        page.on("request", lambda request: answers.append(request.post_data or ""))
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("Signed in as").wait_for()
        # What was sent is worth nothing a second time, nor elsewhere.
        (sent,) = [each for each in answers if "passkey_code" in each]
        page.get_by_role("button", name="Sign out").click()
        _sign_in(page, house)
        token = page.locator("input[name=csrf_token]").first.input_value()
        again = "&".join(each for each in sent.split("&") if not each.startswith("csrf_token"))
        answer = page.request.post(
            f"{house}/sign-in/code", data=f"{again}&csrf_token={token}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        assert (answer.status, "The passkey was not accepted" in answer.text()) == (422, True)
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("Signed in as").wait_for()
        page.goto(f"{house}/desk/account/second-factor")
        page.get_by_role("button", name="Remove").click()
        page.get_by_text("The passkey is removed.").wait_for()


def test_second_factor_is_set_up_without_a_script(
    browser: Browser, app: Flask, house: str, organiser: Organiser
) -> None:
    with visitor(browser, javascript=False, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        with page.expect_response(lambda response: "picture.png" in response.url) as picture:
            _sign_in(page, house)
        assert picture.value.body().startswith(b"\x89PNG")
        key = page.locator("code").inner_text().replace(" ", "")
        page.get_by_label("Code that the app shows").fill(code_at(key, current_step()))
        page.get_by_role("button", name="Set it up").click()
        page.get_by_text("shown this once").wait_for()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.goto(f"{house}/desk/account/second-factor/passkeys/new")
        page.locator("noscript p").wait_for()
        assert page.get_by_role("button", name="Make the passkey").count() == 0


def test_pages_of_the_second_factor_are_fit_for_everybody(
    browser: Browser, app: Flask, house: str, organiser: Organiser
) -> None:
    """At 390 px, with a passkey: no fault that axe knows, and nothing that scrolls sideways."""
    set_up(app, organiser)
    paths = ("/sign-in/code", "/desk/account/second-factor", "/desk/account/sessions", "/desk/account", "/desk/confirm",
             "/desk/account/second-factor/app", "/desk/account/second-factor/passkeys/new")  # fmt: skip
    faults: dict[str, list[str]] = {}
    # Axe is a script of the test's own, which our policy would stop.
    with visitor(browser, javascript=True, viewport={"width": 390, "height": 800}, bypass_csp=True) as context:
        page = context.new_page()
        _sign_in(page, house)
        for path in paths:
            page.goto(house + path)
            found = [each["id"] for each in Axe().run(page).response["violations"]]
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                found.append("scrolls sideways")
            faults |= {path: found} if found else {}
            if path == "/sign-in/code":
                page.get_by_label("Code").fill(code_of(app, organiser))
                page.get_by_role("button", name="Go on to the desk").click()
                page.get_by_role("button", name="Sign out").wait_for()
    assert faults == {}
