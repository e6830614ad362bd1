"""What is typed while a session ends comes back to its writer, and to nobody else; it is never sent by itself."""

from __future__ import annotations

import html
import io
import logging
import re
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.models import Organiser
from app.base import clock
from app.base.database import Base
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from tests.architecture import rows
from tests.architecture.forms_in_pages import forms_in
from tests.factories.accounts import PASSWORD, make_organiser, sign_in
from tests.factories.campaigns import make_member
from tests.statements.desks import Desk, shown, sit_down, value_of

WORDS = "What Olena & <others> told us"
TYPED = {"title": WORDS, "summary": "S" * 50, "body": "First.\r\n\r\nSecond \U0001d11e “quoted”.", "revision": "2"}


@pytest.fixture
def desk(app: Flask) -> Desk:
    """An owner at a draft; both they and a colleague can sign in."""
    desk = sit_down(app)
    with app.app_context(), desk.database.writing() as session:
        session.execute(
            update(Organiser).values(password_hash=make_organiser(session, with_password=True).password_hash)
        )
    return desk


def writer_of(desk: Desk) -> tuple[str, str]:
    """Return the writer's address and the mark of their form."""
    page = desk.get("/text/en")
    mark = value_of(page, "typed_by")
    account = desk.client.get("/desk/account").text
    found = re.search(r"organiser\d+@coalition\.example\.org", account)
    assert found is not None
    return found[0], mark


def interrupted(desk: Desk, tail: str = "/text/en", **fields: object) -> TestResponse:
    """Send a form after this browser's session has ended."""
    desk.client.delete_cookie("undersigned")
    return desk.post(tail, **fields)


def answered(desk: Desk, page: TestResponse, email: str, password: str = PASSWORD, **other: str) -> TestResponse:
    """Fill the sign-in page in and send it to where it goes."""
    (form,) = forms_in(page.text, page.request.path)
    given = {each.name: each.value for each in form.inputs} | {"email": email, "password": password} | other
    return desk.client.post(form.action, data=given)


def test_text_comes_back_in_its_fields_and_is_saved_when_it_is_sent_again(app: Flask, desk: Desk) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    email, mark = writer_of(desk)
    before = desk.text()
    page = interrupted(desk, **TYPED, do="save", typed_by=mark, csrf_token="old")
    assert (page.status_code, page.headers["Cache-Control"]) == (401, "no-store")
    assert html.escape(WORDS) not in page.text
    back = answered(desk, page, email)
    assert "You were signed out while you were writing" in shown(back)
    assert {name: value_of(back, name) for name in TYPED} == TYPED | {"body": TYPED["body"].replace("\r", "")}
    assert desk.text() == before
    again = {name: value_of(back, name) for name in (*TYPED, "csrf_token", "typed_by")}
    assert desk.post("/text/en", **again, do="save").status_code == 303
    assert desk.text().title == WORDS


def test_session_idle_too_long_keeps_what_was_typed(desk: Desk) -> None:
    email, mark = writer_of(desk)
    clock.freeze(clock.now())
    clock.advance(hours=3)
    page = desk.post("/text/en", **TYPED, do="save", typed_by=mark)
    assert page.status_code == 401
    assert value_of(answered(desk, page, email), "title") == WORDS


def test_wrong_password_loses_nothing(desk: Desk) -> None:
    email, mark = writer_of(desk)
    page = interrupted(desk, **TYPED, typed_by=mark)
    page = answered(desk, page, email, "not the password")
    assert (page.status_code, "do not go together" in page.text) == (422, True)
    assert value_of(answered(desk, page, email), "title") == WORDS


def test_page_that_came_back_can_be_loaded_again(desk: Desk) -> None:
    """A reload sends the sign-in form again: the session holds, and the form is shown once more."""
    email, mark = writer_of(desk)
    page = interrupted(desk, **TYPED, typed_by=mark)
    for _load in range(2):
        assert value_of(answered(desk, page, email), "title") == WORDS


