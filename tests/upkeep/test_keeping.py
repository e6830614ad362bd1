"""Backups: made while the house works, proven when they are used, restored wholly or not at all, on both databases."""

from __future__ import annotations

import os
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.actions import create_organiser
from app.accounts.models import Organiser
from app.base import migrating
from app.base.database import Database
from app.base.errors import HouseRefused
from app.base.keys import Keys
from app.base.migrating import MigrationRefused, current_revision, is_current, migrate
from app.base.opening import open_house
from app.counts.queries import differences, totals
from app.upkeep.files import BackupFailed, BackupRefused, DatabaseInUse, PoolerBetween
from app.upkeep.keeping import Backups, backups_of, upgraded
from config import Settings
from tests.factories.crowds import many_signatures
from tests.factories.statements import make_statement
from tests.servers.databases import Lend

PASSWORD = "canary:pass\\word"


@pytest.fixture
def backups(either_app: Flask, recipient: str) -> Backups:
    """A house of one organiser, whose backups are encrypted."""
    made = replace(backups_of(either_app), recipient=recipient)
    with either_app.app_context():
        open_house(made.database, demonstration=False)
        _add(made.database, "ada@example.org")
    return made


def _add(database: Database, address: str) -> None:
    with database.writing() as session:
        create_organiser(session, "system", "Ada Vereskova", address)


def _organisers(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Organiser)) or 0


def test_a_backup_comes_back_over_what_was_written_since(
    either_app: Flask, backups: Backups, identities: list[str], tmp_path: Path
) -> None:
    made = backups.make(tmp_path / "backups")
    with either_app.app_context():
        _add(backups.database, "bea@example.org")
    backups.check(made, identities)
    with pytest.raises(BackupRefused, match=r"not empty.*--replace"):
        backups.restore(made, identities, over=False)
    assert _organisers(backups.database) == 2
    backups.database.engine.dispose()
    proof, before = backups.restore(made, identities, over=True)
    assert _organisers(backups.database) == 1
    assert (proof.kind, proof.revision) == (backups.database.engine.dialect.name, migrating.head_revision())
    assert before is not None
    backups.check(before, identities)
    assert not list(tmp_path.rglob(".undersigned-*"))


def test_what_comes_back_counts_as_before(
    either_app: Flask, backups: Backups, identities: list[str], tmp_path: Path
) -> None:
    """Law 8: totals equal their recount, and the database goes on counting; twice, since it is put aside and back."""
    database = backups.database
    with either_app.app_context(), database.writing() as session:
        statement = make_statement(session)
        many_signatures(session, statement, 5)
    made = backups.make(tmp_path / "backups")
    for _ in range(2):
        with either_app.app_context(), database.writing() as session:
            many_signatures(session, statement, 3)
        database.engine.dispose()
        backups.restore(made, identities, over=True)
        with either_app.app_context(), database.writing() as session:
            assert totals(session, statement.id).total == 5
            many_signatures(session, statement, 1)
            assert totals(session, statement.id).total == 6
            assert differences(session, statement.id) == {}


def test_an_older_backup_is_migrated_up_and_a_newer_one_refused(
    either_app: Flask, backups: Backups, identities: list[str], tmp_path: Path
) -> None:
    engine = backups.database.engine
    migrate(engine, "0034", down=True)
    old = backups.make(tmp_path)
    migrate(engine, "head")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    new = backups.make(tmp_path)
    for use in (backups.check, lambda *given: backups.restore(*given, over=True)):
        with pytest.raises(MigrationRefused, match="newer than this version"):
            use(new, identities)
    engine.dispose()
    # The way back after an upgrade that went wrong: the older code, over the newer database.
    backups.restore(old, identities, over=True)
    assert is_current(engine)
    assert _organisers(backups.database) == 1


def test_a_backup_is_of_one_moment_while_others_write(either_app: Flask, backups: Backups, tmp_path: Path) -> None:
    plain = replace(backups, recipient="")
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set() and number < 200:
            with backups.database.engine.begin() as connection:
                for part in ("a", "b"):
                    connection.execute(
                        text("INSERT INTO throttles VALUES (:key, 'test', '2026-01-01 00:00:00', 1)"),
                        {"key": f"{part}{number}".encode()},
                    )
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    made = plain.make(tmp_path / "backups")
    done.set()
    writer.join()
    backups.database.engine.dispose()
    plain.restore(made, [], over=True)
    with backups.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM throttles")) % 2 == 0


def test_a_backup_of_another_key_or_identity_is_refused(
    backups: Backups, identities: list[str], tmp_path: Path
) -> None:
    made = backups.make(tmp_path)
    other = replace(backups, keys=Keys(b"2" * 32))
    with pytest.raises(BackupRefused, match="another key"):
        other.check(made, identities)
    other_identity = [str(pyrage.x25519.Identity.generate())]
    with pytest.raises(BackupRefused, match="does not open with that identity"):
        backups.check(made, other_identity)
    with pytest.raises(BackupRefused, match="--identity FILE"):
        backups.check(made, [])
    both = other_identity + identities
    assert backups.check(made, both).kind == backups.database.engine.dialect.name


def test_a_backup_of_the_other_kind_is_not_restored(app: Flask, postgres_database_url: str, tmp_path: Path) -> None:
    backups = backups_of(app)
    made = backups.make(tmp_path)
    other = Database(postgres_database_url, backups.database.ports)
    with pytest.raises(BackupRefused, match=r"SQLite.*another kind"):
        replace(backups, database=other).restore(made, [], over=True)
    other.engine.dispose()


