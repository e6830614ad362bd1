"""Writing the text: nothing typed is ever lost, and only "Save" saves."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.statements.drafting import DraftText
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_member
from tests.factories.statements import BODY, DEMANDS, SUMMARY, TITLE
from tests.statements.desks import Desk, shown, sit_down, value_of

TYPED = {
    "title": "A new title",
    "summary": "A new summary.",
    "body": "A new body.\n\nWith **two** paragraphs.",
    "demands-0": "First demand.",
    "demands-1": "Second demand.",
    "revision": "2",
}
SAVED = DraftText(TITLE, SUMMARY, BODY, DEMANDS)
# A saved text goes through a browser and comes back unchanged in every one of these scripts.
SCRIPTS = [
    "نحن الموقعين أدناه",
    "ما امضاکنندگان، می‌خواهیم",
    "ჩვენ, ქვემოთ ხელისმომწერნი",
    "Մենք՝ ներքոստորագրյալներս",
    "हम, अधोहस्ताक्षरी, क्षत्रिय",
    "我们，以下署名人",
    "Chúng tôi, những người ký tên",
    "Ми, що нижче підписалися",
]


@pytest.fixture
def desk(app: Flask) -> Desk:
    return sit_down(app)


def test_edit_text_shows_what_is_saved(desk: Desk) -> None:
    page = desk.get("/text/en")
    assert page.status_code == 200
    assert [value_of(page, name) for name in ("title", "summary", "body")] == [TITLE, SUMMARY, BODY]
    assert value_of(page, "demands-1") == DEMANDS[1]


def test_save_keeps_the_text_and_says_so(desk: Desk) -> None:
    answer = desk.post("/text/en", **TYPED, do="save")
    assert answer.status_code == 303
    assert desk.text() == DraftText(
        "A new title", "A new summary.", "A new body.\n\nWith **two** paragraphs.", ("First demand.", "Second demand.")
    )
    assert "text is saved" in shown(desk.client.get(answer.location))


def test_save_says_which_characters_no_typeface_has_and_keeps_them(desk: Desk) -> None:
    answer = desk.post("/text/en", **TYPED | {"title": "Stop \U00012000", "demands-1": "\U00012009!"}, do="save")
    assert answer.status_code == 303
    assert (desk.text().title, desk.text().demands[1]) == ("Stop \U00012000", "\U00012009!")
    page = shown(desk.client.get(answer.location))
    assert "Title: PDFs will print numbers in the place of U+12000 CUNEIFORM SIGN A," in page
    assert "Demands: PDFs will print numbers in the place of U+12009 CUNEIFORM SIGN A2," in page
    assert "Summary: PDFs" not in page
    assert "PDFs will print" not in shown(desk.client.get(answer.location))


def test_double_click_on_save_is_no_conflict(desk: Desk) -> None:
    assert [desk.post("/text/en", **TYPED, do="save").status_code for _ in range(2)] == [303, 303]


def test_empty_demands_are_none(desk: Desk) -> None:
    desk.post("/text/en", **TYPED | {"demands-0": "  ", "demands-2": ""}, do="save")
    assert desk.text().demands == ("Second demand.",)


def test_every_script_comes_back_as_it_was_typed(desk: Desk) -> None:
    for revision, words in enumerate(SCRIPTS, 2):
        desk.post("/text/en", **TYPED | {"title": words, "body": words, "revision": str(revision)}, do="save")
        page = desk.get("/text/en")
        assert (value_of(page, "title"), value_of(page, "body")) == (words, words)


@pytest.mark.parametrize(
    ("field", "bad", "words"),
    [
        ("title", "", "Enter a title."),
        ("title", "x" * 201, "at most 200 fit"),
        ("body", "One\nTwo \x00", "Line 2 holds an invisible control character (U+0000)"),
        ("body", "x" * 100_001, "at most 100000 fit"),
        ("summary", "\u202eevil", "invisible control character (U+202E)"),
        ("demands-1", "\x07", "invisible control character"),
        ("demands-0", "x" * 3_001, "Demand 1 is 3001 characters long"),
    ],
)
def test_bad_input_names_the_field_and_loses_nothing(desk: Desk, field: str, bad: str, words: str) -> None:
    typed = TYPED | {field: bad}
    page = desk.post("/text/en", **typed, do="save")
    assert page.status_code == 422
    assert words in shown(page)
    assert 'href="#' + field in page.text
    for name, text in typed.items():
        assert value_of(page, name) == text
    assert desk.text() == SAVED


def test_too_many_demands_are_refused_and_kept(desk: Desk) -> None:
    many = {f"demands-{number}": f"Demand {number}" for number in range(31)}
    page = desk.post("/text/en", **TYPED | many, do="save")
    assert page.status_code == 422
    assert "At most 30 demands fit" in shown(page)
    assert value_of(page, "demands-30") == "Demand 30"


@pytest.mark.parametrize(
    ("do", "demands"),
    [
        ("add", ["First demand.", "Second demand.", ""]),
        ("remove:1", ["Second demand."]),
        ("up:2", ["Second demand.", "First demand."]),
        ("down:1", ["Second demand.", "First demand."]),
        ("up:1", ["First demand.", "Second demand."]),
        ("remove:9", ["First demand.", "Second demand."]),
        ("up:x", ["First demand.", "Second demand."]),
    ],
)
def test_rearranging_demands_keeps_what_was_typed_and_saves_nothing(desk: Desk, do: str, demands: list[str]) -> None:
    page = desk.post("/text/en", **TYPED, do=do)
    assert page.status_code == 200
    assert [value_of(page, f"demands-{number}") for number in range(len(demands))] == demands
    assert f'name="demands-{len(demands)}"' not in page.text
    assert value_of(page, "body") == TYPED["body"]
    assert "Nothing is saved yet" in shown(page)
    assert desk.text() == SAVED


def test_preview_shows_the_typed_text_and_saves_nothing(desk: Desk) -> None:
    page = desk.post("/text/en", **TYPED, do="preview")
    assert "<strong>two</strong>" in page.text
    assert value_of(page, "body") == TYPED["body"]
    assert desk.text() == SAVED


def test_hostile_markdown_is_harmless_in_the_preview(desk: Desk) -> None:
    hostile = "<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n<img src=x onerror=alert(1)>"
    desk.post("/text/en", **TYPED | {"title": "<b>bold</b>", "body": hostile, "demands-0": hostile}, do="save")
    for page in (desk.get("/preview/en"), desk.post("/text/en", **TYPED | {"body": hostile}, do="preview")):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert 'href="javascript' not in page.text
        assert "<b>bold" not in page.text


def test_second_editor_is_told_and_sees_both_texts(desk: Desk) -> None:
    desk.post("/text/en", **TYPED | {"body": "Theirs, and *shared* words.\n\nTheir last."}, do="save")
    page = desk.post("/text/en", **TYPED | {"body": "Mine, and *shared* words.\n\nMy last."}, do="save")
    assert page.status_code == 409
    assert "Somebody else saved this text" in shown(page)
    assert "<del>Theirs,</del><ins>Mine,</ins> and *shared* words." in page.text
    assert value_of(page, "body") == "Mine, and *shared* words.\n\nMy last."
    assert desk.text().body == "Theirs, and *shared* words.\n\nTheir last."


def test_second_editor_learns_who_was_quicker(app: Flask, desk: Desk) -> None:
    with app.app_context(), desk.database.writing() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.public_id == desk.campaign)).one()
        colleague = make_member(session, campaign, Role.EDITOR, make_organiser(session, "Anna Nowak"))
    hers = Desk(app, sign_in(app.test_client(), app, colleague), desk.campaign, desk.statement)
    hers.post("/text/en", **TYPED | {"title": "Hers"}, do="save")
    page = desk.post("/text/en", **TYPED, do="save")
    assert "Anna Nowak saved this text at" in shown(page)
    assert "You saved another text at" in shown(hers.post("/text/en", **TYPED, do="save"))


def test_second_editor_can_save_on_top_knowingly(desk: Desk) -> None:
    desk.post("/text/en", **TYPED | {"title": "Theirs"}, do="save")
    mine = TYPED | {"title": "Mine"}
    page = desk.post("/text/en", **mine, do="save")
    again = desk.post("/text/en", **mine | {"revision": value_of(page, "revision")}, do="save")
    assert again.status_code == 303
    assert desk.text().title == "Mine"


def test_mangled_revision_is_a_conflict_and_no_crash(desk: Desk) -> None:
    for revision in ("", "x", "²", "9" * 40, "-1"):
        assert desk.post("/text/en", **TYPED | {"revision": revision}, do="save").status_code == 409
    assert desk.text() == SAVED


def test_two_editors_pressing_save_at_the_same_moment(either_app: Flask) -> None:
    """A race over the whole way, from the form to the database: one is saved, the other sees both."""
    desk = sit_down(either_app)
    start = threading.Barrier(2)
    pages: dict[str, TestResponse] = {}

    def save(name: str) -> None:
        client = either_app.test_client()
        cookie = desk.client.get_cookie("undersigned")
        assert cookie is not None
        client.set_cookie("undersigned", cookie.value)
        start.wait(timeout=10)
        pages[name] = client.post(desk.path("/text/en"), data=TYPED | {"title": name, "do": "save"})

    threads = [threading.Thread(target=save, args=(name,)) for name in ("Anna", "Boris")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(page.status_code for page in pages.values()) == [303, 409]
    saved = next(name for name, page in pages.items() if page.status_code == 303)
    assert desk.text().title == saved
    loser = next(name for name, page in pages.items() if page.status_code == 409)
    assert value_of(pages[loser], "title") == loser
    assert saved in shown(pages[loser])


def test_form_of_an_old_session_can_be_sent_once_more(app: Flask, desk: Desk) -> None:
    """The old mark is not accepted, but the page that says so carries everything typed and a new mark."""
    app.config["WTF_CSRF_ENABLED"] = True
    page = desk.post("/text/en", **TYPED, do="save", csrf_token="of an old session")
    assert (page.status_code, "Nothing has been saved or sent yet" in shown(page)) == (422, True)
    assert desk.text() == SAVED
    again = {name: value_of(page, name) for name in (*TYPED, "csrf_token")}
    assert desk.post("/text/en", **again, do="save").status_code == 303
    assert desk.text().body == TYPED["body"]


def test_what_a_foreign_page_sends_is_not_shown_back(desk: Desk) -> None:
    desk.client.delete_cookie("undersigned")
    page = desk.client.post(desk.path("/text/en"), data=TYPED, headers={"Origin": "https://elsewhere.example"})
    assert TYPED["body"] not in page.text


def test_text_that_was_frozen_meanwhile_stays_in_the_form(desk: Desk, app: Flask) -> None:
    opened = sit_down(app, opened=True)
    page = opened.post("/text/en", **TYPED, do="save")
    assert page.status_code == 409
    assert value_of(page, "body") == TYPED["body"]
    assert "no longer a draft" in shown(page)
    assert opened.get("/text/en").status_code == 303


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.EDITOR, 200), (Role.COORDINATOR, 403), (Role.APPROVER, 403), (Role.VIEWER, 403)],
)
def test_only_those_who_write_reach_the_text(app: Flask, role: Role, status: int) -> None:
    desk = sit_down(app, role)
    assert desk.get("/text/en").status_code == status
    assert desk.post("/text/en", **TYPED, do="save").status_code == (303 if status == 200 else 403)
    assert desk.get("/preview/en").status_code == 200


def test_stranger_learns_nothing(app: Flask, desk: Desk) -> None:
    with app.app_context(), desk.database.writing() as session:
        stranger = make_organiser(session)
    client = sign_in(app.test_client(), app, stranger)
    for tail in ("", "/text/en", "/preview/en", "/open", "/annexes"):
        assert client.get(desk.path(tail)).status_code == 404


def test_language_without_a_text_is_not_found(desk: Desk) -> None:
    assert desk.get("/text/fr").status_code == 404
    assert desk.get("/preview/fr").status_code == 404
