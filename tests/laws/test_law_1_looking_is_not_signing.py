"""Law 1: no GET or HEAD, by a person, a scanner or a browser that it drives, changes what anyone decided."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.invitations.states import Answer
from tests.servers.browser import visitor
from tests.servers.looks import serving
from tests.signatures.changing import change_url, wish
from tests.signatures.scene import Invited, every_row, invite

INPUT = re.compile(r"<(input|select|textarea|button)\b([^>]*)>")
SCANNED = 1000


def _as_found(page: str) -> dict[str, str]:
    """Fill a form in as a scanner does that submits what it finds: defaults, ticked boxes, the button."""
    form = page.split("<form", 1)[1].split("</form>")[0]
    found: dict[str, str] = {}
    for tag, attributes in INPUT.findall(form):
        name = re.search(r'name="([^"]*)"', attributes)
        value = re.search(r'value="([^"]*)"', attributes)
        kind = (re.search(r'type="([^"]*)"', attributes) or [None, tag])[1]
        if name and (kind not in {"radio", "checkbox"} or " checked" in attributes):
            found[name[1]] = value[1] if value else ""
    return found


def test_looking_changes_nothing_at_all(app: Flask) -> None:
    guest = invite(app)
    guest.client.get(guest.url)
    before = every_row(app)
    for method in ("GET", "HEAD", "OPTIONS"):
        for headers in (
            {},
            {"Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"User-Agent": "SafeLinks"},
        ):
            for path in (guest.url, f"{guest.url}/en", f"{guest.url}?choice=sign&visibility=public", f"{guest.url}/xx"):
                guest.client.open(path, method=method, headers=headers)
    assert every_row(app) == before


def test_looking_at_ones_signature_changes_nothing(app: Flask) -> None:
    guest = invite(app)
    guest.sign()
    manage, before = guest.manage_url(), every_row(app)
    for path in (manage, f"{manage}/withdraw", f"{manage}?saved=1", guest.url):
        for method in ("GET", "HEAD"):
            assert guest.client.open(path, method=method).status_code == 200
    for path in ("visibility", "line", "news"):
        assert guest.client.get(f"{manage}/{path}").status_code == 405
    assert every_row(app) == before


def test_a_scanner_that_submits_every_form_as_found_confirms_none_of_a_thousand(app: Flask) -> None:
    guest = invite(app)
    before = every_row(app)
    statuses = set()
    for number in range(SCANNED):
        if number % 10 == 0:
            form = _as_found(guest.client.get(guest.url).text)
        statuses.add(guest.client.post(guest.url, data=form).status_code)
    assert statuses == {422}
    assert every_row(app) == before


def test_a_scanner_can_neither_withdraw_nor_loosen(app: Flask) -> None:
    guest = invite(app)
    guest.sign("counted")
    manage = guest.manage_url()
    page = guest.client.get(f"{manage}/withdraw").text
    assert guest.client.post(f"{manage}/withdraw", data=_as_found(page)).status_code == 422
    page = guest.client.get(manage).text
    guest.client.post(f"{manage}/visibility", data=_as_found(page))
    (signed,) = guest.signatures()
    assert (signed.is_signed, signed.visibility) == (True, "counted")


def test_a_scanner_that_opens_the_mail_of_a_change_decides_nothing(app: Flask) -> None:
    """Neither to show more nor to take back what is in force: its page has a choice with no default."""
    for visibility, wished in (("counted", "public"), ("public", "counted")):
        guest = invite(app)
        guest.sign(visibility)
        wish(guest, "visibility", visibility=wished)
        url, before = change_url(guest), every_row(app)
        for method in ("GET", "HEAD", "OPTIONS"):
            guest.client.open(url, method=method, headers={"Purpose": "prefetch"})
            guest.client.open(f"{url}?word=yes", method=method)
        page = guest.client.get(url)
        assert " checked" not in page.text
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
        assert guest.client.post(url, data=_as_found(page.text)).status_code == 422
        assert every_row(app) == before


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.mark.browser
def test_a_browser_that_runs_scripts_and_presses_the_button_signs_nothing(
    app: Flask, served: str, browser: Browser
) -> None:
    guest = invite(app)
    before = every_row(app)
    with visitor(browser, javascript=True, base_url=served) as context:
        page = context.new_page()
        page.goto(guest.url)
        # What a sandbox does: submit every form by script, then press every button.
        page.evaluate("document.querySelectorAll('form').forEach(form => form.submit())")
        page.wait_for_load_state()
        page.get_by_role("button", name="Send my decision").click()
        page.get_by_text("There is a problem").first.wait_for()
    assert every_row(app) == before


@pytest.mark.browser
def test_a_person_signs_with_two_choices_and_one_button(app: Flask, served: str, browser: Browser) -> None:
    for javascript in (True, False):
        guest: Invited = invite(app)
        with visitor(
            browser, javascript=javascript, base_url=served, viewport={"width": 320, "height": 640}
        ) as context:
            page = context.new_page()
            page.goto(guest.url)
            page.get_by_label("I sign", exact=True).check()
            page.get_by_label("Counted only, without my name").check()
            page.get_by_role("button", name="Send my decision").click()
            page.get_by_role("heading", name="You have signed").wait_for()
            assert context.cookies() == []
        assert guest.reply().answer is Answer.SIGNED
