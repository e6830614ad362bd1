"""Every table that readers' kept pages read raises their marks, in every database, however it was made."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from app.base import clock
from app.base.database import Base, Database
from app.base.marks import Marked, are_placed, place
from app.base.migrating import migrate
from app.base.parts import parts_of
from app.mail.states import MailState
from app.replies.models import Outcome, Reply, ReplyKind
from app.site.kept import KeptPages
from app.site.marks import MARKED, see_placed
from app.updates.models import Update
from tests.factories.appeals import make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.parts import exchange

_READ = re.compile(r"\b(?:FROM|JOIN)\s+\"?(\w+)")
_OF_THE_HOUSE = {"reader_marks", "sqlite_master", "json_each"}
_COUNTED = {"count_checkpoints", "count_deltas"}  # of signatures; what they tell is compared itself


def _paths(app: Flask) -> list[str]:
    """Fill the database with everything that readers see, and return the addresses of the pages."""
    with app.app_context(), parts_of(app).database.writing() as session:
        scene = make_scene(session, recipients=2)
        first, _second = make_deliveries(session, scene, mail=MailState.ACCEPTED)
        now, campaign = clock.now(), scene.campaign
        session.add_all(
            (
                Reply(delivery_id=first.id, kind=ReplyKind.ANSWER, received_on=date(2026, 5, 1), text_sealed=b"",
                      public_summary="They will look.", recorded_by="x", created_at=now),
                Outcome(campaign_id=campaign.id, language="en", happened_on=date(2026, 6, 1), title="A ruling",
                        created_at=now),
                Update(campaign_id=campaign.id, language="en", title="News", published_at=now, created_at=now),
            )
        )  # fmt: skip
        campaign.published_at = now
        path = f"/statements/{scene.statement.slug}"
        return ["/", f"/campaigns/{campaign.slug}", path, f"{path}/text", f"{path}/data.json", f"{path}/signatories"]


def test_tables_that_kept_pages_read_are_those_that_raise_their_marks(app: Flask) -> None:
    paths, database = _paths(app), parts_of(app).database
    exchange(app, kept_pages=KeptPages(database))
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client = app.test_client()
    for path in paths:
        assert client.get(path).status_code == 200, path
    assert len(parts_of(app).kept_pages._pages) == len(paths), "all of them are kept"
    read = {table for statement in asked for table in _READ.findall(statement)}
    assert read - _OF_THE_HOUSE - _COUNTED == {*MARKED}


def test_every_column_that_can_change_a_page_is_compared() -> None:
    """Of recipients and mails pages read little, and the others change too often to count."""
    for table, marked in MARKED.items():
        columns = {column.name for column in Base.metadata.tables[table].columns}
        assert {*marked.reads} == columns or table in {"recipients", "mails"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database of either kind with nothing in it."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'empty.db'}").engine
    server = request.getfixturevalue("postgres_server")
    return Database(server.url(server.create())).engine


def test_migrated_database_has_the_triggers_and_gets_them_back(empty: Engine) -> None:
    migrate(empty, "head")
    with empty.begin() as connection:
        assert are_placed(connection, MARKED)
        assert not are_placed(connection, {**MARKED, "groups": Marked(("SELECT 'x' AS scope",), ("id",))})
        assert not are_placed(connection, {name: one for name, one in MARKED.items() if name != "mails"})
        is_sqlite = empty.dialect.name == "sqlite"
        first = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'reader_mark_%'"
        other = "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'reader_mark_signatures_update%'"
        name = connection.scalar(text(first if is_sqlite else other))
        on = "" if empty.dialect.name == "sqlite" else " ON signatures"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
        assert not are_placed(connection, MARKED)
    see_placed(empty)
    migrate(empty, "0067", down=True)
    with empty.begin() as connection:
        assert not are_placed(connection, MARKED)
    migrate(empty, "head")
    with empty.begin() as connection:
        assert are_placed(connection, MARKED)
        place(connection, MARKED)
        assert are_placed(connection, MARKED)
    empty.dispose()


def test_database_made_from_the_models_has_the_triggers(either_app: Flask) -> None:
    with parts_of(either_app).database.engine.connect() as connection:
        assert are_placed(connection, MARKED)
