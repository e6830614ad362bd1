"""Back a house's database up, check a backup, and restore one into its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect

from app.base import clock
from app.base.database import Database, vault_at
from app.base.keys import Keys
from app.base.migrating import check_revision, current_revision, upgrade
from app.base.opening import check_exists, check_house, is_missing, open_house
from app.base.parts import parts_of
from app.upkeep.files import ENCRYPTED, BackupProof, BackupRefused, PoolerBetween, read_backup, write_backup
from app.upkeep.leftovers import work_folder
from app.upkeep.postgres_programs import check_dump, dumped, restore_dump
from app.upkeep.postgres_rooms import aside, check_alone
from app.upkeep.sqlite_copies import check_file, copy_rows, create_database_file, put_in_place, read_pieces

_ENDS = {"sqlite": ".db", "postgresql": ".dump"}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Backups:
    """How a house's backups are made: of what, with which key, encrypted to whom.

    `folder` is where the house puts those that it makes by itself, before an upgrade or a restore.
    """

    database: Database
    keys: Keys
    recipient: str
    folder: Path
    demonstration: bool

    def make(self, folder: Path) -> Path:
        """Copy the database as it is now into a folder and return the backup's path. What is sealed stays sealed."""
        check_exists(self.database)
        _check_direct(self.database)
        folder.mkdir(parents=True, exist_ok=True)
        engine, now = self.database.engine, clock.now()
        kind = engine.dialect.name
        proof = BackupProof(kind, current_revision(engine) or "", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        end = _ENDS[kind] + (ENCRYPTED if self.recipient else "")
        target = _free(folder, f"undersigned-{now.strftime('%Y%m%dT%H%M%SZ')}", end)
        with self._content() as content:
            write_backup(target, content, proof, self.keys, self.recipient)
        return target

    def check(self, file: Path, identities: Sequence[str]) -> BackupProof:
        """See that a backup is whole, of this house's key and known to this code. The database is left alone."""
        with self._unpacked(file, identities) as (proof, unpacked):
            if proof.kind == "postgresql":
                check_dump(self.database.engine.url, unpacked)
            else:
                _check_sqlite(self._beside(unpacked), unpacked, demonstration=self.demonstration)
        return proof

    def restore(self, file: Path, identities: Sequence[str], *, over: bool) -> tuple[BackupProof, Path | None]:
        """Put a backup in the database's place and migrate it up; what was there is backed up before.

        Returns what was restored, and the backup of what it replaced. Unless told `over`, a database that holds
        anything is refused. Whatever fails leaves the database as it was.
        """
        with self._unpacked(file, identities) as (proof, unpacked):
            if proof.kind != self.database.engine.dialect.name:
                raise BackupRefused(f"{file} holds {_NAMES[proof.kind]}; UNDERSIGNED_DATABASE_URL names another kind.")
            _check_direct(self.database)
            before = self._make_room(over=over)
            if self.database.is_sqlite:
                self._restore_sqlite(unpacked)
            else:
                self._restore_postgres(unpacked)
        return proof, before

    def _restore_sqlite(self, unpacked: Path) -> None:
        other = self._beside(unpacked)
        _check_sqlite(other, unpacked, demonstration=self.demonstration)
        _bring_up(other, demonstration=self.demonstration)
        self.database.engine.dispose()
        put_in_place(unpacked, _path_of(self.database))

    def _restore_postgres(self, unpacked: Path) -> None:
        engine = self.database.engine
        check_alone(engine)
        with aside(engine):
            restore_dump(engine.url, unpacked)
            _bring_up(self.database, demonstration=self.demonstration)
        engine.dispose()

    def _make_room(self, *, over: bool) -> Path | None:
        """Back up what is in the database's place, where anything is."""
        if is_missing(self.database) or not inspect(self.database.engine).get_table_names():
            self.database.engine.dispose()
            return None
        if not over:
            raise BackupRefused(
                "The database is not empty, and nothing was changed. Name another one in UNDERSIGNED_DATABASE_URL, or "
                "say --replace: then a backup of it is made, and it is replaced."
            )
        check_house(self.database, demonstration=self.demonstration, may_be_newer=True)
        return self.make(self.folder)

    @contextmanager
    def _content(self) -> Iterator[Iterator[bytes]]:
        if not self.database.is_sqlite:
            yield dumped(self.database.engine.url)
            return
        source = _path_of(self.database)
        # The copy lies beside the database until it is encrypted: what may be read there could be read before.
        with work_folder(source.parent) as work:
            copy_rows(source, work / "copy.db")
            yield read_pieces(work / "copy.db")

    @contextmanager
    def _unpacked(self, file: Path, identities: Sequence[str]) -> Iterator[tuple[BackupProof, Path]]:
        beside = _path_of(self.database).parent if self.database.is_sqlite else self.folder
        with work_folder(beside) as work:
            proof = read_backup(file, work / "unpacked", self.keys, identities)
            check_revision(proof.revision or None)
            yield proof, work / "unpacked"

    def _beside(self, path: Path) -> Database:
        return Database(f"sqlite:///{path}", self.database.ports)


def backups_of(app: Flask) -> Backups:
    """Return how an application's house is backed up. Reads the key file."""
    settings = parts_of(app).settings
    return Backups(
        database=parts_of(app).database,
        keys=Keys.from_file(settings.key_file),
        recipient=settings.backup_recipient,
        folder=settings.state_directory / "backups",
        demonstration=settings.demonstration,
    )


def upgraded(backups: Backups, *, with_backup: bool = True) -> Path | None:
    """Migrate the house's database to the code's revision; an older one is backed up first, and its path returned."""
    if backups.database.is_sqlite:
        create_database_file(_path_of(backups.database))
    make = partial(backups.make, backups.folder) if with_backup else None
    return upgrade(backups.database.engine, make, vault_at(backups.database))


def _check_direct(database: Database) -> None:
    """Raise PoolerBetween where PostgreSQL's programs would leave their settings to whoever is served next."""
    if not database.is_sqlite and database.is_pooled:
        raise PoolerBetween


def _bring_up(database: Database, *, demonstration: bool) -> None:
    upgrade(database.engine, None, vault_at(database))
    open_house(database, demonstration=demonstration)
    database.engine.dispose()


def _check_sqlite(database: Database, path: Path, *, demonstration: bool) -> None:
    check_file(path)
    check_house(database, demonstration=demonstration)
    database.engine.dispose()


def _path_of(database: Database) -> Path:
    return Path(str(database.engine.url.database))


def _free(folder: Path, name: str, end: str) -> Path:
    """Return a path that nothing has yet: two backups may be made in one second."""
    number, target = 1, folder / f"{name}{end}"
    while target.exists():
        number += 1
        target = folder / f"{name}-{number}{end}"
    return target
