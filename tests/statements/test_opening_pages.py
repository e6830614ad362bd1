"""Opening, extending, closing and withdrawing at the desk."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.base import clock
from app.campaigns.states import Role
from app.statements import queries
from app.statements.states import StatementState
from tests.statements.desks import Desk, shown, sit_down, value_of

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return sit_down(app)


def state_of(desk: Desk) -> StatementState:
    with desk.app.app_context(), desk.database.reading() as session:
        return desk.stored(session).state


def deadline_of(desk: Desk) -> datetime | None:
    with desk.app.app_context(), desk.database.reading() as session:
        return desk.stored(session).deadline_at


def shown_hashes(desk: Desk) -> dict[str, str]:
    page = desk.get("/open")
    return dict(re.findall(r'name="(sha256-[\w-]+)" value="([0-9a-f]{64})"', page.text))


def test_looking_at_the_opening_changes_nothing(desk: Desk) -> None:
    page = desk.get("/open")
    assert page.status_code == 200
    assert "people sign exactly these words" in shown(page)
    assert state_of(desk) is StatementState.DRAFTING


def test_hash_that_is_shown_is_the_hash_that_is_frozen(desk: Desk) -> None:
    hashes = shown_hashes(desk)
    assert desk.post("/open", **hashes, understood="y").status_code == 303
    with desk.app.app_context(), desk.database.reading() as session:
        version = queries.version_of(session, desk.stored(session))
        canonical = queries.canonical_of(session, version.id, "en")
    assert hashes == {"sha256-en": hashlib.sha256(canonical).hexdigest()}
    assert state_of(desk) is StatementState.OPEN


def test_bytes_that_are_shown_have_the_hash_that_is_shown(desk: Desk) -> None:
    page = desk.get("/open")
    shown_bytes = re.search(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)
    assert shown_bytes is not None
    typed = shown_bytes[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    assert hashlib.sha256(typed.encode()).hexdigest() == shown_hashes(desk)["sha256-en"]


def test_opening_needs_the_box_to_be_ticked(desk: Desk) -> None:
    page = desk.post("/open", **shown_hashes(desk))
    assert page.status_code == 422
    assert "Tick the box when you have read" in shown(page)
    assert state_of(desk) is StatementState.DRAFTING


def test_double_click_opens_once(desk: Desk) -> None:
    hashes = shown_hashes(desk)
    assert [desk.post("/open", **hashes, understood="y").status_code for _ in range(2)] == [303, 303]
    assert "The statement is open" in shown(desk.get())


def test_text_changed_after_the_page_was_shown_is_not_opened(desk: Desk) -> None:
    hashes = shown_hashes(desk)
    desk.post("/text/en", title="Changed", body="Changed.", revision="2", do="save")
    page = desk.post("/open", **hashes, understood="y")
    assert page.status_code == 409
    assert "changed after you opened this page" in shown(page)
    assert state_of(desk) is StatementState.DRAFTING
    assert desk.post("/open", **shown_hashes(desk), understood="y").status_code == 303


def test_opening_names_what_is_missing(app: Flask, desk: Desk) -> None:
    desk.post("/text/en", title="Title", body="", revision="2", do="save")
    page = desk.get("/open")
    assert "The text is empty. Write it first." in shown(page)
    assert '<button type="submit">Freeze' not in page.text
    assert desk.post("/open", understood="y").status_code == 422


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.COORDINATOR, 200), (Role.EDITOR, 403), (Role.APPROVER, 403), (Role.VIEWER, 403)],
)
def test_only_those_who_open_reach_it(app: Flask, role: Role, status: int) -> None:
    desk = sit_down(app, role)
    for tail in ("/open", "/deadline", "/close", "/withdraw"):
        assert desk.get(tail).status_code == status
        if status != 200:
            assert desk.post(tail, understood="y").status_code == status


def test_deadline_is_moved_later_in_its_zone(app: Flask) -> None:
    clock.freeze(NOON)
    desk = sit_down(app, opened=True, deadline_at=NOON + timedelta(days=1))
    fields = {"deadline_on": "2027-03-10", "deadline_time": "18:00", "deadline_zone": "Asia/Almaty"}
    assert desk.post("/deadline", **fields).status_code == 303
    assert deadline_of(desk) == datetime(2027, 3, 10, 13, 0, tzinfo=UTC)
    assert "10 March 2027, 18:00 in Almaty (13:00 UTC)" in shown(desk.get())


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2027-03-01", "10:00", "already passed"),
        ("2027-03-02", "09:00", "choose a later moment"),
        ("", "", "Enter the day"),
        ("10.3.2027", "18:00", "This is not a day"),
        ("2027-03-10", "evening", "This is not a time"),
        ("0027-03-10", "18:00", "four digits"),
        ("", "18:00", "Enter the day as well"),
    ],
)
def test_deadline_that_can_not_be_is_refused(app: Flask, day: str, time: str, words: str) -> None:
    clock.freeze(NOON)
    before = NOON + timedelta(days=1)
    desk = sit_down(app, opened=True, deadline_at=before)
    page = desk.post("/deadline", deadline_on=day, deadline_time=time, deadline_zone="UTC")
    assert page.status_code == 422
    assert words.lower() in shown(page).lower()
    assert value_of(page, "deadline_time") == time
    assert deadline_of(desk) == before


def test_passed_deadline_is_shown_before_anybody_closes_it(app: Flask) -> None:
    clock.freeze(NOON)
    desk = sit_down(app, opened=True, deadline_at=NOON + timedelta(hours=1))
    clock.advance(hours=1)
    assert "The deadline has passed, so nobody can sign any more" in shown(desk.get())
    assert "Deadline passed" in shown(desk.client.get(f"/desk/campaigns/{desk.campaign}/statements"))
    assert state_of(desk) is StatementState.OPEN


def test_closing_asks_first_and_then_closes(app: Flask) -> None:
    desk = sit_down(app, opened=True)
    assert desk.get("/close").status_code == 200
    assert desk.post("/close").status_code == 422
    assert state_of(desk) is StatementState.OPEN
    assert "Open until" in shown(desk.get())
    assert [desk.post("/close", understood="y").status_code for _ in range(2)] == [303, 303]
    assert state_of(desk) is StatementState.CLOSED
    assert "Open until" not in shown(desk.get())


def test_withdrawing_explains_what_it_means(app: Flask) -> None:
    desk = sit_down(app, opened=True)
    assert "can’t be brought back" in shown(desk.get("/withdraw"))
    assert desk.post("/withdraw", understood="y").status_code == 303
    assert state_of(desk) is StatementState.WITHDRAWN
    assert desk.get().status_code == 200


def test_closed_statement_is_not_withdrawn(app: Flask) -> None:
    desk = sit_down(app, closed=True)
    assert "Only a draft or an open statement" in shown(desk.get("/withdraw"))
    assert desk.post("/withdraw", understood="y").status_code == 409
