"""The file of a backup: changed ones are refused, passwords stay where they are, nothing deleted comes along."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from flask import Flask

from app.base import clock
from app.base.database import Database
from app.base.migrating import is_current
from app.base.opening import open_house
from app.upkeep import postgres_programs
from app.upkeep.files import BackupRefused
from app.upkeep.keeping import backups_of

PASSWORD = "canary:pass\\word"


def _cut(content: bytes) -> bytes:
    return content[:-1]


def _turned(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _without_proof(content: bytes) -> bytes:
    return content[:-512]


def _of_other_date(content: bytes) -> bytes:
    return content.replace(b'"made_at":"20', b'"made_at":"21')


CHANGES: list[Callable[[bytes], bytes]] = [_cut, _turned, _halved, lambda _content: b""]


def test_a_changed_backup_is_refused(app: Flask, identities: list[str], recipient: str, tmp_path: Path) -> None:
    """Cut off or turned anywhere, with or without age around it; and made anew by one who knows the public key only."""
    backups = backups_of(app)
    public = pyrage.x25519.Recipient.from_str(recipient)
    open_house(backups.database, demonstration=False)
    plain = backups.make(tmp_path).read_bytes()
    forged = [change(plain) for change in (*CHANGES, _without_proof, _of_other_date)]
    sealed = replace(backups, recipient=recipient).make(tmp_path).read_bytes()
    files = [*forged, *(pyrage.encrypt(each, [public]) for each in forged), *(change(sealed) for change in CHANGES)]
    given = tmp_path / "given"
    for content in files:
        given.write_bytes(content)
        for use in (backups.check, lambda *given: backups.restore(*given, over=True)):
            with pytest.raises(BackupRefused, match=r"damaged|cut off"):
                use(given, identities)
    assert is_current(backups.database.engine)


@pytest.mark.postgres
def test_no_password_is_in_arguments_environment_or_files(
    postgres_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program in pg_dump's place says what it was given, and what libpq would read of it."""
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    spy.write_text(
        "#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/cmdline > \"$0.arguments\"\n"
        "tr '\\0' '\\n' < /proc/$$/environ > \"$0.environment\"\n"
        'cat "$PGPASSFILE" > "$0.passfile"; stat -Lc %a "$PGPASSFILE" >> "$0.passfile"\n'
    )
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{spy.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("UNDERSIGNED_DATABASE_URL", f"postgresql://ada:{PASSWORD}@127.0.0.1/house")
    url = Database(postgres_database_url).engine.url
    for given in (url.set(password=PASSWORD), url.set(password=None).update_query_dict({"password": PASSWORD})):
        assert list(postgres_programs.dumped(given)) == []
        told = [Path(f"{spy}.{name}").read_text() for name in ("arguments", "environment")]
        assert "--dbname=postgresql://" in told[0]
        assert not any("canary" in each for each in told)
        assert Path(f"{spy}.passfile").read_text() == "*:*:*:*:canary\\:pass\\\\word\n600\n"


def test_a_backup_holds_no_more_than_the_database(app: Flask, tmp_path: Path) -> None:
    """What was deleted lies in free pages of a copy that is made page by page; secure_delete may have been off once."""
    backups = backups_of(app)
    path = str(backups.database.engine.url.database)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE notes (words TEXT)")
        connection.executemany("INSERT INTO notes VALUES (?)", [("canary-in-a-freed-page" * 50,)] * 100)
        connection.commit()
        connection.execute("DROP TABLE notes")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary-in-a-freed-page" in Path(path).read_bytes()
    assert b"canary-in-a-freed-page" not in backups.make(tmp_path / "backups").read_bytes()


def test_what_killed_processes_left_is_removed_and_what_others_work_on_is_not(app: Flask, tmp_path: Path) -> None:
    backups = backups_of(app)
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / ".undersigned-20260101T000000Z.db.part").write_bytes(b"half")
    beside = Path(str(backups.database.engine.url.database)).parent
    left = beside / ".undersigned-work-left"
    left.mkdir()
    (left / "copy.db").write_bytes(b"half")
    with backups._content():
        (working,) = beside.glob(".undersigned-work-*")
        made = backups.make(folder)
        assert working.exists()
    assert list(folder.iterdir()) == [made]
    assert not left.exists()
    assert not list(beside.glob(".undersigned-work-*"))


def test_two_backups_of_one_second_are_two(app: Flask, tmp_path: Path) -> None:
    clock.freeze(clock.now())
    backups = backups_of(app)
    assert len({backups.make(tmp_path / "backups") for _each in range(3)}) == 3
