"""Whatever refuses a form gives back the words in it, and nothing else of it."""

from __future__ import annotations

import html
import io
from collections.abc import Callable

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from wtforms import HiddenField, PasswordField, SelectField

from app.base import clock
from app.base.errors import Conflict, Forbidden, Gone, NotFound, Refusal, TooMany
from app.base.forms import Form, OneLine, Paragraphs
from app.base.parts import parts_of
from app.base.salvage import HEAD_BYTES
from app.statements import actions as statements
from app.statements.models import Statement
from tests.signatures.scene import invite
from tests.statements.desks import shown

TYPED = {
    "line": "Editor & <poet>",
    "words": "First line.\nSecond line.",
    "password": "seven lanterns under the bridge",
    "mark": "not a word of anybody",
    "choice": "one of the options",
}


class LetterForm(Form):
    """A form with every kind of field."""

    line = OneLine("Line beside the name")
    words = Paragraphs("Your reason")
    password = PasswordField("Password")
    mark = HiddenField()
    choice = SelectField("Choice")


@pytest.fixture
def refuse(own_app: Flask) -> Callable[[BaseException, bool], None]:
    """Let /refuse read its form, or not, and then fail."""

    def add(error: BaseException, reads_form: bool) -> None:
        def view() -> str:
            if reads_form:
                LetterForm(request.form)
            raise error

        own_app.add_url_rule("/refuse", "refuse", view, methods=["POST"])

    return add


@pytest.mark.parametrize(
    "error", [Refusal("No."), Conflict("No."), Forbidden("No."), NotFound("No."), Gone("No."), TooMany("No.")]
)
@pytest.mark.parametrize("reads_form", [True, False])
def test_refusal_gives_back_the_words(
    own_app: Flask, refuse: Callable[[BaseException, bool], None], error: Refusal, reads_form: bool
) -> None:
    refuse(error, reads_form)
    page = own_app.test_client().post("/refuse", data=TYPED)
    said = html.unescape(page.text)
    assert page.status_code == int(error.status)
    assert TYPED["line"] in said
    assert "<poet>" not in page.text
    assert f"\n{TYPED['words']}</textarea>" in page.text
    assert TYPED["password"] not in said
    if reads_form:
        assert "Line beside the name" in said
        assert TYPED["mark"] not in said
        assert TYPED["choice"] not in said


def test_crash_gives_back_the_words(own_app: Flask, refuse: Callable[[BaseException, bool], None]) -> None:
    own_app.config["PROPAGATE_EXCEPTIONS"] = False
    refuse(RuntimeError("boom"), True)
    page = own_app.test_client().post("/refuse", data=TYPED)
    assert (page.status_code, TYPED["line"] in html.unescape(page.text)) == (500, True)


def test_file_too_large_gives_back_what_was_typed_before_it(
    own_app: Flask, refuse: Callable[[BaseException, bool], None]
) -> None:
    refuse(Conflict("No."), True)
    own_app.config["MAX_CONTENT_LENGTH"] = 100_000
    own_app.add_url_rule("/upload", "upload", lambda: request.form["title"], methods=["POST"])
    file = (io.BytesIO(b"%" * (HEAD_BYTES + 10_000)), "report.pdf")
    data = {"title": "The report’s title", "password": "x", "file": file}
    page = own_app.test_client().post("/upload", data=data)
    assert page.status_code == 413
    assert "The report’s title" in html.unescape(page.text)
    assert "%%%%" not in page.text


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""])
def test_mangled_form_that_is_too_large_is_only_refused(own_app: Flask, kind: str) -> None:
    own_app.config["MAX_CONTENT_LENGTH"] = 1000
    own_app.add_url_rule("/upload", "upload", lambda: request.form["title"], methods=["POST"])
    body = b"--x\r\nnonsense" + b"\0" * 5000
    assert own_app.test_client().post("/upload", data=body, content_type=kind).status_code in {400, 413}


def test_words_of_another_site_are_nobodys(own_app: Flask, refuse: Callable[[BaseException, bool], None]) -> None:
    refuse(Conflict("No."), True)
    page = own_app.test_client().post("/refuse", data=TYPED, headers={"Origin": "https://elsewhere.example"})
    assert (page.status_code, "poet" in page.text) == (403, False)


def test_looking_at_an_address_shows_nothing_of_it(client: FlaskClient) -> None:
    assert "Tell me" not in client.get("/nowhere?words=Tell+me+your+name").text


def test_signatory_whose_statement_closed_meanwhile_keeps_their_reason(app: Flask) -> None:
    guest = invite(app)
    form = guest.form() | {"choice": "decline", "words": "I was never asked about the third demand."}
    with app.app_context(), parts_of(app).database.writing() as session:
        statements.close_statement(session, "test", session.get_one(Statement, guest.statement_id))
    page = guest.client.post(guest.url, data=form)
    assert page.status_code == 410
    assert "Signing is over" in shown(page)
    assert "I was never asked about the third demand." in shown(page)


def test_signatory_whose_form_lapsed_keeps_line_and_reason(app: Flask) -> None:
    guest = invite(app)
    form = guest.form() | {"choice": "ask change", "words": "Name the court.", "public_line": "Archivist, Kyiv"}
    clock.freeze(clock.now())
    clock.advance(days=8)
    page = guest.client.post(guest.url, data=form)
    assert page.status_code == 422
    assert "older than a week" in shown(page)
    assert 'value="Archivist, Kyiv"' in page.text
    assert "Name the court.</textarea>" in page.text


def test_signatory_whose_link_was_cut_keeps_what_was_typed(app: Flask) -> None:
    guest = invite(app)
    form = guest.form() | {"choice": "sign", "public_line": "Archivist, Kyiv"}
    page = guest.client.post(guest.url[:-3], data=form)
    assert page.status_code == 404
    assert "Archivist, Kyiv" in shown(page)
    assert form["form_token"] not in page.text
