"""Bringing a database to the code: backed up first, newer ones refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.base.database import Database
from app.base.migrating import MigrationRefused, current_revision, is_current, migrate, upgrade
from tests.servers.postgres import PostgresServer


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Database(f"sqlite:///{tmp_path / 'undersigned.db'}").engine
    yield engine
    engine.dispose()


def _no_backup() -> Path:
    pytest.fail("a backup was made")


def test_upgrade_empty_database_without_backup(engine: Engine) -> None:
    assert upgrade(engine, _no_backup) is None
    assert is_current(engine)


def test_upgrade_current_database_does_nothing(engine: Engine) -> None:
    upgrade(engine, _no_backup)
    assert upgrade(engine, _no_backup) is None


def test_newer_database_is_refused_and_left_alone(engine: Engine) -> None:
    upgrade(engine, _no_backup)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationRefused, match="newer"):
        upgrade(engine, _no_backup)
    assert current_revision(engine) == "9999"


@pytest.mark.postgres
def test_upgrade_waits_for_nobody_for_long_and_says_who_is_in_the_way(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.base.database.POSTGRES_LOCK_SECONDS", 0.05)
    name = postgres_server.create()
    engine = Database(postgres_server.url(name)).engine
    migrate(engine, "0001")
    with postgres_server.connect(name) as other, other.transaction():
        other.execute("LOCK TABLE alembic_version IN EXCLUSIVE MODE")
        with pytest.raises(MigrationRefused, match="Somebody else holds the database"):
            upgrade(engine, None)
    assert current_revision(engine) == "0001"
    engine.dispose()
    postgres_server.drop(name)
