"""A real PgBouncer before the tests' PostgreSQL, in transaction mode, from the settings that deploy/ has for it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.servers.missing import missing
from tests.servers.postgres import PostgresServer, _free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "pgbouncer.ini"
# So few that processes have to share them, and what one leaves behind would meet another.
SHARED = 3
_START_SECONDS = 30


@pytest.fixture
def pooled_database_url(postgres_server: PostgresServer, postgres_database_url: str) -> Iterator[str]:
    """Give the address of the empty database by way of a pooler; it refuses to run as root, as PostgreSQL does."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or missing("no pgbouncer")
    folder, port = Path(tempfile.mkdtemp(prefix="undersigned-pooler-")), _free_port()
    user = "nobody" if os.geteuid() == 0 else None
    (folder / "pgbouncer.ini").write_text(_adapted(port, postgres_server.port), encoding="utf-8")
    if user:
        shutil.chown(folder, user)
        shutil.chown(folder / "pgbouncer.ini", user)
    said = folder / "said"
    with said.open("wb") as log:
        process = subprocess.Popen([program, str(folder / "pgbouncer.ini")], user=user, cwd="/", stdout=log, stderr=log)
    try:
        _await(port, process, said)
        yield make_url(postgres_database_url).set(port=port).render_as_string()
    finally:
        process.terminate()
        process.wait(_START_SECONDS)
        shutil.rmtree(folder)


def _adapted(port: int, server_port: int) -> str:
    """Change only what is of a machine: addresses, and the password file that is not here."""
    text = SHIPPED.read_text(encoding="utf-8")
    changes = {
        r"^undersigned = .*$": f"* = host=127.0.0.1 port={server_port} user=postgres",
        r"^listen_port = .*$": f"listen_port = {port}\nunix_socket_dir =",
        r"^auth_type = .*$": "auth_type = any",
        r"^auth_file = .*$": "",
        r"^default_pool_size = .*$": f"default_pool_size = {SHARED}",
    }
    for pattern, line in changes.items():
        text, number = re.subn(pattern, line, text, flags=re.MULTILINE)
        assert number == 1, pattern
    return text


def _await(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.02)
    raise RuntimeError(f"The pooler did not start:\n{said.read_text()}")
