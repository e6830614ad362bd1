"""Bring a database to the code's schema: compare revisions, back up first, refuse what is newer than the code."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from app.base import clock
from app.base.errors import HouseRefused

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


class MigrationRefused(HouseRefused):
    """The database can't be migrated as it is; the message says what to do."""


def head_revision() -> str:
    """Return the revision that the code needs."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if head is None:
        raise MigrationRefused("The code has no migrations.")
    return head


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check_not_newer(engine: Engine) -> None:
    """Raise MigrationRefused if the database was made by a newer version of the code."""
    current = current_revision(engine)
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if current is not None and current not in known:
        raise MigrationRefused(
            f"The database is newer than this version of Undersigned (it is at revision {current}, which this version "
            f"does not know). Install the newer version again, or restore a backup from before its upgrade."
        )


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the code's revision."""
    return current_revision(engine) == head_revision()


def upgrade(engine: Engine, backups: Path, *, with_backup: bool = True) -> Path | None:
    """Migrate to the head revision; an older database is backed up first. Returns the path of that backup."""
    check_not_newer(engine)
    current = current_revision(engine)
    if current == head_revision():
        return None
    backup = back_up(engine, backups) if current is not None and with_backup else None
    migrate(engine, "head")
    return backup


def migrate(engine: Engine, revision: str, *, down: bool = False) -> None:
    """Run migrations up or down to a revision, in one transaction where the database can."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Tables are rebuilt by copying; their references are checked at the end instead of at every step.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
        if engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                connection.rollback()
                raise MigrationRefused(f"The migration would break {len(broken)} references; nothing was changed.")
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("BEGIN")


def back_up(engine: Engine, folder: Path) -> Path:
    """Copy the database as it is now into a folder and return the copy's path. What is sealed stays sealed."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    if engine.dialect.name == "sqlite":
        target = folder / f"undersigned-{stamp}.db"
        _copy_sqlite(engine.url, target)
    else:
        target = folder / f"undersigned-{stamp}.dump"
        _dump_postgres(engine.url, target)
    target.chmod(0o600)
    return target


def _copy_sqlite(url: URL, target: Path) -> None:
    source = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def _dump_postgres(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise MigrationRefused(
            "An older PostgreSQL database is backed up before it is migrated, and pg_dump was not found. "
            "Install the PostgreSQL client, or back up yourself and run: flask db upgrade --no-backup"
        )
    # Anybody who lists the processes of this machine reads their arguments, but not their environment.
    address = url.set(drivername="postgresql")._replace(password=None).render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 - a fixed program; the address comes from the settings
        [program, "--format=custom", f"--file={target}", f"--dbname={address}"],
        env={**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MigrationRefused(f"The backup before the migration failed, so nothing was changed: {done.stderr.strip()}")
