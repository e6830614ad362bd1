"""A database for tests that need no application around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.database import Database
from app.base.keys import Keys
from app.base.links import Links
from app.base.ports import Ports
from app.base.sealing import Vault


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, key_file: Path) -> Iterator[Database]:
    """A database of either kind with its keys, which several workers share."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_database_url")
    yield from _database(url, key_file)


@pytest.fixture
def light(sqlite_url: str, key_file: Path) -> Iterator[Database]:
    """An SQLite database with its keys, for long simulations."""
    yield from _database(sqlite_url, key_file)


def _database(url: str, key_file: Path) -> Iterator[Database]:
    keys = Keys.from_file(key_file)
    database = Database(url, Ports(vault=Vault(keys), links=Links(keys, "http://localhost")))
    yield database
    database.engine.dispose()