def test_who_signed_in_in_another_tab_is_not_asked_for_the_password(app: Flask, desk: Desk) -> None:
    email, mark = writer_of(desk)
    page = interrupted(desk, **TYPED, typed_by=mark)
    assert desk.client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    assert value_of(answered(desk, page, "", ""), "title") == WORDS


def test_somebody_else_is_neither_shown_it_nor_signed_in(app: Flask, desk: Desk) -> None:
    email, mark = writer_of(desk)
    with app.app_context(), desk.database.writing() as session:
        other = make_organiser(session, email="other@example.org", with_password=True)
        make_member(session, session.scalars(select(Campaign)).one(), Role.EDITOR, other)
    page = interrupted(desk, **TYPED, typed_by=mark)
    refused = answered(desk, page, "other@example.org")
    assert (refused.status_code, "typed with another account" in refused.text) == (403, True)
    assert html.escape(WORDS) not in refused.text
    assert desk.client.get("/desk/account").status_code == 303
    assert value_of(answered(desk, refused, email), "title") == WORDS


def test_form_that_is_sent_under_another_account_waits_for_its_writer(app: Flask, desk: Desk) -> None:
    """In another tab somebody else signed in: nothing is saved in their name, and nothing is lost."""
    email, mark = writer_of(desk)
    before = desk.text()
    with app.app_context(), desk.database.writing() as session:
        other = make_organiser(session, email="other@example.org", with_password=True)
        make_member(session, session.scalars(select(Campaign)).one(), Role.EDITOR, other)
    sign_in(desk.client, app, other)
    page = desk.post("/text/en", **TYPED, do="save", typed_by=mark)
    assert (page.status_code, "typed with another account" in page.text) == (403, True)
    assert html.escape(WORDS) not in page.text
    assert value_of(answered(desk, page, email), "title") == WORDS
    assert desk.text() == before


@pytest.mark.parametrize("change", ["", "x", "AAAA", "cut", "flip", "é"])
def test_altered_seal_is_refused(desk: Desk, change: str) -> None:
    email, mark = writer_of(desk)
    page = interrupted(desk, **TYPED, typed_by=mark)
    sealed = value_of(page, "kept")
    flipped = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    altered = {"cut": sealed[:-8], "flip": flipped}.get(change, change)
    answer = answered(desk, page, email, kept=altered)
    assert (answer.status_code, "came incomplete" in answer.text) == (422, True)
    assert desk.client.get("/desk/account").status_code == 303


def test_seal_opens_at_its_own_address_only(desk: Desk) -> None:
    email, mark = writer_of(desk)
    sealed = value_of(interrupted(desk, **TYPED, typed_by=mark), "kept")
    given = {"kept": sealed, "email": email, "password": PASSWORD}
    for elsewhere in (desk.path("/settings"), "/desk/account", desk.path("/text/de")):
        assert desk.client.post(elsewhere, data=given).status_code == 422
    assert "kept" not in desk.client.post("/sign-in", data={"kept": sealed}).text


def test_sealed_words_decide_nothing(desk: Desk) -> None:
    """A consent to something that can't be taken back comes back as a question, whatever its box said."""
    email, mark = writer_of(desk)
    before = rows.contents(desk.database.engine, Base.metadata)
    back = answered(desk, interrupted(desk, "/withdraw", understood="y", typed_by=mark), email)
    assert "You were signed out while you were writing" in shown(back)
    after = rows.contents(desk.database.engine, Base.metadata)
    written = set(rows.changed_tables(before, after))
    # A mail tells that this browser is a new one.
    assert written <= {"audit_entries", "mails", "organiser_sessions", "organisers", "throttles"}


