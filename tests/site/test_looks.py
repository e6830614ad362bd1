"""The readers' pages in a real browser: on a phone and on a desk, light and dark, left-to-right and right-to-left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.base.database import Database
from app.directory.states import SignatoryKind
from app.visibility.states import Visibility
from tests.factories.published import publish, sign
from tests.servers.browser import visitor
from tests.servers.looks import onlooker, problems, serving

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
    with serving(app) as address:
        yield address


def test_pages_are_readable_by_everyone(browser: Browser, address: str) -> None:
    with onlooker(browser, address) as page:
        assert problems(page, PATHS) == {}
        assert page.context.cookies() == []


def test_policy_stops_nothing_of_our_own(browser: Browser, address: str) -> None:
    with visitor(browser, javascript=True) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in PATHS[:-2]:
            page.goto(address + path)
    assert said == []