@contextmanager
def _full_disk() -> Iterator[None]:
    """Let no file of this process grow further: what a full disk does to a writer, in this process only."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_a_full_disk_leaves_no_half_backup(backups: Backups, tmp_path: Path, is_encrypted: bool) -> None:
    folder = tmp_path / "backups"
    made = backups if is_encrypted else replace(backups, recipient="")
    with _full_disk(), pytest.raises(BackupFailed, match="nothing of it was left"):
        made.make(folder)
    assert list(folder.iterdir()) == []
    assert made.make(folder).exists()


def test_a_full_disk_leaves_the_database_as_it_was(backups: Backups, identities: list[str], tmp_path: Path) -> None:
    made = backups.make(tmp_path / "backups")
    _forget_connections(backups)
    with _full_disk(), pytest.raises(HouseRefused):
        backups.restore(made, identities, over=True)
    assert _organisers(backups.database) == 1
    assert len(list((tmp_path / "backups").iterdir())) == 1


def _forget_connections(backups: Backups) -> None:
    backups.database.engine.dispose()


def test_files_are_closed_to_others_from_their_first_byte(
    backups: Backups, identities: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file and folder, under the most open umask, at the moment it is made."""
    seen: list[tuple[str, int]] = []
    real = os.open

    def watched(path: os.PathLike[str] | str, flags: int, mode: int = 0o777, **more: int) -> int:
        descriptor = real(path, flags, mode, **more)
        if flags & os.O_CREAT:
            seen.append((str(path), os.fstat(descriptor).st_mode & 0o777))
        return descriptor

    monkeypatch.setattr(os, "open", watched)
    before = os.umask(0)
    try:
        made = backups.make(tmp_path / "backups")
        _forget_connections(backups)
        backups.restore(made, identities, over=True)
    finally:
        os.umask(before)
    assert len(seen) >= 2
    assert {mode for _path, mode in seen} == {0o600}
    assert made.stat().st_mode & 0o777 == 0o600


def test_a_database_in_use_is_not_replaced(
    backups: Backups, identities: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.upkeep.postgres_rooms.LEAVING_SECONDS", 0.0)
    made = backups.make(tmp_path / "backups")
    other = Database(backups.database.engine.url.render_as_string(hide_password=False))
    with other.engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM organisers"))
        connection.rollback()
        _forget_connections(backups)
        with pytest.raises(DatabaseInUse, match="Stop web server and worker"):
            backups.restore(made, identities, over=True)
    other.engine.dispose()
    assert _organisers(backups.database) == 1


def test_a_restore_that_fails_puts_back_what_was_there(
    backups: Backups, identities: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backups.make(tmp_path / "backups")
    _forget_connections(backups)

    def fails(*_given: object) -> None:
        raise MigrationRefused("canary")

    with monkeypatch.context() as patched:
        patched.setattr("app.upkeep.keeping.upgrade", fails)
        with pytest.raises(MigrationRefused, match="canary"):
            backups.restore(made, identities, over=True)
    assert _organisers(backups.database) == 1
    assert is_current(backups.database.engine)
    migrate(backups.database.engine, "0034", down=True)


def test_old_logs_beside_a_lost_database_are_not_written_into_the_new_one(app: Flask, tmp_path: Path) -> None:
    backups = backups_of(app)
    open_house(backups.database, demonstration=False)
    made = backups.make(tmp_path / "backups")
    path = Path(str(backups.database.engine.url.database))
    with app.app_context():
        _add(backups.database, "ada@example.org")
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert log
    _forget_connections(backups)
    path.unlink()
    path.with_name(f"{path.name}-wal").write_bytes(log)
    backups.restore(made, [], over=False)
    assert _organisers(backups.database) == 0


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o600), (0o755, 0o600), (0o2770, 0o660)])
def test_a_database_is_open_to_those_who_share_its_folder(
    app: Flask, tmp_path: Path, folder_mode: int, file_mode: int
) -> None:
    backups = backups_of(app)
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(folder_mode)
    database = Database(f"sqlite:///{folder / 'house #1.db'}", backups.database.ports)
    shared = replace(backups, database=database)
    before = os.umask(0o022)
    try:
        upgraded(shared)
        with database.writing() as session:
            session.execute(text("INSERT INTO throttles VALUES (x'00', 'test', '2026-01-01 00:00:00', 7)"))
            modes = {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}
        made = shared.make(tmp_path / "backups")
        database.engine.dispose()
        shared.restore(made, [], over=True)
    finally:
        os.umask(before)
    assert modes == {file_mode}
    assert (folder / "house #1.db").stat().st_mode & 0o777 == file_mode


def test_an_upgrade_backs_up_first(tmp_path: Path, app: Flask) -> None:
    backups = replace(backups_of(app), folder=tmp_path / "backups")
    database = Database(f"sqlite:///{tmp_path / 'old.db'}", backups.database.ports)
    old = replace(backups, database=database)
    assert upgraded(old) is None
    migrate(database.engine, "0001", down=True)
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO throttles VALUES (x'00', 'test', '2026-01-01 00:00:00', 7)"))
    backup = upgraded(old)
    assert backup is not None
    with closing(sqlite3.connect(backup)) as copy:  # the proof at its end does not disturb SQLite
        assert copy.execute("SELECT times FROM throttles").fetchall() == [(7,)]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert upgraded(old) is None
    assert current_revision(database.engine) == migrating.head_revision()
    database.engine.dispose()


@pytest.mark.postgres
def test_a_pooler_is_no_way_for_the_programs_of_the_server(
    lend: Lend, settings: Settings, pooled_database_url: str, tmp_path: Path
) -> None:
    """pg_dump empties the search path of its connection, which the pooler then lends to a web server."""
    with lend(replace(settings, database_url=pooled_database_url)) as app:
        backups = backups_of(app)
        with pytest.raises(PoolerBetween):
            backups.make(tmp_path)
    assert list(tmp_path.glob("*.dump*")) == []
