"""What every test may ask for: an application on a fresh database of either kind, its sessions, a clean clock."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app, load_models
from app.base import clock
from app.base.database import Database
from app.base.keys import create_key_file
from app.base.parts import parts_of
from app.base.sealing import PORTS
from app.mail.registry import Registry
from app.site.kept import KeptPages
from app.smtp.connection import init_connection
from config import Settings
from tests.factories.kept import everything_anew
from tests.factories.parts import exchange

if TYPE_CHECKING:  # pytest rewrites the plugins' assertions, so it must be the first to import them
    from tests.servers.databases import Databases, Lend

load_models()

_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 1024**3


def _is_roomy(folder: Path) -> bool:
    """Tell whether thousands of small databases fit, and programs may be run from there."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free > _ROOM_BYTES


if _is_roomy(_IN_MEMORY):  # what the disk takes to make and delete their files is a tenth of many tests
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))

# What has tests of several seconds each: whole stories, deaths of processes, migrations.
_LONG = (
    "tests/journeys",
    "tests/crash",
    "tests/demonstration",
    "tests/laws",
    "tests/test_readme",
    "tests/architecture",
)

_ANEW = (
    "tests/laws",
    "tests/crash",
    "tests/upkeep",
    "tests/architecture",
    "tests/counts",
    "tests/accounts/test_passwords",
)

pytest_plugins = [
    "tests.servers.missing",
    "tests.servers.network",
    "tests.servers.postgres",
    "tests.servers.pooler",
    "tests.servers.databases",
    "tests.servers.hashing",
    "tests.servers.smtp",
    "tests.servers.relay",
    "tests.servers.certificates",
    "tests.servers.names",
    "tests.servers.imap",
    "tests.servers.browser",
    "tests.servers.looks",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest where processes share the tests, so that none sits idle at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave out what lives as long as the process: code, tests, tables."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _clean_clock() -> Iterator[None]:
    yield
    clock.reset()


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Take back what a command set up in this process: its logs go to a stream that ends with its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _everything_anew(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what looks into journals, and at what a killed process leaves, see the product's own writing."""
    with everything_anew() if request.node.nodeid.startswith(_ANEW) else nullcontext():
        yield


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key"
    create_key_file(path)
    return path


@pytest.fixture
def settings(sqlite_url: str, key_file: Path, tmp_path: Path) -> Settings:
    return _settings(sqlite_url, key_file, tmp_path)


def _settings(database_url: str, key_file: Path, folder: Path) -> Settings:
    """Settings for a test; no relay listens on port 1, so nothing leaves by accident."""
    return Settings(
        database_url=database_url,
        key_file=key_file,
        public_url="http://localhost",
        mail_url="smtp://127.0.0.1:1",
        mail_from="appeals@example.org",
        state_directory=folder,
        password_alone=True,  # a second factor has tests of its own
    )


@pytest.fixture(scope="session")
def _joined(key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, joined once for each process: its routes and compiled templates are the same for every test."""
    folder = tmp_path_factory.mktemp("joined")
    return _join(_settings(f"sqlite:///{folder / 'unused.db'}", key_file, folder))


def _join(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def _copied(registry: Registry) -> Registry:
    """A registry that a test may add kinds to."""
    copied = Registry()
    copied.register(registry.kind(name) for name in registry.names())
    for seeker in registry._seekers:
        copied.register_seeker(seeker)
    return copied


@contextmanager
def _with_settings(app: Flask, settings: Settings, databases: Databases) -> Iterator[Flask]:
    """Give the joined application a test's own database and relay, and take back whatever the test changed.

    Settings that differ in more than that get an application of their own.
    """
    config, extensions = dict(app.config), dict(app.extensions)
    known: Settings = parts_of(app).settings
    alike = replace(
        settings, database_url=known.database_url, state_directory=known.state_directory, mail_url=known.mail_url
    )
    if alike != known:
        app, config, extensions = _join(settings), {}, {}
        database = parts_of(app).database
    else:
        database = databases.at(settings.database_url, parts_of(app).database.ports)
        outgoing_mail = init_connection(app, settings.relay)
        exchange(
            app,
            database=database,
            settings=settings,
            outgoing_mail=outgoing_mail,
            remembered={},
            kept_pages=KeptPages(database),
            mail_kinds=_copied(parts_of(app).mail_kinds),
        )
    try:
        yield app
    finally:
        parts_of(app).database.engine.dispose()
        databases.let_go(database)
        if extensions:
            app.config.clear()
            app.config.update(config)
            app.extensions.clear()
            app.extensions.update(extensions)


@pytest.fixture
def lend(_joined: Flask, databases: Databases) -> Lend:
    """Lend the joined application with other settings: `with lend(settings) as app:`."""
    return lambda settings: _with_settings(_joined, settings, databases)


@pytest.fixture
def own_app(settings: Settings) -> Iterator[Flask]:
    """An application that the test may change as it likes: add routes, speak another language."""
    app = _join(settings)
    yield app
    parts_of(app).database.engine.dispose()


@pytest.fixture
def app(lend: Lend, settings: Settings) -> Iterator[Flask]:
    """The application on a fresh SQLite file."""
    with lend(settings) as app:
        yield app


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_app(request: pytest.FixtureRequest, lend: Lend, settings: Settings) -> Iterator[Flask]:
    """The application on SQLite and again on PostgreSQL: for whatever the database could do differently."""
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    with lend(settings) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


@pytest.fixture
def writing(app: Flask, database: Database) -> Iterator[AbstractContextManager[Session]]:
    """Open a writing transaction inside an application context: `with writing as session:`."""
    with app.app_context():
        yield database.writing()


@pytest.fixture
def session(app: Flask, database: Database) -> Iterator[Session]:
    """A writing session inside an application context; it is rolled back at the end."""
    with app.app_context(), Session(database._writer, info={PORTS: database.ports}, expire_on_commit=False) as session:
        yield session
        session.rollback()
