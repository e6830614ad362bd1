"""Every link that is mailed opens its page although it came mangled, and looking at it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.actions import create_organiser, password_link
from app.base.database import Base, Database
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from tests.architecture import rows
from tests.factories.statements import make_statement
from tests.signatures.changing import change_url, wish
from tests.signatures.scene import invite

MANGLED: dict[str, Callable[[str], str]] = {
    **{f"with {tail} at its end": "{}".__add__(tail).format for tail in ".>),;/]'\"»。"},
    "quoted twice": lambda path: path + "%253E",
    "in capitals": str.upper,
    "in wide letters": lambda path: quote("".join(chr(ord(each) + 0xFEE0) for each in path).replace("／", "/")),
    "over two lines": lambda path: quote(f"{path[:40]}=\r\n{path[40:]}"),
    "in a sentence": lambda path: quote(f"{path}, thank you"),
}


@pytest.fixture
def mailed(app: Flask) -> dict[str, str]:
    """The address of each page that a link with a token leads to, by its rule."""
    guest, signer = invite(app), invite(app)
    signer.sign()
    wish(signer, "visibility", visibility="counted")
    with app.app_context(), parts_of(app).database.writing() as session:
        password = password_link(session, create_organiser(session, "system", "Ada Vereskova", "ada@example.org"))
        stop_news = make_token(session, LinkPurpose.UNSUBSCRIBE, signer.signatures()[0].public_id, 1)
        stop_reminders = make_token(session, LinkPurpose.STOP_REMINDERS, guest.invitation, 1)
    return {
        "/i/<token>": guest.url,
        "/i/<token>/<language>": f"{guest.url}/en",
        "/m/<token>": signer.manage_url(),
        "/m/changes/<token>": change_url(signer),
        "/m/<token>/withdraw": f"{signer.manage_url()}/withdraw",
        "/password/<token>": urlsplit(password).path,
        "/u/<token>": f"/u/{stop_news}",
        "/u/reminders/<token>": f"/u/reminders/{stop_reminders}",
    }


def _contents(app: Flask) -> object:
    database: Database = parts_of(app).database
    return rows.contents(database.engine, Base.metadata)


def test_every_page_behind_a_token_is_tried_here(app: Flask, mailed: dict[str, str]) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "<token>" in rule.rule and "GET" in (rule.methods or ())}
    assert mailed.keys() == rules


def test_mangled_links_open_their_page_and_change_nothing(
    app: Flask, client: FlaskClient, mailed: dict[str, str]
) -> None:
    before = _contents(app)
    for path in mailed.values():
        assert client.get(path).status_code == HTTPStatus.OK
        for how, mangle in MANGLED.items():
            answer = client.get(mangle(path))
            assert (how, path, answer.status_code) == (how, path, HTTPStatus.OK)
            assert answer.headers["Cache-Control"] == "no-store"
    assert _contents(app) == before


def test_a_mangled_link_can_be_acted_on(client: FlaskClient, mailed: dict[str, str]) -> None:
    """RFC 8058's one click comes from a mail program, which may not be redirected."""
    answer = client.post(mailed["/u/<token>"].upper() + "/", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == HTTPStatus.OK


@pytest.mark.parametrize("spoil", [lambda path: path[:-1], lambda path: path[:-1] + ("a" if path[-1] != "a" else "b")])
def test_what_is_broken_stays_broken_and_is_explained(
    client: FlaskClient, mailed: dict[str, str], spoil: Callable[[str], str]
) -> None:
    for rule in ("/i/<token>", "/m/<token>", "/password/<token>", "/u/<token>", "/u/reminders/<token>"):
        for tail in ("", "."):
            answer = client.get(spoil(mailed[rule]) + tail, follow_redirects=True)
            assert answer.status_code == HTTPStatus.NOT_FOUND
            assert "open the mail again and copy the whole link" in answer.text


def test_other_mailed_addresses_lose_what_follows_them(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        slug = make_statement(session).slug
    for tail in (").", "%3E", "/"):
        assert client.get(f"/statements/{slug}{tail}").location == f"/statements/{slug}"
    assert client.get("/nowhere.", follow_redirects=True).status_code == HTTPStatus.NOT_FOUND
    assert client.post("/nowhere.").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["//evil.example/.", "/%2Fevil.example.", "/%5Cevil.example.", "/i//evil.example/."])
def test_no_address_leads_elsewhere(client: FlaskClient, path: str) -> None:
    location = client.get(path).location or "/"
    assert not urlsplit(location).netloc or urlsplit(location).netloc == "localhost"
    assert not location.startswith(("//", "/\\"))
