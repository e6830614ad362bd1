"""Every word of the interface can be translated, and a longer or mirrored one breaks nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import Database
from app.directory.models import SignatoryKind
from app.visibility.states import Visibility
from tests.factories.published import publish, sign

# Names that are the same in every language, and what a machine reads.
SAME_EVERYWHERE = {"Undersigned", "SHA", "PDF", "CSV", "JSON", "Linux", "macOS", "Windows", "UTC"}
# What people wrote stands in these, isolated for its own direction; machines' text in the others.
NOT_OURS = {"bdi", "time", "code", "pre", "script", "style"}
SPOKEN_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt"}
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}
WORD = re.compile(r"(?<![\w@/.%-])[A-Za-z]{3,}(?![\w@/.-])")


class Reader(HTMLParser):
    """Collect the words of a page that neither people wrote nor gettext gave."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if not self._is_theirs():
            for name in SPOKEN_ATTRIBUTES & attributes.keys():
                self._read(attributes[name] or "")
        theirs = tag in NOT_OURS or (tag != "html" and ("lang" in attributes or attributes.get("dir") == "auto"))
        if tag not in VOID:
            self._open.append((tag, theirs))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_theirs():
            self._read(data)

    def _is_theirs(self) -> bool:
        return any(theirs for _, theirs in self._open)

    def _read(self, text: str) -> None:
        self.found += [word for word in WORD.findall(text) if word not in SAME_EVERYWHERE]


def untranslated_words(html: str) -> list[str]:
    """Return the interface's own words that did not go through gettext."""
    reader = Reader()
    reader.feed(re.sub(r"<title>.*?</title>", "", html, flags=re.DOTALL))
    return reader.found


@pytest.fixture
def annex_path(app: Flask, database: Database) -> str:
    with app.app_context(), database.writing() as session:
        published = publish(session, titles={"en": "Stop", "ar": "أوقفوا"}, goal=10)
        sign(session, published, "Ana Example", public_line="Writer", country="UA")
        sign(session, published, "Example Union", kind=SignatoryKind.ORGANISATION)
        sign(session, published, "Hidden", Visibility.COUNTED)
        sign(session, published, "Hidden", Visibility.PSEUDONYM, pseudonym="A teacher")
    return f"/statements/stop-the-request/annexes/{published.annex.public_id}"


@pytest.mark.usefixtures("annex_path")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/statements/stop-the-request",
        "/statements/stop-the-request/signatories",
        "/campaigns/stop-the-request-campaign",
        "/verify",
        "/verify?sha256=nonsense",
        "/verify?sha256=" + "0" * 64,
        "/nowhere",
        "/sign-in",
    ],
)
def test_every_word_goes_through_gettext(client: FlaskClient, pseudo_language: str, path: str) -> None:
    html = client.get(path).text
    assert f'<html lang="{pseudo_language}" dir="{"rtl" if pseudo_language == "ar" else "ltr"}">' in html
    assert "~~" in html
    assert untranslated_words(html) == []


@pytest.mark.usefixtures("pseudo_language")
def test_annex_speaks_the_readers_language(client: FlaskClient, annex_path: str) -> None:
    assert untranslated_words(client.get(annex_path).text) == []


def test_reader_notices_bare_english() -> None:
    assert untranslated_words('<p title="Bare title">Bare <bdi>name</bdi> text</p>') == [
        "Bare",
        "title",
        "Bare",
        "text",
    ]
