"""The whole desk in a pseudo-language: every page that the demonstration's owner can reach speaks it."""

from __future__ import annotations

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from babel import Locale
from babel.dates import format_timedelta
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.base.database import Database
from app.demonstration.load import load
from app.demonstration.rows import CONTACT
from app.directory.models import Group
from app.directory.queries import words_of
from config import Settings
from tests.factories.accounts import sign_in
from tests.servers.smtp import SmtpServer
from tests.web.conftest import ACCENTED
from tests.web.test_translation import untranslated_words

WORD = re.compile(r"[A-Za-z]{3,}")
ID = re.compile(r"[a-z0-9]{20}")
EACH_KIND = 2  # how many pages of one kind are read: statements differ by their state


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    """The demonstration mails through a real server."""
    return replace(settings, mail_url=smtp_server.url, demonstration=True)


@pytest.fixture
def from_elsewhere(app: Flask, database: Database) -> set[str]:
    """Words that neither we nor the demonstration chose: countries, months, spans, time zones and groups' names."""
    load(app)
    names = [*zoneinfo.available_timezones(), "http"]
    for language in (ACCENTED, "en"):
        locale = Locale(language)
        names += locale.territories.values()
        spans = [timedelta(**{unit: number}) for unit in ("seconds", "minutes", "hours", "days") for number in (1, 5)]
        names += [format_timedelta(span, threshold=1, locale=locale) for span in spans]
        names += [month for each in locale.months["format"].values() for month in each.values()]
    with database.reading() as session:
        names += [words_of(session, group)["name"] for group in session.scalars(select(Group))]
    return {word for name in names for word in WORD.findall(name)}


def _pages(app: Flask, owner: Organiser) -> Iterator[tuple[str, str]]:
    """Follow every link from the desk, one page of each kind."""
    client, kinds, seen = sign_in(app.test_client(), app, owner), Counter[str](), set[str]()
    waiting = ["/desk"]
    while waiting:
        path = waiting.pop(0)
        kind = ID.sub("ID", path.partition("?")[0])
        if path in seen or kinds[kind] >= EACH_KIND or not path.startswith("/desk"):
            continue
        seen.add(path)
        with client.get(path, follow_redirects=True) as response:
            if response.mimetype != "text/html":
                continue
            kinds[kind] += 1
            assert response.status_code == 200, path
            text = response.get_data(as_text=True)
            yield kind, text
            waiting += re.findall(r'href="([^"#]+)', text.replace("&amp;", "&"))


@pytest.mark.parametrize("pseudo_language", [ACCENTED], indirect=True)
def test_desk_speaks_the_organisers_language(
    app: Flask, database: Database, pseudo_language: str, from_elsewhere: set[str]
) -> None:
    assert pseudo_language == ACCENTED
    with app.app_context(), database.reading() as session:
        owner = find_by_address(session, CONTACT[1])
    assert owner is not None
    found = {kind: set(untranslated_words(html)) - from_elsewhere for kind, html in _pages(app, owner)}
    assert {kind: words for kind, words in found.items() if words} == {}
    assert len(found) > 50
