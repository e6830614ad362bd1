"""What tests of backups share: an offline key, and PostgreSQL's programs of the server's version."""

from __future__ import annotations

import os

import pyrage
import pytest

from app.upkeep.files import create_identity
from tests.servers.postgres import PROGRAMS


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the server's own programs before those that the machine may have."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The secret key of the backups."""
    path = tmp_path_factory.mktemp("offline") / "identity"
    create_identity(path)
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


@pytest.fixture(scope="session")
def recipient(identities: list[str]) -> str:
    """Its public half."""
    return str(pyrage.x25519.Identity.from_str(identities[0]).to_public())
