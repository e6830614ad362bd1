"""Copy an SQLite database while it is used, and put another in its place when it is not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.base.errors import HouseRefused
from app.base.shared_folders import share_like_folder
from app.upkeep.files import PIECE_BYTES, BackupFailed, DatabaseInUse, sync_folder

_BESIDE = ("-wal", "-shm", "-journal")


class CopyBroken(HouseRefused):
    """SQLite can't read the database to its end."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"SQLite finds the database damaged: {reason}. Take a backup from before.")


def copy_rows(source: Path, target: Path) -> None:
    """Write the rows of one moment into a new file: no free page, no earlier state of a page comes along."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.Error as error:
            raise (BackupFailed(error) if _is_full(error) else CopyBroken(error)) from error


def check_file(path: Path) -> None:
    """Raise CopyBroken unless SQLite finds nothing wrong with a database: its pages, its indexes, its references."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise CopyBroken(error) from error
    if found != ["ok"] or broken:
        raise CopyBroken("; ".join(found) if found != ["ok"] else f"{len(broken)} references lead nowhere")


def make_whole(path: Path) -> None:
    """Bring all of a database into its one file, without a log beside it; raises DatabaseInUse."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            # It is refused while anybody else has the file open in the mode that we use it in.
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise DatabaseInUse from error
    if mode != "delete":
        raise DatabaseInUse


def put_in_place(made: Path, target: Path) -> None:
    """Let a whole database take the place of another, in one step; raises DatabaseInUse."""
    make_whole(made)
    if target.exists():
        make_whole(target)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    # What lies beside belongs to a database that is gone: SQLite would write it into the new one.
    for end in _BESIDE:
        Path(f"{target}{end}").unlink(missing_ok=True)
    made.chmod(0o600)
    made.rename(target)
    share_like_folder(target)
    sync_folder(target.parent)


def create_database_file(path: Path) -> None:
    """Make an empty file for those who share its folder, and nobody else; one that is there is left alone."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    share_like_folder(path)


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's content piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _is_full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
