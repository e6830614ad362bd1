"""Fresh databases of either kind, and what a server of the product is told about one."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.scene import settings_for
from tests.servers.postgres import PostgresServer

CREATE_ROWS = "CREATE TABLE rows (id {} PRIMARY KEY, words text NOT NULL)"


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Give two fresh databases of a kind: the product's URL and the yardstick's address."""
    if kind == "SQLite":
        bare = folder / "bare.db"
        with contextlib.closing(sqlite3.connect(bare)) as connection:
            connection.execute(CREATE_ROWS.format("INTEGER"))
        yield f"sqlite:///{folder / 'undersigned.db'}", str(bare)
        return
    server = PostgresServer(options=())  # durable, as it comes: fsync and synchronous_commit on
    try:
        bare_url = server.url(server.create()).replace("+psycopg", "")
        with psycopg.connect(bare_url, autocommit=True) as connection:
            connection.execute(CREATE_ROWS.format("bigint GENERATED ALWAYS AS IDENTITY"))
        yield server.url(server.create()), bare_url
    finally:
        server.stop()


def environment(folder: Path, url: str, port: int) -> dict[str, str]:
    """Return the settings of a server."""
    settings = settings_for(folder, url, port)
    return {
        "UNDERSIGNED_DATABASE_URL": settings.database_url,
        "UNDERSIGNED_KEY_FILE": str(settings.key_file),
        "UNDERSIGNED_PUBLIC_URL": settings.public_url,
        "UNDERSIGNED_MAIL_URL": settings.mail_url,
        "UNDERSIGNED_MAIL_FROM": settings.mail_from,
        "UNDERSIGNED_STATE_DIRECTORY": str(folder),
    }
