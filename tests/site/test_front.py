"""What stands before the application answers exactly as it would, to everybody the same, and only what is kept."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app.base.database import Database
from app.base.parts import parts_of
from app.site.front import key_of, takes_gzip
from app.site.kept import FRESH_SECONDS, KeptPages
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.published import PublishedStatement, publish, sign

PATH = "/statements/stop-the-request"
KEPT = ("/", "/campaigns/stop-the-request-campaign", PATH, f"{PATH}/en", f"{PATH}/text", f"{PATH}/data.json",
        f"{PATH}/signatories", f"{PATH}/signatories?kind=people")  # fmt: skip
GZIP = {"Accept-Encoding": "br;q=1.0, gzip;q=0.8, *;q=0.1"}


@pytest.fixture
def published(app: Flask, database: Database) -> PublishedStatement:
    with app.app_context(), database.writing() as session:
        made = publish(session)
        sign(session, made, "Ana Example")
        return made


def _pages(app: Flask) -> KeptPages:
    found: KeptPages = parts_of(app).kept_pages
    return found


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", KEPT)
def test_first_answer_and_kept_ones_are_alike_in_every_form(app: Flask, client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again, head, zipped = client.get(path), client.head(path), client.get(path, headers=GZIP)
    assert len(_pages(app)._pages) == 1
    assert (again.data, again.headers) == (first.data, first.headers)
    assert (head.data, head.headers) == (b"", first.headers)
    assert gzip.decompress(zipped.data) == first.data
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(first.data)
    differ = {name for name, _value in {*zipped.headers} ^ {*first.headers}}
    assert differ == {"ETag", "Content-Length", "Content-Encoding"}
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert "Content-Security-Policy" in first.headers
    for seen in (first, zipped):
        for headers in ({}, GZIP):
            known = client.get(path, headers={"If-None-Match": f'"x", W/{seen.headers["ETag"]}', **headers})
            assert (known.status_code, known.data) == (304, b"")
            assert "Content-Type" not in known.headers
            assert known.headers["Vary"] == "Accept-Encoding"
            assert known.headers["Cache-Control"] == "no-cache"


@pytest.mark.usefixtures("published")
def test_cookies_change_nothing(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        somebody = make_organiser(session)
    organiser, stranger = sign_in(app.test_client(), app, somebody), app.test_client()
    for path in KEPT:
        told = organiser.get(path)
        assert "Set-Cookie" not in told.headers
        other = stranger.get(path, headers={"Cookie": "undersigned=nonsense; x=y"})
        assert (other.data, other.headers) == (told.data, told.headers)


@pytest.mark.usefixtures("published")
def test_nothing_but_a_get_or_head_of_a_kept_page_is_answered_here(app: Flask, client: FlaskClient) -> None:
    client.get(PATH)
    assert client.post(PATH).status_code == 405
    assert client.options(PATH).status_code == 200
    assert client.get(f"{PATH}/").status_code in {302, 404}
    for path in (f"{PATH}?x=%00", f"{PATH}/signatories?kind=cats", "/statements/nothing", f"{PATH}/xx"):
        assert client.get(path).status_code == 404
        assert client.get(path).status_code == 404
    assert {*_pages(app)._pages} == {PATH}
    with app.test_request_context(PATH):
        assert app.full_dispatch_request().status_code == 200


@pytest.mark.usefixtures("published")
def test_what_links_add_to_an_address_needs_no_page_of_its_own(app: Flask, client: FlaskClient) -> None:
    page = client.get(PATH).data
    for query in ("fbclid=abc", "utm_source=mail&utm_medium=x", "kin%64=", "&&=", "fbclid=" + "x" * 3000):
        assert client.get(f"{PATH}?{query}").data in {page, client.get(f"{PATH}?kind=").data}
    assert {*_pages(app)._pages} <= {PATH, f"{PATH}?"}
    people = client.get(f"{PATH}/signatories?kind=people").data
    assert client.get(f"{PATH}/signatories?k%69nd=people&kind=organisations&x=1").data == people
    assert client.get(f"{PATH}/signatories?kind=organisations&kind=people").data != people


@pytest.mark.usefixtures("published")
def test_addresses_that_are_made_up_fill_no_memory(app: Flask, client: FlaskClient) -> None:
    for path in (PATH, "/", f"{PATH}/text"):
        page = client.get(path)
        for number in range(3):
            slashes = {"PATH_INFO": f"{'/' * (number + 1)}{path}"}
            made_up = (client.get(f"{path}?kind={number}{'x' * 4000}"), client.get(environ_overrides=slashes))
            assert [each.data for each in made_up] == [page.data] * len(made_up)
    assert {*_pages(app)._pages} == {PATH, "/", f"{PATH}/text"}


@pytest.mark.usefixtures("published")
def test_path_with_a_question_mark_is_no_query(client: FlaskClient) -> None:
    assert client.get(f"{PATH}/signatories?kind=people").status_code == 200
    assert client.get(f"{PATH}/signatories%3Fpeople").status_code == 404


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({"PATH_INFO": "/a"}, "/a"),
        ({"PATH_INFO": "/a", "REQUEST_METHOD": "HEAD"}, "/a"),
        ({"PATH_INFO": "/a", "REQUEST_METHOD": "POST"}, None),
        ({"PATH_INFO": "/a", "SCRIPT_NAME": "/below"}, None),
        ({"PATH_INFO": "/a", "QUERY_STRING": "after=x"}, None),
        ({"PATH_INFO": "/a", "QUERY_STRING": "x=1&kind=people"}, "/a?people"),
        ({"PATH_INFO": "/a", "QUERY_STRING": "x=%00"}, None),
        ({"PATH_INFO": "/a", "QUERY_STRING": "kind=cats"}, None),
        ({"PATH_INFO": "/a?people"}, None),
        ({"PATH_INFO": "//a"}, None),
    ],
)
def test_key_says_what_is_asked_for(environ: dict[str, str], key: str | None) -> None:
    assert key_of({"REQUEST_METHOD": "GET", **environ}) == key


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("", False), ("gzip", True), ("deflate, br", False), ("gzip;q=0", False), ("*", True), ("br, gzip;q=0.1", True)],
)
def test_gzip_is_for_those_who_take_it(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.usefixtures("published")
def test_page_with_a_form_for_somebody_is_neither_kept_nor_compressed(app: Flask, client: FlaskClient) -> None:
    """What is compressed together with a secret tells of it by its length (BREACH)."""
    for path in ("/verify", f"{PATH}/link", "/sign-in", f"{PATH}/signatories.csv", "/healthz"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
    assert not _pages(app)._pages
    for path in KEPT:
        page = client.get(path).text
        assert not re.search(r'<input type="hidden"|method="post"|token', page), path


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "path", [*KEPT, f"{PATH}/signatories.csv", f"{PATH}/appeal.pdf", "/verify", "/statements/nothing"]
)
def test_no_answer_to_readers_varies_with_cookies(client: FlaskClient, path: str) -> None:
    assert "Cookie" not in client.get(path).headers.get("Vary", "")


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", [PATH, f"{PATH}/text"])
def test_answer_that_sets_a_cookie_later_is_a_whole_page_as_well(own_app: Flask, path: str) -> None:
    own_app.after_request(lambda answer: answer.set_cookie("x", "y") or answer if "cookie" in request.args else answer)
    client, pages = own_app.test_client(), _pages(own_app)
    first = client.get(path)
    at = pages.ticks() + FRESH_SECONDS
    pages.ticks = lambda: at
    answer = client.get(f"{path}?cookie")
    assert answer.headers["Set-Cookie"].startswith("x=y")
    assert (answer.data, answer.content_type) == (first.data, first.content_type)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.usefixtures("published")
def test_answer_that_sets_a_cookie_is_passed_on_as_it_is(own_app: Flask, database: Database) -> None:
    own_app.after_request(lambda response: response.set_cookie("x", "y") or response)
    client = own_app.test_client()
    for _time in range(2):
        answer = client.get(PATH)
        assert "Ana Example" in answer.text
        assert answer.headers["Set-Cookie"].startswith("x=y")
