"""Start the web server, the worker and the mailbox together, and stop all of them together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 60
STOP_SECONDS = 40
_PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Something stands in the way; the message says what to do."""


@dataclass(frozen=True)
class Part:
    """One process of the service."""

    name: str
    command: Sequence[str]


def check_port(port: int) -> None:
    """Raise CannotStart if something else listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is in use on this machine. Stop what uses it, or choose another: make run PORT={port + 1}"
            ) from error


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Supervisor:
    """The running parts."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []
        self._stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)

    def start(self, part: Part) -> None:
        """Start one part in a group of its own, so that Ctrl-C reaches us first."""
        process = subprocess.Popen(  # noqa: S603 - our own commands
            part.command, cwd=self._folder, env=self._environment, start_new_session=True, preexec_fn=_die_with_parent
        )
        self._running.append((part, process))

    def await_ready(self, url: str) -> None:
        """Wait until the web server answers; raise CannotStart if a part ends or it takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            self._check_parts()
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise CannotStart(f"The web server did not answer within {READY_SECONDS} seconds.") from None
                time.sleep(0.05)

    def wait(self) -> None:
        """Wait for Ctrl-C; raise CannotStart if a part ends by itself."""
        while not self._stopping:
            self._check_parts()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop every part, politely first."""
        for _part, process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for _part, process in self._running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _check_parts(self) -> None:
        for part, process in self._running:
            if process.poll() is not None and not self._stopping:
                raise CannotStart(f"The {part.name} stopped by itself (exit code {process.returncode}); see above why.")

    def _ask_to_stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True


def web_server(port: int) -> Part:
    """Return gunicorn on a loopback port."""
    return Part(
        "web server",
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"],
    )


def worker() -> Part:
    """Return the worker that sends mail."""
    return Part("worker", [sys.executable, "-m", "flask", "--app", "app.cli:create_cli_app", "worker"])


def _die_with_parent() -> None:
    """Ask the kernel to stop this part when we are killed (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux" and os.getppid() != 1:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
