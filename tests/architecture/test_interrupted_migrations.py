"""A migration that is stopped at any statement leaves the database as it was, and goes through the next time."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, text

from app.base import migrating
from app.base.database import Database

ROOT = Path(__file__).parents[2]
REVISIONS = [each.revision for each in reversed(list(ScriptDirectory(str(migrating.SCRIPTS)).walk_revisions()))]
SCHEMA = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master",
    "postgresql": """
        SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' UNION ALL
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace UNION ALL
        SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
    """,
}
KILLED = """
import os, signal, sys
from sqlalchemy import event
from app.base.database import Database
from app.base.migrating import migrate
engine = Database(sys.argv[1]).engine
def kill(connection, cursor, statement, *more):
    if statement.startswith("UPDATE alembic_version") and connection.info.setdefault("times", 0) == 30:
        os.kill(os.getpid(), signal.SIGKILL)
    if statement.startswith("UPDATE alembic_version"):
        connection.info["times"] += 1
event.listen(engine, "after_cursor_execute", kill)
migrate(engine, "head")
"""


class Stopped(Exception):
    """The machine went away."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either kind."""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        name = server.create()
        engine = Database(server.url(name)).engine
        yield engine
        engine.dispose()
        server.drop(name)
    else:
        engine = Database(f"sqlite:///{tmp_path / 'migrated.db'}").engine
        yield engine
        engine.dispose()


def test_a_migration_stopped_at_a_statement_changes_nothing(engine: Engine) -> None:
    """Each one once, at another of its statements: the first, one in the middle, or right before the commit."""
    # PostgreSQL takes its time for each, and is said to do this by its makers.
    stride = 1 if engine.dialect.name == "sqlite" else 7
    for number, revision in enumerate(REVISIONS[::stride]):
        before = _schema(engine)
        with _stopping(engine, 1 + number * 5 % 13), pytest.raises(Stopped):
            migrating.migrate(engine, revision)
        assert _schema(engine) == before, revision
        migrating.migrate(engine, revision)
    migrating.migrate(engine, "head")
    assert migrating.is_current(engine)


def test_a_killed_migration_changes_nothing(tmp_path: Path) -> None:
    """The process itself, on SQLite; PostgreSQL's server rolls back for a client that is gone."""
    path = tmp_path / "killed.db"
    command = [sys.executable, "-c", KILLED, f"sqlite:///{path}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_references_are_checked_again_after_a_migration_that_failed(tmp_path: Path) -> None:
    """The connection goes back to the pool: what it takes next must not be taken without a look."""
    engine = Database(f"sqlite:///{tmp_path / 'failed.db'}").engine
    with _stopping(engine, 20), pytest.raises(Stopped):
        migrating.migrate(engine, "head")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


@contextmanager
def _stopping(engine: Engine, statement_number: int) -> Iterator[None]:
    """Let the migration's own statement of that number be its last, or else its commit fail."""
    left = statement_number

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal left
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")):
            left -= 1
            if left == 0:
                raise Stopped

    def stop(_connection: object) -> None:
        raise Stopped

    event.listen(engine, "after_cursor_execute", count)
    event.listen(engine, "commit", stop)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", count)
        event.remove(engine, "commit", stop)


def _schema(engine: Engine) -> tuple[str | None, list[str]]:
    with engine.connect() as connection:
        found = sorted(str(row) for row in connection.execute(text(SCHEMA[engine.dialect.name])))
    return migrating.current_revision(engine), found
