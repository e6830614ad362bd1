"""Bring a database to the code's schema: compare revisions, back up first, refuse what is newer than the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from app.base.errors import HouseRefused
from app.base.failures import DATABASE_FAILS, LOCKED, reason_of
from app.base.sealing import Vault

VAULT = "vault"  # under which name Alembic's configuration holds what a migration seals with
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
    check_revision(current_revision(engine))


def check_revision(revision: str | None) -> None:
    """Raise MigrationRefused for the revision of a database or backup that is newer than the code."""
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if revision is not None and revision not in known:
        raise MigrationRefused(
            f"The database is newer than this version of Undersigned (it is at revision {revision}, which this version "
            f"does not know). Install the newer version again, or restore a backup from before its upgrade."
        )


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the code's revision."""
    return current_revision(engine) == head_revision()


def upgrade(engine: Engine, make_backup: Callable[[], Path] | None, vault: Vault | None = None) -> Path | None:
    """Migrate to the head revision; an older database is backed up first. Returns the path of that backup.

    `vault` seals what a migration seals; what stood in the clear before goes from the database's files as well.
    """
    check_not_newer(engine)
    current = current_revision(engine)
    if current == head_revision():
        return None
    backup = make_backup() if current is not None and make_backup is not None else None
    migrate(engine, "head", vault=vault)
    if current is not None:
        _forget(engine)
    return backup


def migrate(engine: Engine, revision: str, *, down: bool = False, vault: Vault | None = None) -> None:
    """Run migrations up or down to a revision, in one transaction: stopped anywhere, they have changed nothing.

    Raises MigrationRefused where somebody else holds the database for too long: waiting would hold up everybody behind.
    """
    try:
        _migrate(engine, revision, down=down, vault=vault)
    except DATABASE_FAILS as error:
        if not reason_of(error).startswith(LOCKED):
            raise
        raise MigrationRefused(
            "Somebody else holds the database: a backup, an open transaction, or a service that is at work. Nothing "
            "was changed. Try again in a moment, or stop web server and worker first."
        ) from error


def _migrate(engine: Engine, revision: str, *, down: bool, vault: Vault | None) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.connect() as connection, _loose_references(connection):
        config.attributes |= {"connection": connection, VAULT: vault}
        (command.downgrade if down else command.upgrade)(config, revision)
        if engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise MigrationRefused(f"The migration would break {len(broken)} references; nothing was changed.")
        connection.commit()


def _forget(engine: Engine) -> None:
    """Let the files keep nothing that a migration replaced: SQLite's journal, PostgreSQL's dead rows."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")


@contextmanager
def _loose_references(connection: Connection) -> Iterator[None]:
    """Let SQLite check references at the end instead of at every step, since tables are rebuilt by copying.

    Where the block fails, even in its commit, the connection is closed, which takes back all; the next one is new.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.invalidate()
        raise
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    connection.exec_driver_sql("BEGIN")
