"""Whoever holds a text can ask what it is."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import Database
from app.site.forms import hashes_of_pasted
from app.statements.states import StatementState
from tests.factories.published import REPORT, PublishedStatement, publish

NONE = "Nothing published here has this SHA-256"


@pytest.fixture
def published(app: Flask, database: Database) -> PublishedStatement:
    with app.app_context(), database.writing() as session:
        return publish(session)


def test_hash_of_a_published_text_is_known(client: FlaskClient, published: PublishedStatement) -> None:
    text = client.get(f"/verify?sha256={published.sha256['en'].upper()}").text
    assert "It is version 1 of this statement" in text
    assert 'href="/statements/stop-the-request"' in text


def test_hash_of_an_annex_is_known(client: FlaskClient, published: PublishedStatement) -> None:
    assert "It is an annex to version 1" in client.get(f"/verify?sha256={published.annex.sha256}").text


@pytest.mark.usefixtures("published")
def test_unknown_hash_is_said_to_be_unknown(client: FlaskClient) -> None:
    assert NONE in client.get("/verify?sha256=" + "0" * 64).text


def test_draft_is_unknown(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        draft = publish(session, state=StatementState.DRAFTING)
    assert NONE in client.get(f"/verify?sha256={draft.sha256['en']}").text


@pytest.mark.parametrize("asked", ["abc", "g" * 64, "0" * 65])
def test_what_is_no_hash_is_refused_in_words(client: FlaskClient, asked: str) -> None:
    response = client.get("/verify", query_string={"sha256": asked})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert asked in response.text  # nothing typed is lost


def test_pasted_text_is_recognised_although_browsers_change_line_ends(
    client: FlaskClient, published: PublishedStatement
) -> None:
    exact = client.get("/statements/stop-the-request/text").text
    pasted = exact.rstrip("\n").replace("\n", "\r\n")
    response = client.post("/verify", data={"pasted": pasted})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/verify?sha256={published.sha256['en']}"
    assert "Set-Cookie" not in response.headers


def test_uploaded_file_is_recognised(client: FlaskClient, published: PublishedStatement) -> None:
    upload = {"document": (io.BytesIO(REPORT.encode()), "anything.bin")}
    response = client.post("/verify", data=upload, content_type="multipart/form-data")
    assert response.headers["Location"].endswith(published.annex.sha256)


def test_nothing_pasted_is_refused_in_words(client: FlaskClient) -> None:
    response = client.post("/verify", data={"pasted": "  "})
    assert response.status_code == 422
    assert "Paste a SHA-256 or a text, or choose a file." in response.text


@pytest.mark.parametrize(
    "pasted", ["ab" * 32, "AB" * 32, f"{'ab' * 32}  text", " ".join(["abababab"] * 8), f"{'ab' * 16}\n{'ab' * 16}"]
)
def test_hash_is_read_however_it_was_copied(pasted: str) -> None:
    assert hashes_of_pasted(pasted) == ["ab" * 32]
