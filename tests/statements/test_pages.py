"""The list, a new statement, its overview, languages, addressees and settings at the desk."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import event

from app.campaigns.states import Role
from app.statements import queries
from app.statements.states import NameOrder, StatementKind
from tests.factories.institutions import make_institution
from tests.factories.statements import make_annex, make_statement
from tests.statements.desks import Desk, shown, sit_down, value_of

SETTINGS = {
    "kind": "letter",
    "slug": "an-open-letter",
    "language": "en",
    "deadline_on": "2099-03-31",
    "deadline_time": "18:00",
    "deadline_zone": "Europe/Warsaw",
    "goal": "500",
    "contact_name": "Anna Nowak",
    "contact_email": "anna@example.org",
}


@pytest.fixture
def desk(app: Flask) -> Desk:
    return sit_down(app)


def queries_of(desk: Desk, path: str) -> int:
    counted: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *seen: counted.append(seen[2]))
    assert desk.client.get(path).status_code == 200
    return len([statement for statement in counted if statement.startswith("SELECT")])


def addressees(desk: Desk) -> list[str]:
    with desk.app.app_context(), desk.database.reading() as session:
        version = queries.version_of(session, desk.stored(session))
        return [row.name for row in queries.addressees_of(session, version.id)]


def test_list_statements_shows_title_kind_and_state(desk: Desk) -> None:
    page = desk.client.get(f"/desk/campaigns/{desk.campaign}/statements")
    for words in ("Stop abusive requests", "Joint statement", "Drafting", "Write a statement"):
        assert words in shown(page)


def test_list_statements_takes_as_many_queries_for_one_as_for_twenty(desk: Desk) -> None:
    path = f"/desk/campaigns/{desk.campaign}/statements"
    desk.client.get(path)
    few = queries_of(desk, path)
    with desk.app.app_context(), desk.database.writing() as session:
        campaign = desk.stored(session).campaign_id
        for _ in range(19):
            make_statement(session, None).campaign_id = campaign
    assert desk.client.get(path).text.count('class="card"') == 20
    # Each listener that is added stays, so the second count holds every query twice.
    assert queries_of(desk, path) == few
    assert few <= 6


def test_overview_takes_as_many_queries_with_many_parts(desk: Desk) -> None:
    desk.get()
    few = queries_of(desk, desk.path())
    with desk.app.app_context(), desk.database.writing() as session:
        for _ in range(10):
            make_annex(session, desk.stored(session))
    assert queries_of(desk, desk.path()) == few
    assert few <= 18


def test_new_statement_begins_with_its_text(desk: Desk) -> None:
    path = f"/desk/campaigns/{desk.campaign}/statements/new"
    assert desk.client.get(path).status_code == 200
    answer = desk.client.post(path, data={"title": "Ми вимагаємо", "kind": "letter", "language": "uk"})
    assert answer.status_code == 303
    page = desk.client.get(answer.location)
    assert value_of(page, "title") == "Ми вимагаємо"
    assert 'lang="uk"' in page.text


def test_new_statement_explains_what_is_missing_and_keeps_the_rest(desk: Desk) -> None:
    path = f"/desk/campaigns/{desk.campaign}/statements/new"
    page = desk.client.post(path, data={"title": "A title", "language": "fa"})
    assert page.status_code == 422
    assert "Choose what the text calls itself." in shown(page)
    assert value_of(page, "title") == "A title"
    assert re.search(r'<option selected value="fa"', page.text)


def test_overview_of_a_new_statement_says_what_to_do(desk: Desk) -> None:
    path = f"/desk/campaigns/{desk.campaign}/statements/new"
    text = desk.client.post(path, data={"title": "Fresh", "kind": "appeal", "language": "en"}).location
    page = desk.client.get(text.partition("/text/")[0])
    for words in ("The text is empty", "addressed to nobody", "Cannot start yet", "Complete the steps above first"):
        assert words in shown(page)


def test_overview_of_a_complete_draft_leads_to_opening(desk: Desk) -> None:
    page = desk.get()
    assert page.text.count("Completed") >= 4
    assert f'href="{desk.path("/open")}"' in page.text


def test_overview_of_an_open_statement_shows_its_hash_and_public_page(app: Flask) -> None:
    desk = sit_down(app, opened=True)
    page = desk.get()
    with app.app_context(), desk.database.reading() as session:
        statement = desk.stored(session)
        (row,) = queries.languages_of(session, statement.current_version_id or 0)
        assert f'href="/statements/{statement.slug}"' in page.text
    assert (row.sha256 or "")[:8] in page.text


def test_language_is_added_and_removed(desk: Desk) -> None:
    answer = desk.post("/languages", language="ar")
    assert answer.location.endswith("/text/ar")
    assert "العربية" in desk.get("/languages").text
    assert "The whole text in this language is lost" in shown(desk.get("/languages?remove=ar"))
    assert desk.post("/languages", remove="ar").status_code == 303
    assert desk.get("/text/ar").status_code == 404


def test_language_that_is_none_is_refused(desk: Desk) -> None:
    page = desk.post("/languages", language="xx")
    assert page.status_code == 422
    assert 'href="#language"' in page.text


def test_addressees_are_added_moved_and_removed(app: Flask, desk: Desk) -> None:
    with app.app_context(), desk.database.writing() as session:
        other = make_institution(session, "Ministry of Justice").public_id
    first = addressees(desk)[0]
    assert "Ministry of Justice" in shown(desk.get("/addressees"))
    desk.post("/addressees", do="add", institution=other)
    assert addressees(desk) == [first, "Ministry of Justice"]
    desk.post("/addressees", do=f"up:{other}")
    assert addressees(desk) == ["Ministry of Justice", first]
    desk.post("/addressees", do=f"remove:{other}")
    assert addressees(desk) == [first]


def test_addressee_that_is_none_is_refused(desk: Desk) -> None:
    before = addressees(desk)
    assert desk.post("/addressees", do="add", institution="nonsense").status_code == 422
    assert addressees(desk) == before


def test_settings_are_saved_with_the_deadline_in_its_zone(desk: Desk) -> None:
    assert desk.post("/settings", **SETTINGS).status_code == 303
    with desk.app.app_context(), desk.database.reading() as session:
        statement = desk.stored(session)
        assert (statement.kind, statement.goal) == (StatementKind.LETTER, 500)
        assert queries.slug_of(session, statement) == "an-open-letter"
        assert statement.deadline_at == datetime(2099, 3, 31, 16, 0, tzinfo=UTC)
        assert queries.contact_of(session, statement) == queries.ReplyContact("Anna Nowak", "anna@example.org")
    page = desk.get("/settings")
    saved = {name: value_of(page, name) for name in ("deadline_on", "deadline_time", "slug", "goal", "contact_email")}
    assert saved == {
        "deadline_on": "2099-03-31", "deadline_time": "18:00", "slug": "an-open-letter", "goal": "500",
        "contact_email": "anna@example.org",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "bad", "words"),
    [
        ("slug", "Not A Slug", "small letters"),
        ("slug", "-x", "small letters"),
        ("slug", "", "Enter an address"),
        ("goal", "many", "whole number"),
        ("goal", "0", "1 to 10,000,000"),
        ("contact_email", "anna@example", "not a complete e-mail address"),
        ("contact_name", "Anna\r\nBcc: x@example.org", "line break"),
        ("deadline_on", "2001-01-01", "already passed"),
        ("deadline_time", "25:99", "This is not a time"),
    ],
)
def test_bad_settings_name_the_field_and_keep_what_was_typed(desk: Desk, field: str, bad: str, words: str) -> None:
    page = desk.post("/settings", **SETTINGS | {field: bad})
    assert page.status_code == 422
    assert words in shown(page)
    assert f'href="#{field}"' in page.text
    assert value_of(page, "contact_name") == (bad if field == "contact_name" else "Anna Nowak")
    with desk.app.app_context(), desk.database.reading() as session:
        assert desk.stored(session).goal is None


def test_slug_of_another_statement_is_refused(app: Flask, desk: Desk) -> None:
    with app.app_context(), desk.database.writing() as session:
        taken = make_statement(session).slug
    page = desk.post("/settings", **SETTINGS | {"slug": taken})
    assert page.status_code == 422
    assert "Choose another ending" in shown(page)


def test_time_that_the_clocks_jump_over_is_refused(desk: Desk) -> None:
    skipped = {"deadline_on": "2099-03-29", "deadline_time": "02:30", "deadline_zone": "Europe/Warsaw"}
    page = desk.post("/settings", **SETTINGS | skipped)
    assert page.status_code == 422
    assert "clocks are put forward" in shown(page)


@pytest.mark.parametrize("opened", [False, True])
def test_the_order_of_the_names_is_chosen_at_any_time(app: Flask, opened: bool) -> None:
    desk = sit_down(app, opened=opened)
    assert re.search('<input[^>]* checked [^>]*value="day"', desk.get("/settings").text)
    assert desk.post("/settings", **SETTINGS, name_order="family").status_code == 303
    assert desk.post("/settings", **SETTINGS).status_code == 303
    with app.app_context(), desk.database.reading() as session:
        assert desk.stored(session).name_order is NameOrder.FAMILY, "a form that says nothing of it changes nothing"
    assert desk.post("/settings", **SETTINGS, name_order="sideways").status_code == 422


def test_open_statement_changes_only_goal_and_contact(app: Flask) -> None:
    desk = sit_down(app, opened=True)
    page = desk.get("/settings")
    assert 'name="slug"' not in page.text
    assert desk.post("/settings", **SETTINGS).status_code == 303
    with app.app_context(), desk.database.reading() as session:
        statement = desk.stored(session)
        assert (statement.goal, statement.kind) == (500, StatementKind.STATEMENT)
        assert statement.slug != "an-open-letter"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER, Role.COORDINATOR])
def test_only_editors_change_a_draft(app: Flask, role: Role) -> None:
    desk = sit_down(app, role)
    for tail in ("/languages", "/addressees", "/settings"):
        assert desk.post(tail, do="add", **SETTINGS).status_code == 403
        assert desk.get(tail).status_code == (403 if tail == "/settings" else 200)
    assert desk.get().status_code == 200


def test_new_statement_is_for_editors(app: Flask) -> None:
    desk = sit_down(app, Role.VIEWER)
    assert desk.client.get(f"/desk/campaigns/{desk.campaign}/statements/new").status_code == 403
    assert "Write a statement" not in shown(desk.client.get(f"/desk/campaigns/{desk.campaign}/statements"))
