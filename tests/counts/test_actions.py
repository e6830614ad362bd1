"""What is absorbed is in the checkpoint, and what was counted wrongly is put right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app.base.database import Database
from app.base.parts import parts_of
from app.counts.actions import put_right
from app.counts.jobs import absorb_counts, recount
from app.counts.models import CountCheckpoint, CountDelta
from app.counts.queries import differences, totals, totals_of_many
from app.statements.models import Statement
from tests.factories.crowds import many_signatures
from tests.factories.statements import make_statement
from tests.mail.sending.pacing import statements_of


@pytest.fixture
def database(either_app: Flask) -> Database:
    found: Database = parts_of(either_app).database
    return found


@pytest.fixture
def statement(either_app: Flask, database: Database) -> Statement:
    with either_app.app_context(), database.writing() as session:
        made = make_statement(session)
        many_signatures(session, made, 100)
        return made


def _deltas(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CountDelta)) or 0


def test_the_job_leaves_nothing_to_absorb(either_app: Flask, database: Database, statement: Statement) -> None:
    """On SQLite, where one writes at a time, there never is anything."""
    with database.reading() as session:
        before = totals(session, statement.id)
        assert bool(_deltas(session)) is not database.is_sqlite
    absorb_counts(either_app)
    with database.reading() as session:
        assert totals(session, statement.id) == before
        assert before.total == 100
        assert _deltas(session) == 0
    with statements_of(database.engine) as noted:
        absorb_counts(either_app)
    assert len(noted) == 1, "where nothing waits, nothing is written"


def test_totals_take_one_statement_however_many_signed(database: Database, statement: Statement) -> None:
    with database.reading() as session, statements_of(database.engine) as noted:
        totals_of_many(session, [statement.id, statement.id + 1])
    assert len(noted) == 1
    assert "signatures" not in noted[0]


@pytest.mark.parametrize("either_app", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_two_who_recount_at_once_put_right_once(either_app: Flask, database: Database, statement: Statement) -> None:
    def put_right_in_a_hurry() -> None:
        with database.writing() as session:
            session.execute(text("SET LOCAL lock_timeout = 100"))
            put_right(session, statement.id)

    absorb_counts(either_app)
    with database.writing() as session:
        _spoil(session)
    with database.writing() as session:
        assert put_right(session, statement.id)
        with pytest.raises(OperationalError):
            put_right_in_a_hurry()
    put_right_in_a_hurry()
    with database.reading() as session:
        assert not differences(session, statement.id)
        assert totals(session, statement.id).total == 100


@pytest.mark.parametrize("wrong", ["checkpoint", "unwatched"])
def test_a_wrong_total_is_told_loudly_and_put_right(
    either_app: Flask, database: Database, statement: Statement, wrong: str
) -> None:
    """Somebody typed into the database, or took its triggers away for a while."""
    absorb_counts(either_app)
    spoil: dict[str, Callable[[Session], object]] = {"checkpoint": _spoil, "unwatched": _unwatch}
    with database.writing() as session:
        spoil[wrong](session)
        found = differences(session, statement.id)
        assert found
    with capture_logs() as logs:
        recount(either_app)
        recount(either_app)
    told = [line for line in logs if line["event"] == "counts.put_right"]
    assert [(line["log_level"], line["parts"]) for line in told] == [("error", found)]
    absorb_counts(either_app)
    with database.reading() as session:
        assert differences(session, statement.id) == {}


def _spoil(session: Session) -> None:
    session.execute(update(CountCheckpoint).where(CountCheckpoint.part == "public").values(number=7))


def _unwatch(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("DROP TRIGGER count_changed_signature"))
    session.execute(text("UPDATE signatures SET state = 'withdrawn' WHERE visibility = 'counted'"))
