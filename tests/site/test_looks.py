"""The readers' pages in a real browser: on a phone and on a desk, light and dark, left-to-right and right-to-left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app.base.database import Database
from app.directory.states import SignatoryKind
from app.visibility.states import Visibility
from tests.factories.published import publish, sign
from tests.servers.browser import visitor

pytestmark = pytest.mark.browser

LONGEST_NAME = "Maximiliana Bartholomea Extraordinarily-Long-Surname von und zu Beispielshausen " + "M" * 100
LONGEST_LINE = "Former Special Rapporteur on the situation of human rights defenders, " * 4
PATHS = (
    "/",
    "/statements/stop-the-request",
    "/statements/stop-the-request/ar",
    "/statements/stop-the-request/signatories",
    "/statements/nobody-yet",
    "/campaigns/stop-the-request-campaign",
    "/verify?sha256=nonsense",
    "/nowhere",
)
# Links in running text may be as low as their line (WCAG 2.2, 2.5.8); whatever stands alone is at least 24 pixels high.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
    .filter(each => getComputedStyle(each).display != 'inline' && each.getBoundingClientRect().width > 2
                    && each.getBoundingClientRect().height < 24)
    .map(each => each.outerHTML)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(app: Flask, database: Database) -> Iterator[str]:
    """A server with a statement that has everything, and one that has nothing."""
    with app.app_context(), database.writing() as session:
        publish(session, "nobody-yet", {"en": "Nobody has signed this"})
        published = publish(
            session, titles={"en": "Stop the abusive " + "X" * 60, "ar": "أوقفوا الطلبات التعسفية"}, goal=50
        )
        sign(session, published, LONGEST_NAME, public_line=LONGEST_LINE, country="GB", position=1)
        for name in ("Олександра Прикладна", "مريم المثال", "李示例", "მაგალითი გიორგი", "उदाहरण शर्मा"):
            sign(session, published, name, public_line="محامية", country="UA")
        sign(session, published, "Example Union", kind=SignatoryKind.ORGANISATION)
        sign(session, published, "Hidden", Visibility.COUNTED)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _problems(page: Page) -> list[str]:
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page).response["violations"]]
    found += [f"too small: {each}" for each in page.evaluate(TOO_SMALL)]
    sideways = page.evaluate(SIDEWAYS)
    return [*found, f"scrolls sideways by {sideways} px"] if sideways else found


def _look(browser: Browser, address: str, width: int, scheme: str) -> dict[str, list[str]]:
    # Axe is a script of the test's own, which our policy would stop.
    size = {"width": width, "height": 800}
    with visitor(browser, javascript=True, viewport=size, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        found = {}
        for path in PATHS:
            page.goto(address + path)
            found[path] = _problems(page)
        assert context.cookies() == []
    return {path: problems for path, problems in found.items() if problems}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_readable_by_everyone(browser: Browser, address: str, width: int, scheme: str) -> None:
    assert _look(browser, address, width, scheme) == {}


def test_policy_stops_nothing_of_our_own(browser: Browser, address: str) -> None:
    with visitor(browser, javascript=True) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in PATHS[:-2]:
            page.goto(address + path)
    assert said == []
