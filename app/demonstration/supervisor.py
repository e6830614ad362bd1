"""Start the web server, the worker and the mailbox together, and stop all of them together.

The parts are forked from the process that has set everything up: it has imported all that they need, which spares each
of them its own two seconds. No thread may run in that process while it forks, so whatever begins one is a part, too.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import runpy
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from flask import Flask

from app.base.forking import fork
from app.demonstration.surroundings import HIGHEST_PORT, CannotStart

READY_SECONDS = 60
STOP_SECONDS = 40
PAUSE_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ServicePart:
    """One process of the service."""

    name: str
    run: Callable[[], None]


def check_port(port: int) -> None:
    """Raise CannotStart if something else listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            other = port + 1 if port < HIGHEST_PORT else port - 1
            raise CannotStart(
                f"Port {port} is in use on this machine. Stop what uses it, or choose another: make run PORT={other}"
            ) from error


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Supervisor:
    """The running parts."""

    def __init__(self) -> None:
        self._running: list[tuple[ServicePart, BaseProcess]] = []
        self._stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)

    def start(self, part: ServicePart) -> None:
        """Fork one part, in a session of its own, so that Ctrl-C reaches us first."""
        self._running.append((part, fork(_run_apart, part)))

    def finish(self, part: ServicePart) -> None:
        """Fork one part and wait for its end; raise CannotStart if it fails, KeyboardInterrupt if asked to stop."""
        process = fork(_run_apart, part)
        while process.is_alive():
            if self._stopping:
                process.terminate()
                process.join()
                raise KeyboardInterrupt
            process.join(PAUSE_SECONDS)
        if process.exitcode:
            raise CannotStart(f"The {part.name} failed (exit code {process.exitcode}); see above why.")

    def await_ready(self, url: str) -> None:
        """Wait until the web server answers; raise CannotStart if a part ends or it takes too long.

        Raises KeyboardInterrupt if asked to stop before.
        """
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self._stopping:
                raise KeyboardInterrupt
            self._check_parts()
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise CannotStart(f"The web server did not answer within {READY_SECONDS} seconds.") from None
                time.sleep(PAUSE_SECONDS)

    def wait(self) -> None:
        """Wait for Ctrl-C; raise CannotStart if a part ends by itself."""
        while not self._stopping:
            self._check_parts()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop every part, politely first."""
        for _part, process in self._running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for _part, process in self._running:
            process.join(max(0.1, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    def _check_parts(self) -> None:
        for part, process in self._running:
            if not process.is_alive() and not self._stopping:
                raise CannotStart(f"The {part.name} stopped by itself (exit code {process.exitcode}); see above why.")

    def _ask_to_stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True


def web_server(port: int) -> ServicePart:
    """Return gunicorn on a loopback port, with the settings that production has."""

    def serve() -> None:
        sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
        runpy.run_module("gunicorn", run_name="__main__")

    return ServicePart("web server", serve)


def worker(app: Flask) -> ServicePart:
    """Return the worker that sends mail. It loads its engine in its own process: nobody waits for that."""
    return ServicePart("worker", lambda: importlib.import_module("app.mail.sending.loop").send_until_stopped(app))


def _run_apart(part: ServicePart) -> None:
    os.setsid()
    if sys.platform == "linux":  # elsewhere a part outlives us if we are killed
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    part.run()
