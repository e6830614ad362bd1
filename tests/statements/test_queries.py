"""Reading statements: what is open, what is held open, what stands in lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.statements import actions, drafting, queries
from app.statements.states import NoSuchAnnex, NoSuchStatement, NoSuchText, StatementClosed, StatementState
from tests.factories.campaigns import make_campaign
from tests.factories.statements import ACTOR, BODY, DEMANDS, TITLE, make_annex, make_statement
from tests.statements.races import Race

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def test_statement_is_found_by_slug_and_public_id(session: Session) -> None:
    statement = make_statement(session)
    assert queries.statement_by_slug(session, statement.slug) is statement
    assert queries.statement_by_public_id(session, statement.public_id) is statement
    assert queries.statement_by_id(session, statement.id) is statement
    with pytest.raises(NoSuchStatement):
        queries.statement_by_slug(session, "nonsense")


def test_text_of_brings_its_demands(session: Session) -> None:
    version = queries.version_of(session, make_statement(session))
    text = queries.text_of(session, version.id, "en")
    assert (text.title, text.body) == (TITLE, BODY)
    assert queries.demands(session, version.id, "en") == list(DEMANDS)
    with pytest.raises(NoSuchText):
        queries.text_of(session, version.id, "fr")


def test_languages_of_begins_with_the_authoritative_one(session: Session) -> None:
    statement = make_statement(session, opened=False, language="uk")
    for language in ("ar", "en"):
        drafting.add_language(session, ACTOR, statement, language)
    rows = queries.languages_of(session, queries.version_of(session, statement).id)
    assert [(row.language, row.direction) for row in rows] == [("uk", "ltr"), ("ar", "rtl"), ("en", "ltr")]
    assert rows[0].demand_count == 2
    assert (rows[0].has_body, rows[1].has_body) == (True, False)


def test_draft_has_no_canonical_bytes(session: Session) -> None:
    version = queries.version_of(session, make_statement(session, opened=False))
    with pytest.raises(NoSuchText):
        queries.canonical_of(session, version.id, "en")


def test_annexes_are_listed_without_their_content(session: Session) -> None:
    statement = make_statement(session, opened=False)
    annex = make_annex(session, statement)
    version = queries.version_of(session, statement)
    row = queries.annex_of(session, version.id, annex.public_id)
    assert queries.annexes_of(session, version.id) == [row]
    assert len(queries.annex_content(session, row.id)) == row.size
    with pytest.raises(NoSuchAnnex):
        queries.annex_content(session, 0)


def test_annexes_of_reads_no_content(session: Session) -> None:
    statement = make_statement(session, opened=False)
    make_annex(session, statement)
    version = queries.version_of(session, statement)
    seen: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *call: seen.append(call[2]))
    queries.annexes_of(session, version.id)
    assert seen
    assert not any("annexes.content" in sql for sql in seen)


def test_statements_of_one_campaign_newest_first(session: Session) -> None:
    campaign = make_campaign(session)
    clock.freeze(NOON)
    make_statement(session, campaign, opened=False, title="First")
    clock.advance(minutes=1)
    make_statement(session, campaign, title="Second")
    make_statement(session, title="Of another campaign")
    rows = queries.statements_of(session, campaign.id)
    assert [(row.title, row.state) for row in rows] == [
        ("Second", StatementState.OPEN),
        ("First", StatementState.DRAFTING),
    ]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, True), (0, False), (1, False)])
def test_is_open_ends_at_the_deadline_to_the_second(session: Session, seconds: int, expected: bool) -> None:
    clock.freeze(NOON)
    deadline = NOON + timedelta(days=1)
    statement = make_statement(session, deadline_at=deadline)
    clock.freeze(deadline + timedelta(seconds=seconds))
    assert queries.is_open(statement) is expected


@pytest.mark.parametrize("states", [{"opened": False}, {"closed": True}, {"delivered": True}, {"withdrawn": True}])
def test_is_open_only_while_it_is(session: Session, states: dict[str, bool]) -> None:
    statement = make_statement(session, **states)  # type: ignore[arg-type]
    assert not queries.is_open(statement)
    with pytest.raises(StatementClosed):
        queries.hold_open(session, statement.id)


def test_open_without_deadline_stays_open(session: Session) -> None:
    statement = make_statement(session)
    assert queries.hold_open(session, statement.id) is statement


def test_hold_open_refuses_what_is_past_its_deadline(session: Session) -> None:
    clock.freeze(NOON)
    statement = make_statement(session, deadline_at=NOON + timedelta(days=1))
    clock.advance(days=1)
    with pytest.raises(StatementClosed):
        queries.hold_open(session, statement.id)


def test_holding_open_while_it_closes_agrees(either_app: Flask) -> None:
    """A decision that holds a statement open finishes before it closes; one that comes after is refused."""
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement_id = make_statement(session).id

    def sign(session: Session) -> StatementState:
        return queries.hold_open(session, statement_id).state

    def close(session: Session) -> None:
        actions.close_statement(session, ACTOR, queries.statement_by_id(session, statement_id))

    results = Race(either_app).run(sign, close, sign)
    assert results[1] is None
    for result in (results[0], results[2]):
        assert result is StatementState.OPEN or isinstance(result, StatementClosed)
