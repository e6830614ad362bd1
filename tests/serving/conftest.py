"""One web server for all that is tried here, as production runs it, on an empty house."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import Settings
from tests.journeys.house import running
from tests.servers.databases import create_tables
from tests.servers.postgres import _free_port


@dataclass(frozen=True)
class WebServer:
    """The running server: its port, and the processes that answer."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """Return the ids of the processes that answer (Linux)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let nobody answer for the block, as where all have too much to do."""
        workers = self.workers()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="session")
def web(key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    folder = tmp_path_factory.mktemp("web")
    port, url = _free_port(), f"sqlite:///{folder / 'undersigned.db'}"
    create_tables(url)
    settings = Settings(
        database_url=url,
        key_file=key_file,
        public_url=f"http://127.0.0.1:{port}",
        mail_url="smtp://127.0.0.1:1",
        mail_from="appeals@example.org",
        state_directory=folder,
        trusted_proxies=1,
    )
    with (folder / "log").open("wb") as log, running(settings, port, log) as process:
        deadline = time.monotonic() + 30
        server = WebServer(port, process)
        while len(server.workers()) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        yield server
