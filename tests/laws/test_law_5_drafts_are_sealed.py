"""Law 5, for texts: a person who takes a house's disk does not learn what it is about to say, to whom, or with whom."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app import create_app
from app.campaigns.models import Campaign
from app.statements import canonical, queries
from app.statements.actions import open_statement
from app.statements.drafting import remove_language
from app.statements.drafts import canonical_texts
from app.statements.models import VersionText
from app.updates.actions import publish_update
from app.updates.models import Update
from app.upkeep.keeping import backups_of
from config import Settings
from tests.factories.institutions import make_institution
from tests.factories.pdfs import make_pdf
from tests.laws.seizure import every_row, found_in
from tests.servers.databases import create_tables
from tests.servers.postgres import PostgresServer
from tests.statements.desks import Desk, sit_down

HIDDEN = {
    "title": "Nachtfalter heading", "summary": "Mondkraut summary", "body": "Sternwarte passage",
    "demand": "Kupferbach demand", "address": "eisvogel-address", "annex": "Blaubeere annexed",
    "annex text": "Wacholder annexed words", "file": "holunder-file.pdf", "language": "Песчаник назва",
    "pdf": "Feldspat uploaded", "cause": "Haselmaus cause", "cause summary": "Lärchenwald summary",
    "campaign address": "schwalbe-address", "press": "Birkenrinde desk", "convenor": "Zaunkönig house",
    "what it is": "Moorauge circle", "website": "https://quellwasser.example.org", "event": "Steinbruch event",
    "event source": "https://feuerstein.example.org", "news": "Regenpfeifer news", "news text": "Silberdistel body",
    "group": "Uferschwalbe congress", "group website": "https://bachstelze.example.org",
    "source": "Heidekraut gazette", "source url": "https://rotbuche.example.org",
}  # fmt: skip
PDF = make_pdf(2)
INSTITUTION = "Ministry of Granite"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, key_file: Path
) -> Iterator[tuple[Desk, Path]]:
    """A desk at which everything about an appeal was prepared, and nothing of it published."""
    folder = tmp_path_factory.mktemp("seized")
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.create(server.template("tables", create_tables)))
    else:
        shutil.copy(empty_sqlite, folder / "undersigned.db")
        url = f"sqlite:///{folder / 'undersigned.db'}"
    app = create_app(Settings(
        database_url=url, key_file=key_file, public_url="http://localhost", mail_url="smtp://127.0.0.1:1",
        mail_from="appeals@example.org", state_directory=folder,
    ))  # fmt: skip
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    desk = sit_down(app)
    with app.app_context(), desk.database.writing() as session:
        institution = make_institution(session, name=INSTITUTION).public_id
    _write(desk, institution)
    yield desk, folder
    desk.database.engine.dispose()


def _write(desk: Desk, institution: str) -> None:
    text = {"title": HIDDEN["title"], "summary": HIDDEN["summary"], "body": HIDDEN["body"]}
    saved = desk.post("/text/en", do="save", revision="2", **text, **{"demands-0": HIDDEN["demand"]})
    assert saved.status_code == 303
    desk.post("/languages", language="uk")
    other = {"title": HIDDEN["language"], "summary": "", "body": ""}
    assert desk.post("/text/uk", do="save", revision="1", **other).status_code == 303
    assert desk.post("/addressees", do="add", institution=institution).status_code == 303
    settings = {"kind": "letter", "slug": HIDDEN["address"], "language": "en", "deadline_zone": "UTC"}
    contact = {"contact_name": "Anna Nowak", "contact_email": "anna@example.org"}
    assert desk.post("/settings", **settings, **contact).status_code == 303
    written = {"title": HIDDEN["annex"], "language": "en", "text": HIDDEN["annex text"]}
    assert desk.post("/annexes/write", **written).status_code == 303
    pdf = {"title": HIDDEN["pdf"], "language": "en", "file": FileStorage(io.BytesIO(PDF), HIDDEN["file"])}
    assert desk.post("/annexes/upload", **pdf).status_code == 303
    _write_campaign(desk)


def _write_campaign(desk: Desk) -> None:
    campaign = {
        "/text/en": {"title": HIDDEN["cause"], "summary": HIDDEN["cause summary"], "mark": _mark(desk)},
        "/edit": {"slug": HIDDEN["campaign address"], "language": "en", "press_contact": HIDDEN["press"]},
        "/convenors/new": {
            "name": HIDDEN["convenor"], "description": HIDDEN["what it is"], "website": HIDDEN["website"],
        },
        "/chronology/new": {
            "date": "2019-10-17", "language": "en", "text": HIDDEN["event"], "source_url": HIDDEN["event source"],
        },
        "/signatories/groups": {"name": HIDDEN["group"], "website": HIDDEN["group website"]},
        "/updates/new": {
            "title": HIDDEN["news"], "body": HIDDEN["news text"], "language": "en", "revision": "0",
            "source_name": HIDDEN["source"], "source_url": HIDDEN["source url"],
        },
    }  # fmt: skip
    for tail, fields in campaign.items():
        assert desk.client.post(f"/desk/campaigns/{desk.campaign}{tail}", data=fields).status_code == 303, tail


def _mark(desk: Desk) -> str:
    page = desk.client.get(f"/desk/campaigns/{desk.campaign}/text/en").text
    return page.split('name="mark"')[1].split('value="')[1].split('"')[0]


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def _seized(desk: Desk, folder: Path) -> list[bytes]:
    """Everything on the disk: every raw row; of SQLite the files with their journals and a plain backup as well."""
    if desk.database.is_sqlite:
        assert backups_of(desk.app).make(folder / "backups").exists()
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return found + [_bytes(value) for row in every_row(desk.app) for value in row.values.values()]


def test_nothing_that_was_prepared_is_readable(house: tuple[Desk, Path]) -> None:
    assert found_in(_seized(*house), HIDDEN.values()) == []


def test_no_hash_confirms_a_text_or_document_that_was_guessed(house: tuple[Desk, Path]) -> None:
    desk, folder = house
    with desk.app.app_context(), desk.database.reading() as session:
        statement = desk.stored(session)
        texts = canonical_texts(session, statement, queries.version_of(session, statement)).values()
        hashes = [canonical.sha256_of(canonical.to_bytes(text)) for text in texts]
        hashes += [row.sha256 for row in queries.annexes_of(session, queries.version_of(session, statement).id)]
    assert hashlib.sha256(PDF).hexdigest() in hashes
    raw = [bytes.fromhex(each) for each in hashes]
    seized = _seized(desk, folder)
    assert found_in(seized, hashes) == []
    assert not any(each in piece for each in raw for piece in seized)


def test_the_dates_of_the_case_are_no_key_to_it(house: tuple[Desk, Path]) -> None:
    rows = [row for row in every_row(house[0].app) if row.table == "chronology_entries"]
    assert [str(row.values["happened_on"]) for row in rows] == ["1970-01-01"]


def test_what_is_opened_is_read_as_before_and_in_the_clear(house: tuple[Desk, Path]) -> None:
    """The last test, since it publishes; the search that found nothing before finds the texts now."""
    desk, folder = house
    before = desk.text()
    with desk.app.app_context(), desk.database.writing() as session:
        statement = desk.stored(session)
        remove_language(session, "test", statement, "uk")
        open_statement(session, "test", statement)
        assert statement.slug == HIDDEN["address"]
    assert desk.text() == before
    page = desk.app.test_client().get(f"/statements/{HIDDEN['address']}").text
    assert all(HIDDEN[each] in page for each in ("title", "summary", "body", "demand", "annex", "pdf"))
    annexes = desk.annexes()
    assert desk.get(f"/annexes/{annexes[1].public_id}/file").data == PDF
    with desk.app.app_context(), desk.database.reading() as session:
        assert set(session.scalars(select(VersionText.unpublished_sealed))) == {None}
    opened = {word for word, _how in found_in(_seized(desk, folder), HIDDEN.values())}
    campaign = desk.app.test_client().get(f"/campaigns/{HIDDEN['campaign address']}").text
    shown = ("cause", "cause summary", "press", "convenor", "what it is", "website", "event", "event source")
    assert all(HIDDEN[each] in campaign for each in shown)
    assert "17 October 2019" in campaign
    hidden = ("language", "news", "news text", "source", "source url", "group", "group website")
    assert opened == set(HIDDEN.values()) - {HIDDEN[each] for each in hidden}


def test_news_is_read_once_it_is_published(house: tuple[Desk, Path]) -> None:
    desk, _folder = house
    with desk.app.app_context(), desk.database.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        update = session.scalars(select(Update)).one()
        publish_update(session, "test", campaign, update, update.revision, [])
        assert (update.title, update.unpublished_sealed) == (HIDDEN["news"], None)
    page = desk.app.test_client().get(f"/campaigns/{HIDDEN['campaign address']}").text
    assert all(HIDDEN[each] in page for each in ("news", "news text", "source", "source url"))