def test_way_back_leads_nowhere_else(desk: Desk) -> None:
    """The page goes to its own address, whatever the form or the address bar said of another."""
    email, mark = writer_of(desk)
    desk.client.delete_cookie("undersigned")
    path = desk.path("/text/en") + "?next=https://evil.example/desk"
    page = desk.client.post(path, data=TYPED | {"typed_by": mark, "next": "https://evil.example"})
    (form,) = forms_in(page.text, path)
    assert form.action == path
    back = answered(desk, page, email, next="https://evil.example")
    assert back.status_code == 422
    assert "Location" not in back.headers


def test_passwords_do_not_travel(desk: Desk) -> None:
    email, mark = writer_of(desk)
    desk.client.delete_cookie("undersigned")
    data = {"current_password": PASSWORD, "password": "eleven herons on a roof", "name": WORDS, "typed_by": mark}
    page = desk.client.post("/desk/account/password", data=data)
    back = answered(desk, page, email)
    for text in (page.text, back.text):
        assert PASSWORD not in text
        assert "eleven herons" not in text


def test_chosen_file_has_to_be_chosen_again(desk: Desk) -> None:
    email, mark = writer_of(desk)
    desk.client.delete_cookie("undersigned")
    data = {"title": "My title", "file": (io.BytesIO(b"%PDF-"), "report.pdf"), "typed_by": mark}
    page = desk.client.post(desk.path("/annexes/upload"), data=data)
    assert "The file has to be chosen again" in shown(page)
    assert value_of(answered(desk, page, email), "title") == "My title"


def test_what_is_too_long_to_travel_is_shown_to_be_copied(desk: Desk) -> None:
    _email, mark = writer_of(desk)
    noise = "".join(map(chr, Random(1).choices(range(0x4E00, 0x9FA0), k=640_000)))  # noise can't be packed smaller
    page = interrupted(desk, body=noise, title="The title", typed_by=mark)
    assert (page.status_code, 'name="kept"' in page.text) == (401, False)
    assert noise in page.text
    assert "too long to come back by itself" in shown(page)


def test_other_sites_can_not_put_words_into_a_page(desk: Desk) -> None:
    desk.client.delete_cookie("undersigned")
    page = desk.client.post(desk.path("/text/en"), data=TYPED, headers={"Origin": "https://elsewhere.example"})
    assert (page.status_code, html.escape(WORDS) in page.text, 'name="kept"' in page.text) == (403, False, False)


def test_lapsed_sign_in_page_keeps_what_was_typed(app: Flask, desk: Desk) -> None:
    """Its own mark belongs to a cookie that has gone."""
    app.config["WTF_CSRF_ENABLED"] = True
    email, mark = writer_of(desk)
    page = interrupted(desk, **TYPED, typed_by=mark)
    desk.client.delete_cookie("undersigned")
    page = answered(desk, page, email)
    assert page.status_code == 400
    assert value_of(answered(desk, page, email), "title") == WORDS


def test_role_that_changed_between_looking_and_sending_loses_nothing(app: Flask, desk: Desk) -> None:
    _email, mark = writer_of(desk)
    with app.app_context(), desk.database.writing() as session:
        stranger = make_organiser(session)
    sign_in(desk.client, app, stranger)
    own = value_of(desk.client.get("/desk/account"), "typed_by")
    page = desk.post("/text/en", **TYPED, do="save", typed_by=own)
    assert page.status_code == 404
    assert "It was not saved. Copy from here" in shown(page)
    assert WORDS in html.unescape(page.text)
    assert mark not in page.text


def test_nothing_of_it_is_stored_or_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    email, mark = writer_of(desk)
    before = rows.contents(desk.database.engine, Base.metadata)
    with caplog.at_level(logging.DEBUG):
        page = interrupted(desk, **TYPED, typed_by=mark)
    assert rows.changed_tables(before, rows.contents(desk.database.engine, Base.metadata)) == []
    with caplog.at_level(logging.DEBUG):
        answered(desk, page, email)
    written = capfd.readouterr()
    assert "Olena" not in caplog.text + written.out + written.err
