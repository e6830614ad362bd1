"""What a person does in a browser: read, fill in, press; by the words on the page, never by its markup."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Locator, Page, TimeoutError  # noqa: A004 - Playwright's own

PATIENCE_MILLISECONDS = 5_000
_LOOKS, _LOOKS_AT_WORK, _BETWEEN_LOOKS_MS = 50, 200, 100


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self._url = url

    def opens(self, address: str) -> Person:
        """Go to a path of the house, or to a whole address."""
        answer = self.page.goto(address if address.startswith("http") else self._url + address)
        assert answer is not None
        assert answer.status < 500, f"{address} answers {answer.status}"
        return self

    def follows(self, words: str) -> Person:
        """Follow the first link with these words."""
        found = self.page.get_by_role("link", name=re.compile(rf"^\s*{re.escape(words)}"))
        self._await(found, f"link “{words}”").click()
        self.page.wait_for_load_state()
        return self

    def fills(self, **fields: str) -> Person:
        """Fill fields by their labels, underscores for spaces."""
        for label, value in fields.items():
            self.field(label.replace("_", " ")).fill(value)
        return self

    def field(self, label: str) -> Locator:
        """Find the field whose label begins with these words."""
        found = self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}", re.IGNORECASE))
        return self._await(found, f"field “{label}”")

    def chooses(self, label: str, option: str | None = None) -> Person:
        """Tick a box or a radio, or choose an option of a select."""
        found = self.field(label)
        if option is None:
            found.check()
        else:
            found.select_option(label=option)
        return self

    def presses(self, words: str) -> Person:
        """Press the first button with these words, and meet no broken page behind it."""
        found = self.page.get_by_role("button", name=re.compile(rf"^\s*{re.escape(words)}"))
        self._await(found, f"button “{words}”").click()
        self.page.wait_for_load_state()
        assert "Something went wrong on our side" not in self.reads()
        return self

    def reads(self) -> str:
        """Return the words on the page, white space folded."""
        return " ".join(self.page.locator("body").inner_text().split())

    def awaits(self, *words: str) -> Person:
        """Expect words on a page that looks again by itself, once a worker has done what it waits for."""
        return self.sees(*words, looks=_LOOKS_AT_WORK)

    def sees(self, *words: str, looks: int = _LOOKS) -> Person:
        """Expect words on the page."""
        for _look in range(looks):  # what a press leads to may still be on its way
            text = self.reads()
            missing = [each for each in words if each not in text]
            if not missing:
                return self
            self.page.wait_for_timeout(_BETWEEN_LOOKS_MS)
        raise AssertionError(f"{self.page.url} lacks {missing}:\n{text[:3000]}")

    def does_not_see(self, *words: str) -> Person:
        """Expect that words are not on the page."""
        text = self.reads()
        found = [each for each in words if each in text]
        assert not found, f"{self.page.url} shows {found}"
        return self

    def _await(self, found: Locator, what: str) -> Locator:
        """Wait until the page has it, and say what the page has instead where it doesn't come."""
        try:
            found.first.wait_for(state="attached", timeout=PATIENCE_MILLISECONDS)
        except TimeoutError:
            raise AssertionError(f"{self.page.url} has no {what}:\n{self.reads()[:3000]}") from None
        return found.first

    @property
    def path(self) -> str:
        """The path of the page that is open."""
        return self.page.url.removeprefix(self._url).split("?")[0].split("#")[0]
