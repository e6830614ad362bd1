"""Follow every link that pages show, a few for each address pattern, as a visitor or a mail scanner would."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

MOST_PER_RULE = 4
LINKS = {"href", "src"}


@dataclass(frozen=True)
class Visit:
    """One page that was fetched."""

    path: str
    rule: str
    status: int


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in LINKS and value]


def links_in(page: str, base: str) -> list[str]:
    """List the addresses of this site that a page links to, in its order."""
    parser = _Links()
    parser.feed(page)
    found = (urlsplit(urljoin(base, link)) for link in parser.found)
    return [
        each.path + (f"?{each.query}" if each.query else "")
        for each in found
        if each.hostname in {"localhost", "127.0.0.1"}
    ]


def crawl(app: Flask, client: FlaskClient, starts: Iterable[str], most: int = MOST_PER_RULE) -> Iterator[Visit]:
    """Visit the start pages and all that they lead to, with HEAD and with GET; at most so many for each pattern."""
    waiting, seen, visits = deque(starts), set(starts), Counter[str]()
    matcher = app.url_map.bind("localhost")
    while waiting:
        path = waiting.popleft()
        try:
            found, _arguments = matcher.match(urlsplit(path).path, method="GET", return_rule=True)
            rule = str(found.rule)
        except HTTPException:
            rule = "(no rule)"
        visits[rule] += 1
        if visits[rule] > most:
            continue
        client.head(path).close()
        with client.get(path) as response:
            yield Visit(path, rule, response.status_code)
            new = [response.location] if response.location else []
            if response.mimetype == "text/html":
                new += links_in(response.get_data(as_text=True), f"http://localhost{path}")
        for link in new:
            local = urlsplit(link).path + (f"?{urlsplit(link).query}" if urlsplit(link).query else "")
            if local not in seen:
                seen.add(local)
                waiting.append(local)
