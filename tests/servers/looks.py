"""How pages look in a real browser: on a phone and on a desk, light and dark, read from either side."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app.base.parts import parts_of
from tests.factories.parts import exchange
from tests.servers.browser import visitor

WIDTHS = (320, 1280)
_HEIGHT = 800
# How often the server asks whether it is to stop; its end waits that long.
_POLL_SECONDS = 0.02
# Links in running text may be as low as their line (WCAG 2.2, 2.5.8); whatever stands alone is at least 24 pixels high.
_TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
    .filter(each => getComputedStyle(each).display != 'inline' && each.getBoundingClientRect().width > 2
                    && each.getBoundingClientRect().height < 24)
    .map(each => each.outerHTML)"""
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_TURN = "direction => { document.documentElement.dir = direction }"
_RUN_AXE = """([context, options]) => axe.run(context, {resultTypes: ['violations'], ...options})
    .then(found => found.violations.map(each => `${each.id}: ${each.nodes[0].html}`))"""
_ALL_BUT_COLOURS: tuple[Any, Any] = ({"exclude": []}, {"rules": {"color-contrast": {"enabled": False}}})
# Most of axe's time goes into colours. Rows that are built alike have the same, so the first of each build is read.
_MARK_ALIKE = """() => {
    const built = each => each.tagName + each.className + each.getAttributeNames();
    const seen = new Set();
    for (const row of document.querySelectorAll('li, tr')) {
        const build = [row, ...row.querySelectorAll('*')].map(built).join();
        if (seen.has(build)) row.setAttribute('data-alike', '');
        seen.add(build);
    }
}"""
_COLOURS = ({"exclude": [["[data-alike]"]]}, {"runOnly": ["color-contrast", "link-in-text-block"]})


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application to a browser at an address that it knows as its own; gives the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    exchange(app, settings=replace(parts_of(app).settings, public_url=address))
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address where the test's application is served."""
    with serving(app) as address:
        yield address


@contextmanager
def onlooker(browser: Browser, address: str, client: FlaskClient | None = None) -> Iterator[Page]:
    """Open a page of an ordinary browser, signed in as a test client is."""
    # Axe is a script of the test's own, which our policy would stop.
    with visitor(browser, javascript=True, bypass_csp=True, base_url=address) as context:
        cookie = client and client.get_cookie("undersigned")
        if cookie:
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        yield context.new_page()


def problems(page: Page, paths: Iterable[str]) -> dict[str, list[str]]:
    """Open each path and return what somebody could not read, reach or press, by path; none is the wish."""
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = shown_problems(page)
    return {path: each for path, each in found.items() if each}


def shown_problems(page: Page) -> list[str]:
    """Return what is wrong with the page that is open: at each width from both sides, in light and in dark."""
    page.evaluate(AXE_SCRIPT)
    page.evaluate(_MARK_ALIKE)
    own = page.evaluate("() => document.documentElement.dir || 'ltr'")
    mirrored = "ltr" if own == "rtl" else "rtl"
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        seen = page.evaluate(_RUN_AXE, list(_ALL_BUT_COLOURS)) + _misfits(page) + _pale(page, "light")
        page.evaluate(_TURN, mirrored)
        seen += [f"mirrored: {each}" for each in _misfits(page) + _pale(page, "dark")]
        page.evaluate(_TURN, own)
        found += [f"{width} px: {each}" for each in seen]
    return found


def _pale(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    return [f"{scheme}: {each}" for each in page.evaluate(_RUN_AXE, list(_COLOURS))]


def _misfits(page: Page) -> list[str]:
    sideways = page.evaluate(_SIDEWAYS)
    found = [f"too small: {each}" for each in page.evaluate(_TOO_SMALL)]
    return [*found, f"scrolls sideways by {sideways} px"] if sideways else found
