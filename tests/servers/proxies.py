"""The proxies that deploy/ has settings for, run from these very files with other ports, folders and certificates."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.servers.missing import missing

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "appeals.example.org"
_START_SECONDS = 30


@dataclass(frozen=True)
class Places:
    """Where a proxy of a test listens, what it stands before, and where it may write."""

    port: int
    upstreams: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Proxy:
    """A kind of proxy: its program, its settings as they are shipped, and how both are run for a test."""

    program: str
    file: str
    adapted: Callable[[str, Places], str]
    checks: tuple[str, ...]
    runs: tuple[str, ...]

    def found(self) -> str:
        """Return the program's path; the test is not run where there is none."""
        return shutil.which(self.program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or missing(
            f"no {self.program}"
        )

    def settings(self, places: Places, text: str = "") -> Path:
        """Write the shipped settings down for these places, or others that were made of them."""
        path = places.folder / self.file
        path.write_text(
            self.adapted(text or (DEPLOY / self.file).read_text(encoding="utf-8"), places), encoding="utf-8"
        )
        return path

    def check(self, path: Path) -> subprocess.CompletedProcess[str]:
        """Let the program itself judge its settings."""
        command = [self.found(), *(part.format(path=path) for part in self.checks)]
        return subprocess.run(command, env=_environment(path.parent), capture_output=True, text=True, timeout=60)

    @contextmanager
    def running(self, places: Places) -> Iterator[Path]:
        """Run it for the block; give the file with all that it says."""
        path, said = self.settings(places), places.folder / "said"
        command = [self.found(), *(part.format(path=path) for part in self.runs)]
        with said.open("wb") as log:
            process = subprocess.Popen(command, env=_environment(places.folder), stdout=log, stderr=log)
        try:
            _await(places.port, process, said)
            yield said
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def _await(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.02)
    raise RuntimeError(f"The proxy did not start:\n{said.read_text()}")


def _nginx(text: str, places: Places) -> str:
    """Change only what is of a machine. It speaks plainly here, and what it hides is kept to be looked at."""
    text = text.replace("user www-data;", "user root;" if os.geteuid() == 0 else "")
    text = text.replace("/dev/null", str(places.folder / "hidden")).replace("/run/", f"{places.folder}/")
    text = re.sub(r"listen 443 ssl http2", f"listen 127.0.0.1:{places.port}", text)
    text = re.sub(r"listen 80\b", "listen unix:{}/{}".format(places.folder, "plain"), text)
    text = re.sub(r"ssl_certificate.*\n", "", text)
    servers = "".join(f"server {each} max_fails=1 fail_timeout=5s;\n" for each in places.upstreams)
    return re.sub(r"server 127\.0\.0\.1:8000 .*;\n", servers, text)


def _caddy(text: str, places: Places) -> str:
    text = text.replace(f"\n{NAME} {{", f"\nhttp://{NAME}:{places.port} {{\n\tbind 127.0.0.1")
    return text.replace("127.0.0.1:8000", places.upstreams[0])


NGINX = Proxy("nginx", "nginx.conf", _nginx, ("-t", "-c", "{path}"), ("-c", "{path}", "-g", "daemon off;"))
CADDY = Proxy(
    "caddy",
    "Caddyfile",
    _caddy,
    ("validate", "--config", "{path}", "--adapter", "caddyfile"),
    ("run", "--config", "{path}", "--adapter", "caddyfile"),
)
