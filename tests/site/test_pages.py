"""What readers see, and what they must not."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.base import clock
from app.base.database import Database
from app.directory.models import SignatoryKind
from app.signatures.states import SignatureState
from app.site.kept import KeptPages
from app.site.signatories import country_beside
from app.statements.states import StatementState
from app.visibility.states import Visibility
from tests.factories.parts import exchange
from tests.factories.published import REPORT, PublishedStatement, publish, sign

READING_PAGES = (
    "/",
    "/campaigns/stop-the-request-campaign",
    "/statements/stop-the-request",
    "/statements/stop-the-request/en",
    "/statements/stop-the-request/text",
    "/statements/stop-the-request/signatories",
    "/statements/stop-the-request/signatories.csv",
    "/statements/stop-the-request/data.json",
    "/verify",
)


@pytest.fixture
def published(app: Flask, database: Database) -> PublishedStatement:
    with app.app_context(), database.writing() as session:
        return publish(session)


@pytest.fixture
def queries(database: Database) -> Iterator[list[str]]:
    """The SQL statements that run while the test does."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def _signed(database: Database, published: PublishedStatement, count: int) -> None:
    with database.writing() as session:
        for number in range(count):
            sign(session, published, f"Signatory {number:03}")


def test_first_page_is_dignified_when_nothing_is_open(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "No statement is open at the moment." in response.text


@pytest.mark.usefixtures("published")
def test_first_page_shows_what_is_open(client: FlaskClient) -> None:
    text = client.get("/").text
    assert "Stop the abusive request" in text
    assert "0 signatures" in text


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", READING_PAGES)
def test_reading_sets_no_cookie(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", READING_PAGES)
def test_page_is_not_sent_again_while_it_is_the_same(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.usefixtures("published")
def test_statement_shows_text_demands_addressee_convenor_and_hash(
    client: FlaskClient, published: PublishedStatement
) -> None:
    text = client.get("/statements/stop-the-request").text
    for words in ("<strong>time</strong>", "Return what was seized.", "Ministry of Examples", "Example Foundation"):
        assert words in text
    assert published.sha256["en"][:8] in text


@pytest.mark.parametrize("state", [StatementState.DRAFTING, StatementState.WITHDRAWN])
@pytest.mark.parametrize("path", READING_PAGES[2:8])
def test_draft_looks_like_nothing_even_after_its_text_was_frozen(
    app: Flask, client: FlaskClient, database: Database, state: StatementState, path: str
) -> None:
    with app.app_context(), database.writing() as session:
        publish(session, state=state).statement.opened_at = None
    assert client.get(path).status_code == 404


def test_withdrawn_statement_is_gone_with_a_word(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        publish(session, state=StatementState.WITHDRAWN)
    response = client.get("/statements/stop-the-request")
    assert response.status_code == 410
    assert "withdrawn by those who initiated it" in response.text
    assert "Stop the abusive request" not in client.get("/").text


def test_deadline_that_passed_is_said(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        publish(session, deadline_at=clock.now() - timedelta(minutes=1))
    assert "Signing has ended" in client.get("/statements/stop-the-request").text


@pytest.mark.usefixtures("published")
def test_canonical_bytes_have_the_hash_that_is_shown(client: FlaskClient, published: PublishedStatement) -> None:
    response = client.get("/statements/stop-the-request/text")
    assert response.content_type == "text/plain; charset=utf-8"
    assert hashlib.sha256(response.data).hexdigest() == published.sha256["en"]


def test_each_language_has_its_own_page_direction_and_hash(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        published = publish(session, titles={"en": "Stop", "ar": "أوقفوا"})
    page = client.get("/statements/stop-the-request/ar").text
    assert '<h1 lang="ar" dir="rtl">أوقفوا</h1>' in page
    assert 'hreflang="en"' in page
    assert '<html lang="en-GB" dir="ltr">' in page  # the interface itself has no Arabic yet
    arabic = client.get("/statements/stop-the-request/ar/text").data
    assert hashlib.sha256(arabic).hexdigest() == published.sha256["ar"] != published.sha256["en"]
    assert client.get("/statements/stop-the-request/fr").status_code == 404


def test_only_names_whose_owners_are_public_appear(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with database.writing() as session:
        sign(session, published, "Open Person", public_line="Writer", country="UA")
        sign(session, published, "Office Person", Visibility.INSTITUTION)
        sign(session, published, "Counted Person", Visibility.COUNTED)
        sign(session, published, "Real Person", Visibility.PSEUDONYM, pseudonym="A teacher", country="KZ")
        sign(session, published, "Gone Person", state=SignatureState.WITHDRAWN)
    paths = ("", "/signatories", "/signatories.csv", "/data.json")
    pages = [client.get("/statements/stop-the-request" + path).text for path in paths]
    for page in pages:
        for hidden in ("Office Person", "Counted Person", "Real Person", "Gone Person", "Kazakhstan"):
            assert hidden not in page
    for page in pages[:3]:
        assert "Open Person" in page
        assert "A teacher" in page
    assert "2 more stand behind this statement and are not named here." in pages[0]
    assert "4</strong>" in pages[0]
    data = client.get("/statements/stop-the-request/data.json").json
    assert data is not None
    assert data["signatures"] == {"total": 4, "organisations": 0, "people": 2, "not_named": 2}


def test_country_stands_beside_a_line_that_does_not_name_it(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with database.writing() as session:
        sign(session, published, public_line="Writer", country="GE")
        sign(session, published, public_line="Laureate 2022, Ukraine", country="UA")
    text = client.get("/statements/stop-the-request").text
    assert "<bdi>Writer, Georgia</bdi>" in text
    assert text.count("Ukraine") == 1


@pytest.mark.parametrize(
    ("line", "language", "said"),
    [("Writer", "ar", "Georgia"), ("كاتبة", "ar", "جورجيا"), ("", "ar", "جورجيا"), ("Writer", "uk", "Грузія")],
)
def test_a_line_against_the_pages_direction_stays_in_its_script(line: str, language: str, said: str) -> None:
    assert country_beside(line, "GE", language) == said


def test_list_shows_organisations_then_pinned_then_as_signed(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with database.writing() as session:
        sign(session, published, "First")
        # The list knows days: those who signed on one stand in no order.
        clock.freeze(clock.now() + timedelta(days=1))
        sign(session, published, "Second")
        sign(session, published, "Pinned", position=1)
        sign(session, published, "Union", kind=SignatoryKind.ORGANISATION)
    text = client.get("/statements/stop-the-request").text
    places = [text.index(f">{name}</bdi>") for name in ("Union", "Pinned", "First", "Second")]
    assert places == sorted(places)


def test_long_list_is_walked_page_by_page_without_gap_or_double(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    _signed(database, published, 230)
    found: list[str] = []
    path = "/statements/stop-the-request/signatories"
    pages = 0
    while pages < 5:
        text = client.get(path).text
        pages += 1
        found += [part.split("<")[0] for part in text.split('person-name">')[1:]]
        if 'rel="next"' not in text:
            break
        path = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert pages == 3
    assert sorted(found) == [f"Signatory {number:03}" for number in range(230)]


def test_list_can_be_narrowed_to_organisations(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with database.writing() as session:
        sign(session, published, "Ana Example")
        sign(session, published, "Example Union", kind=SignatoryKind.ORGANISATION)
    text = client.get("/statements/stop-the-request/signatories?kind=organisations").text
    assert "Example Union" in text
    assert "Ana Example" not in text


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("query", ["kind=cats", "after=nonsense", "after=WyJ4Il0"])
def test_nonsense_in_the_address_is_answered_calmly(client: FlaskClient, query: str) -> None:
    assert client.get(f"/statements/stop-the-request/signatories?{query}").status_code in {200, 404}


def test_sheet_holds_every_named_signatory_and_no_formula(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    _signed(database, published, 620)
    with database.writing() as session:
        sign(session, published, "=HYPERLINK(1)", country="FR")
    response = client.get("/statements/stop-the-request/signatories.csv")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert len(rows) == 621
    (formula,) = [row for row in rows if "HYPERLINK" in row["name"]]
    assert (formula["name"], formula["country"]) == ("'=HYPERLINK(1)", "FR")


@pytest.mark.usefixtures("published")
def test_markdown_annex_is_a_page_with_contents(client: FlaskClient, published: PublishedStatement) -> None:
    path = f"/statements/stop-the-request/annexes/{published.annex.public_id}"
    page = client.get(path).text
    assert '<a href="#section-2"><bdi>The search</bdi></a>' in page
    assert '<h3 id="section-2">The search</h3>' in page
    exact = client.get(f"{path}/report.md")
    assert exact.data == REPORT.encode()
    assert exact.headers["ETag"] == f'"{published.annex.sha256}"'
    assert client.get(f"{path}/other.md").status_code == 404


def test_annex_of_another_statement_is_not_found(
    app: Flask, client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with app.app_context(), database.writing() as session:
        other = publish(session, "other-one")
    assert client.get(f"/statements/stop-the-request/annexes/{other.annex.public_id}").status_code == 404


@pytest.mark.parametrize("count", [0, 90])
def test_statement_page_asks_the_database_a_fixed_number_of_times(
    app: Flask, client: FlaskClient, database: Database, published: PublishedStatement, queries: list[str], count: int
) -> None:
    _signed(database, published, count)
    client.get("/statements/stop-the-request")  # renders the frozen text
    statement_is_new: dict[str, Any] = {"kept_pages": KeptPages(database), "remembered": {}}
    names_are_opened = 1 if count else 0
    for nothing_kept, most in ((statement_is_new, 9 + names_are_opened), ({"kept_pages": KeptPages(database)}, 2)):
        exchange(app, **nothing_kept)  # otherwise the page is not rendered again
        queries.clear()
        client.get("/statements/stop-the-request")
        pages = [query for query in queries if query.startswith("SELECT") and "reader_mark" not in query]
        assert len(pages) == most


def test_frozen_text_is_rendered_once(
    app: Flask, client: FlaskClient, database: Database, published: PublishedStatement, queries: list[str]
) -> None:
    path = f"/statements/{published.statement.slug}"
    client.get(path)
    exchange(app, kept_pages=KeptPages(database), remembered={})
    queries.clear()
    client.get(path)
    assert queries
    assert not any("version_texts.summary" in query or "demands.text" in query for query in queries)


def test_campaign_tells_its_case(client: FlaskClient, published: PublishedStatement) -> None:
    text = client.get(f"/campaigns/{published.campaign.slug}").text
    assert "<em>about</em>" in text
    assert '<time datetime="2013">2013</time>' in text
    assert '<time datetime="2019-10-01">1 October 2019</time>' in text
    assert "Example Foundation" in text
    assert "Stop the abusive request" in text


def test_campaign_without_an_opened_statement_is_not_found(
    client: FlaskClient, database: Database, published: PublishedStatement
) -> None:
    with database.writing() as session:
        session.merge(published.campaign).published_at = None
    assert client.get(f"/campaigns/{published.campaign.slug}").status_code == 404
