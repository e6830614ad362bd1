"""Every response: headers, the origin check, error pages, crash logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from app.base.blueprints import welcomes_foreign_posts
from app.base.errors import Conflict, Gone, Refusal
from app.base.locales import file_size
from app.base.origins import own_origins
from app.web import CONTENT_SECURITY_POLICY, show_refusal
from config import Settings


@pytest.fixture
def route(app: Flask) -> Callable[..., None]:
    """Add a page that does what a function does."""

    def add(path: str, does: Callable[[], object], **options: object) -> None:
        app.add_url_rule(path, path.strip("/"), does, **options)  # type: ignore[arg-type]

    return add


def _raising(error: BaseException) -> Callable[[], object]:
    def view() -> object:
        raise error

    return view


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/static/undersigned.css"])
def test_every_response_has_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:  # a static file stays open until then
        headers = response.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/desk/nothing", "/i/token", "/m/token", "/c/token", "/sign-in"])
def test_pages_of_one_person_are_never_stored_or_indexed(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]


def test_missing_page_says_what_to_do_without_a_cookie(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "There is nothing here" in response.text
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Refusal("The deadline has passed."), 422, "The deadline has passed."),
        (Conflict("Somebody else saved it."), 409, "Somebody else saved it."),
        (Gone("This link was replaced."), 410, "This link was replaced."),
        (TooManyRequests(retry_after=60), 429, "Wait a few minutes"),
        (RequestEntityTooLarge(), 413, "Nothing was saved"),
    ],
)
def test_refusals_are_shown_in_words(
    client: FlaskClient, route: Callable[..., None], error: BaseException, status: int, words: str
) -> None:
    route("/refuse", _raising(error))
    response = client.get("/refuse")
    assert (response.status_code, words in response.text) == (status, True)


def test_user_text_in_a_refusal_is_escaped(client: FlaskClient, route: Callable[..., None]) -> None:
    route("/refuse", _raising(Refusal("<b>Bold</b>")))
    assert "<b>Bold" not in client.get("/refuse").text


def test_wrong_method_keeps_the_allow_header(client: FlaskClient) -> None:
    response = client.post("/healthz")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_api_is_refused_in_json_with_the_field(app: Flask) -> None:
    with app.test_request_context("/api/v1/statements"):
        response = app.make_response(show_refusal(Refusal("Too long.", field="title")))
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert response.json == {
        "type": "about:blank", "title": "We could not do this", "status": 422, "detail": "Too long.", "field": "title",
    }  # fmt: skip


def test_crash_is_explained_and_logged_without_path_or_message(
    app: Flask, client: FlaskClient, route: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    route("/i/secret-token", _raising(RuntimeError("Ana Example")))
    with caplog.at_level(logging.ERROR):
        response = client.get("/i/secret-token")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "RuntimeError at" in caplog.text
    assert "Ana Example" not in caplog.text + response.text


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_forms_from_another_site_are_refused(
    client: FlaskClient, route: Callable[..., None], headers: dict[str, str]
) -> None:
    route("/save", lambda: "saved", methods=["POST"])
    response = client.post("/save", headers=headers)
    assert response.status_code == 403
    assert "another site" in response.text


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_forms_of_our_own_are_let_through(
    client: FlaskClient, route: Callable[..., None], headers: dict[str, str]
) -> None:
    route("/save", lambda: "saved", methods=["POST"])
    assert client.post("/save", headers=headers).text == "saved"


def test_a_host_that_agrees_with_a_foreign_origin_is_no_proof(client: FlaskClient, route: Callable[..., None]) -> None:
    """A page at the attacker's name, whose name leads to our address, sends both; so does a proxy that believes it."""
    route("/save", lambda: "saved", methods=["POST"])
    headers = {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"}
    assert client.post("/save", headers=headers).status_code == 403
    assert client.post("/save", headers={**headers, "Origin": "http://localhost"}).text == "saved"


def test_house_knows_its_own_names_only(settings: Settings) -> None:
    named = replace(settings, public_url="https://Appeals.example.org", onion_url="http://appealsappeals.onion/")
    assert own_origins(named) == {"https://appeals.example.org", "http://appealsappeals.onion"}
    shown = replace(settings, public_url="http://127.0.0.1:8000", demonstration=True)
    assert own_origins(shown) == {"http://127.0.0.1:8000", "http://localhost:8000"}


def test_one_click_unsubscribe_may_come_from_elsewhere(client: FlaskClient, route: Callable[..., None]) -> None:
    @welcomes_foreign_posts
    def unsubscribe() -> str:
        return "done"

    route("/unsubscribe", unsubscribe, methods=["POST"])
    assert client.post("/unsubscribe", headers={"Origin": "https://mail.example"}).text == "done"


def test_style_sheet_is_kept_by_browsers_until_it_changes(client: FlaskClient) -> None:
    address = client.get("/nowhere").text.split('rel="stylesheet" href="')[1].split('"')[0]
    with client.get(address) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get("/static/undersigned.css?v=older") as response:
        assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(("size", "words"), [(1, "1 byte"), (99, "99 bytes"), (2_000, "2 kB"), (3_149_000, "3.1 MB")])
def test_sizes_of_files_are_said_in_words(app: Flask, size: int, words: str) -> None:
    with app.test_request_context():
        assert file_size(size).replace("\xa0", " ") == words
