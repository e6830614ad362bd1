"""Pages that are kept in memory are never older than the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from app.base import clock
from app.base.database import Database, snapshot_mark
from app.base.parts import parts_of
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.site.kept import MOST_PAGES, KeptPages, RenderedPage
from app.visibility.states import Visibility
from tests.factories.published import PublishedStatement, publish, sign

PATH = "/statements/stop-the-request"


@pytest.fixture
def published(either_app: Flask) -> PublishedStatement:
    with either_app.app_context(), parts_of(either_app).database.writing() as session:
        return publish(session, deadline_at=clock.now() + timedelta(hours=1))


def test_second_look_asks_only_whether_anything_changed(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    first = client.get(PATH)
    seen: list[str] = []
    engine = parts_of(either_app).database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    again = client.get(PATH)
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert published.statement.slug in PATH
    assert len([query for query in seen if query.startswith(("SELECT", "PRAGMA"))]) == 1


def test_new_signature_is_shown_at_once(either_app: Flask, published: PublishedStatement) -> None:
    client, database = either_app.test_client(), parts_of(either_app).database
    for number in range(3):
        with database.writing() as session:
            sign(session, published, f"Signatory {number}")
        assert f"Signatory {number}" in client.get(PATH).text


@pytest.mark.parametrize(
    "change",
    [{"visibility": Visibility.COUNTED}, {"state": SignatureState.WITHDRAWN}],
)
def test_name_taken_back_is_gone_at_once(
    either_app: Flask, published: PublishedStatement, change: dict[str, object]
) -> None:
    client, database = either_app.test_client(), parts_of(either_app).database
    with database.writing() as session:
        public_id = sign(session, published, "Ana Example").public_id
    assert "Ana Example" in client.get(PATH).text
    with database.writing() as session:
        session.query(Signature).filter_by(public_id=public_id).update(change)  # type: ignore[arg-type]
    assert "Ana Example" not in client.get(PATH).text


def test_deadline_passes_without_a_change_in_the_database(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    assert "Signing has ended" not in client.get(PATH).text
    assert published.statement.deadline_at is not None
    clock.freeze(published.statement.deadline_at)
    assert "Signing has ended" in client.get(PATH).text
    assert "Signing has ended" in client.get("/").text


@pytest.mark.parametrize("either_app", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_transaction_that_commits_late_changes_the_mark(either_app: Flask, published: PublishedStatement) -> None:
    """On PostgreSQL a writer may stand open while others commit; its commit must be noticed all the same."""
    database: Database = parts_of(either_app).database
    with database.writing() as late:
        sign(late, published, "Late")
        late.flush()
        with database.writing() as early:
            sign(early, published, "Early")
        with database.reading() as session:
            before = snapshot_mark(session)
    with database.reading() as session:
        assert snapshot_mark(session) != before


def test_memory_is_bounded() -> None:
    pages = KeptPages()
    for number in range(MOST_PAGES + 10):
        pages.keep(f"/{number}", "mark", RenderedPage("page"))
    assert pages.get("/0", "mark") is None
    assert pages.get(f"/{MOST_PAGES + 9}", "mark") is not None
    assert pages.get(f"/{MOST_PAGES + 9}", "another mark") is None
