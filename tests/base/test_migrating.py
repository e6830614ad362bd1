"""Bringing a database to the code: backed up first, newer ones refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.base.database import Database
from app.base.migrating import MigrationRefused, back_up, current_revision, is_current, migrate, upgrade


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Database(f"sqlite:///{tmp_path / 'undersigned.db'}").engine
    yield engine
    engine.dispose()


def test_upgrade_empty_database_without_backup(engine: Engine, tmp_path: Path) -> None:
    assert upgrade(engine, tmp_path / "backups") is None
    assert is_current(engine)
    assert not (tmp_path / "backups").exists()


def test_upgrade_current_database_does_nothing(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine, tmp_path / "backups")
    assert upgrade(engine, tmp_path / "backups") is None


def test_older_database_is_backed_up_then_migrated(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO throttles VALUES (x'00', 'test', '2026-01-01 00:00:00', 7)"))
    backup = upgrade(engine, tmp_path / "backups")
    assert backup is not None
    assert is_current(engine)
    copy = sqlite3.connect(backup)
    assert copy.execute("SELECT times FROM throttles").fetchall() == [(7,)]
    assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    copy.close()
    assert backup.stat().st_mode & 0o077 == 0


def test_newer_database_is_refused_and_left_alone(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine, tmp_path / "backups")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationRefused, match="newer"):
        upgrade(engine, tmp_path / "backups")
    assert current_revision(engine) == "9999"


def test_back_up_while_somebody_writes(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine, tmp_path / "backups")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO throttles VALUES (x'01', 'test', '2026-01-01 00:00:00', 1)"))
        copy = sqlite3.connect(back_up(engine, tmp_path / "backups"))
    assert copy.execute("SELECT count(*) FROM throttles").fetchone() == (0,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
