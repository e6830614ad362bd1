"""What looks at pages for the tests sees what is wrong with one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.servers.looks import onlooker, shown_problems

PAGE = """<!doctype html><html lang="en"><head><title>A page</title><style>
body { background: #fff; color: #000; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } .dim { color: #333; } }
@media (prefers-color-scheme: light) { .pale { color: #ddd; } }
.wide { inline-size: 700px; }
</style></head><body><main><h1>A page</h1>%s</main></body></html>"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ("<p>All is well</p>", []),
        (
            "<ul><li>Well</li><li>Well</li><li><b class=dim>Dim</b></li></ul>",
            ["320 px: mirrored: dark: color-contrast"],
        ),
        ("<ul><li>Well</li><li>Well</li><li class=pale>Pale</li></ul>", ["320 px: light: color-contrast"]),
        ("<button style='height: 9px; padding: 0'>x</button>", ["320 px: too small", "1280 px: mirrored: too small"]),
        ("<p class=wide>Wide</p>", ["320 px: scrolls sideways", "320 px: mirrored: scrolls sideways"]),
        ("<img src='data:,'>", ["320 px: image-alt", "1280 px: image-alt"]),
    ],
)
def test_what_is_wrong_is_seen(browser: Browser, part: str, seen: list[str]) -> None:
    with onlooker(browser, "http://127.0.0.1") as page:
        page.set_content(PAGE % part)
        found = shown_problems(page)
    assert [each for each in seen if not any(one.startswith(each) for one in found)] == []
    assert bool(found) == bool(seen)
