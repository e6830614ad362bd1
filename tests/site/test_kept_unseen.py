"""What changes kept pages without a change of a row that anybody sees: time, migrations and forks."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask, template_rendered
from sqlalchemy import update

from app.base import clock
from app.base.database import Database
from app.base.marks import place, take_off
from app.base.parts import parts_of
from app.signatures.models import Signature
from app.site.kept import KeptPages
from app.site.marks import MARKED
from app.visibility.states import Visibility
from tests.factories.published import publish, sign

PATH = "/statements/stop-the-request"


@pytest.mark.parametrize("path", [PATH, "/", "/campaigns/stop-the-request-campaign"])
def test_deadline_that_passes_while_a_page_is_rendered_is_seen_by_the_next(
    app: Flask, database: Database, path: str
) -> None:
    with app.app_context(), database.writing() as session:
        deadline = publish(session, deadline_at=clock.now() + timedelta(hours=1)).statement.deadline_at
    assert deadline is not None
    client = app.test_client()
    with template_rendered.connected_to(lambda *_args, **_more: clock.freeze(deadline), app):
        assert "Signing has ended" not in client.get(path).text
    assert "Signing has ended" in client.get(path).text


def test_running_process_sees_that_a_migration_changed_rows_or_triggers(app: Flask, database: Database) -> None:
    """Migrations run with no triggers on, while a web server may still run; its code may know others than it finds."""
    with app.app_context(), database.writing() as session:
        published = publish(session)
        sign(session, published, "Ana Example")
    client = app.test_client()
    assert "Ana Example" in client.get(PATH).text
    with database.engine.begin() as connection:
        take_off(connection)
        connection.execute(update(Signature).values(visibility=Visibility.COUNTED, kind=None))
        place(connection, MARKED)
    assert "Ana Example" not in client.get(PATH).text
    pages: KeptPages = parts_of(app).kept_pages
    assert pages._pages
    newer = {table: replace(one, counts_inserts=True) for table, one in MARKED.items()}
    with database.engine.begin() as connection:
        place(connection, newer)
    client.get(PATH)
    assert not pages._pages


def test_connection_of_before_a_fork_is_neither_used_nor_closed(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite forbids even closing it, and a connection that nobody holds any more is closed."""
    with app.app_context(), database.writing() as session:
        publish(session)
    client, pages = app.test_client(), parts_of(app).kept_pages
    for _time in range(2):
        client.get(PATH)
    (parents,) = pages._watch._idle
    known = weakref.ref(parents)
    del parents
    monkeypatch.setattr(pages._watch, "_process", 1)  # as if this process had been forked from another one
    client.get(PATH)
    gc.collect()
    held = known()
    assert held is not None
    assert held not in pages._watch._idle
    assert held._driver.execute("SELECT 1").fetchall() == [(1,)]
