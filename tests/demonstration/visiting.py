"""A visitor without a browser: opens pages over HTTP, follows links and sends forms, by the words on the page."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from types import MappingProxyType
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin

PATIENCE_SECONDS = 45  # less than the minute after which gunicorn ends a worker that does not answer
TICKED = "(ticked)"
UNSPOKEN = frozenset({"script", "style", "title"})


@dataclass
class FormOnPage:
    """A form: where it goes, what it would send as it stands, and its buttons."""

    action: str
    is_posted: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # words, name, value


class PageParts(HTMLParser):
    """What a visitor needs of a page: its words, links, forms, and the control that each label names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []  # words, address
        self.labels: list[tuple[str, str]] = []  # words, id
        self.controls: dict[str, tuple[str, str]] = {}  # id: name, value once it is ticked
        self.forms: list[FormOnPage] = []
        self._words: list[str] = []
        self._open: list[tuple[str, dict[str, str], int]] = []
        self.feed(html)
        self.words = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FormOnPage(given.get("action", ""), given.get("method", "").lower() == "post"))
        elif tag == "input":
            self._take(given)
        elif tag in {"a", "button", "label", "textarea", "option", "select", *UNSPOKEN}:
            self._open.append((tag, given, len(self._words)))

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1][0] not in UNSPOKEN:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            return
        _tag, given, begin = self._open.pop()
        words = " ".join("".join(self._words[begin:]).split())
        if tag == "a":
            self.links.append((words, given.get("href", "")))
        elif tag == "label":
            self.labels.append((words, given.get("for", "")))
        elif tag == "textarea":
            self._take({**given, "value": "".join(self._words[begin:])})
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append((words, given.get("name", ""), given.get("value", "")))

    def _take(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        is_ticked = kind in {"checkbox", "radio"}
        value = given.get("value", "on" if is_ticked else "")
        self.controls[given.get("id", "")] = (name, value)
        if self.forms and name and (not is_ticked or "checked" in given):
            self.forms[-1].values.append((name, value))


class Visitor:
    """Somebody with a session of their own."""

    def __init__(self, url: str) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.address = url
        self.source = ""
        self.page = PageParts("")

    def opens(self, address: str) -> Visitor:
        """Go to a path or a whole address."""
        return self._go(address, None)

    def follows(self, words: str) -> Visitor:
        """Follow the first link with these words."""
        return self.opens(self._first(self.page.links, words, "link"))

    def presses(self, words: str, fields: Mapping[str, str] = MappingProxyType({})) -> Visitor:
        """Send the form of the first button with these words; fields by their labels, TICKED for a tick."""
        form = next((one for one in self.page.forms if any(_is(each[0], words) for each in one.buttons)), None)
        assert form is not None, f"{self.address} has no button “{words}”: {self.page.words[:3000]}"
        _words, name, value = next(each for each in form.buttons if _is(each[0], words))
        sent = dict(form.values) | ({name: value} if name else {})
        for label, filled in fields.items():
            name, ticked = self.page.controls[self._first(self.page.labels, label, "field")]
            sent[name] = ticked if filled is TICKED else filled
        assert form.is_posted, "only posted forms are known here"
        return self._go(form.action, urlencode(sent).encode())

    def sees(self, *words: str) -> Visitor:
        """Expect words on the page."""
        missing = [each for each in words if each not in self.page.words]
        assert not missing, f"{self.address} lacks {missing}: {self.page.words[:3000]}"
        return self

    def _first(self, found: list[tuple[str, str]], words: str, what: str) -> str:
        target = next((target for each, target in found if _is(each, words)), None)
        assert target is not None, f"{self.address} has no {what} “{words}”: {self.page.words[:3000]}"
        return target

    def _go(self, address: str, body: bytes | None) -> Visitor:
        address = urljoin(self.address, address)
        try:
            with self._opener.open(address, body, timeout=PATIENCE_SECONDS) as answer:
                self.address, self.source = answer.url, answer.read().decode()
        except HTTPError as error:
            raise AssertionError(f"{address} answers {error.code}: {PageParts(error.read().decode()).words}") from None
        self.page = PageParts(self.source)
        return self


def _is(found: str, words: str) -> bool:
    return found.startswith(words)
