"""A real Chromium, driven by Playwright: with JavaScript or without, at any size, in any language."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.servers.missing import missing

# Debian's names for it; UNDERSIGNED_TEST_CHROMIUM names another.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nobody looks at these, and every page pays for them: what drops down from the address bar is a page of its own in each
# window and took more time than the pages under test, and a process was kept ready for a page that never came.
_UNSEEN = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess")
# Chromium obeys only the last such list, so this one repeats what Playwright turns off.
_PLAYWRIGHT_UNSEEN = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
)  # fmt: skip
# Chromium stays on this machine: no updates, no look-ups, no services of its maker.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join((*_PLAYWRIGHT_UNSEEN, *_UNSEEN))}",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_ACTION_MILLISECONDS = 10_000


def chromium_path() -> str | None:
    """Find the machine's Chromium."""
    named = os.environ.get("UNDERSIGNED_TEST_CHROMIUM")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium once for each test process, with a home of its own; tests open contexts of their own in it."""
    path = chromium_path()
    if path is None:
        missing("no Chromium")
    home = str(tmp_path_factory.mktemp("browser"))
    environment = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=list(_FLAGS), headless=True, env={**os.environ, **environment}
        )
        yield chromium
        chromium.close()


@contextmanager
def visitor(browser: Browser, *, javascript: bool, **named: Any) -> Iterator[BrowserContext]:
    """Open a fresh browser profile: `named` takes Playwright's options (viewport, locale, color_scheme, base_url …)."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **named}
    context = browser.new_context(java_script_enabled=javascript, **options)
    context.set_default_timeout(_ACTION_MILLISECONDS)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def context_with_javascript(browser: Browser) -> Iterator[BrowserContext]:
    """Give a fresh profile of an ordinary browser."""
    with visitor(browser, javascript=True) as context:
        yield context


@pytest.fixture
def context_without_javascript(browser: Browser) -> Iterator[BrowserContext]:
    """Give a fresh profile that runs no script, like Tor Browser's safest level."""
    with visitor(browser, javascript=False) as context:
        yield context


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Run the test twice, in a fresh profile with JavaScript and in one without."""
    with visitor(browser, javascript=request.param) as opened:
        yield opened
