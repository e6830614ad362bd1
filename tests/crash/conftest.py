"""A database of either kind, a relay that counts, and a hatchery of workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.base.parts import parts_of
from config import Settings
from tests.crash.hatchery import Hatchery
from tests.crash.post import Post, open_post
from tests.crash.relay import Relay
from tests.crash.scene import Scene


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """After a soak, say how often what died and what came of it."""
    if "UNDERSIGNED_SOAK" in os.environ:
        for report in [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]:
            figures = ", ".join(f"{name}: {figure}" for name, figure in report.user_properties)
            if figures and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {figures}")


@pytest.fixture
def relay() -> Iterator[Relay]:
    """Give a relay that takes everything and counts its copies."""
    relay = Relay()
    yield relay
    relay.stop()


@pytest.fixture(scope="session")
def _hatchery(key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    folder = tmp_path_factory.mktemp("hatchery")
    hatchery = Hatchery(
        Settings(
            database_url=f"sqlite:///{folder / 'unused.db'}", key_file=key_file, public_url="http://localhost",
            mail_url="smtp://127.0.0.1:1", mail_from="appeals@example.org", state_directory=folder,
        )
    )  # fmt: skip
    yield hatchery
    hatchery.close()


@pytest.fixture
def scene(either_app: Flask, relay: Relay, _hatchery: Hatchery) -> Scene:
    """Give an outbox on either database with workers that can be killed."""
    settings: Settings = parts_of(either_app).settings
    _hatchery.move(replace(settings, mail_url=relay.url))
    return Scene(parts_of(either_app).database, _hatchery, relay)


@pytest.fixture
def post(app: Flask) -> Iterator[Post]:
    """Give an outbox and a server on SQLite: for what no database does differently."""
    with open_post(app) as post:
        yield post


@pytest.fixture
def either_post(either_app: Flask) -> Iterator[Post]:
    """Give an outbox and a server on either database."""
    with open_post(either_app) as post:
        yield post
