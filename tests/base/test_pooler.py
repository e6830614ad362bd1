"""Behind PgBouncer in transaction mode: nothing is asked of a connection that would not outlive a transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.base import database as databases
from app.base.database import Database
from app.base.failures import LOCKED, reason_of

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[2]
FEW_SECONDS = 0.3
# What lives as long as a session of PostgreSQL.
OF_A_SESSION = re.compile(
    r"pg_(try_)?advisory_(un)?lock|\bLISTEN [a-z]|WITH HOLD|\bSET SESSION\b|CREATE TEMP|\bPREPARE [a-z]|\bLOAD '"
)


@pytest.fixture
def pooled(pooled_database_url: str) -> Iterator[Database]:
    database = Database(pooled_database_url)
    yield database
    database.engine.dispose()


def test_a_pooler_is_known_by_itself(pooled: Database, postgres_database_url: str) -> None:
    direct = Database(postgres_database_url)
    assert (pooled.is_pooled, direct.is_pooled) == (True, False)
    direct.engine.dispose()


def test_a_statement_is_understood_by_each_process_of_the_server(pooled: Database, pooled_database_url: str) -> None:
    """Psycopg has one prepared that it was given five times, by the process that it then talked to."""

    def ask() -> int:
        with pooled.writing() as session:  # who reads rolls back in the end, and psycopg then forgets
            return int(session.scalar(text("SELECT count(*) FROM mails WHERE id > :least"), {"least": 7}) or 0)

    assert [ask() for _ in range(9)] == [0] * 9
    other = Database(pooled_database_url)
    with other.reading() as session:
        session.execute(text("SELECT 1"))  # PgBouncer lends what was given back last
        assert ask() == 0
    other.engine.dispose()


def test_nobody_waits_for_ever_and_nothing_is_left_for_others(
    pooled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "POSTGRES_LOCK_SECONDS", FEW_SECONDS)
    with pooled.writing() as holder:
        holder.execute(text("LOCK TABLE throttles"))
        for opened in (pooled.writing, pooled.reading):
            with pytest.raises(OperationalError) as refused, opened() as other:
                other.execute(text("SELECT count(*) FROM throttles"))
            assert reason_of(refused.value).startswith(LOCKED)
    with pooled.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert {connection.scalar(text("SHOW lock_timeout")) for _ in range(9)} == {"0"}


def test_nothing_is_asked_for_that_lives_as_long_as_a_session() -> None:
    sources = [path for folder in ("app", "migrations") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 300
    found = {path.name for path in sources if OF_A_SESSION.search(path.read_text(encoding="utf-8"))}
    assert found == set()
