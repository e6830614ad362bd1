"""The processes of one house as on several machines: each with a name and an address of its own, and its own end."""

from __future__ import annotations

import os
import runpy
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from app.background import scheduling
from app.base.parts import parts_of
from app.mail import states
from app.mail.sending import claims, loop, results
from config import Settings
from tests.background.worker_processes import begin, make_app
from tests.crash import kinds
from tests.journeys.house import FOLDER, environment_of

END_SECONDS = 20.0
# A lease that a test can outwait; for as much shorter it is renewed, and fresh.
_FRESH_SHARE = states.LEASE / results.FRESH
_RENEWALS = scheduling.LEASE.total_seconds() / scheduling.RENEW_SECONDS


def serve(settings: Settings, machine: str, address: str) -> None:
    """Be the web server of a machine, at an address of its own."""
    _begin_machine(machine)
    os.environ.update(environment_of(settings))
    os.chdir(FOLDER)
    sys.path.insert(0, str(FOLDER))
    sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", address, "wsgi:app"]
    runpy.run_module("gunicorn", run_name="__main__")


def work(settings: Settings, machine: str, lease_seconds: float) -> None:
    """Be the worker of a machine, whose claims end so soon."""
    _begin_machine(machine)
    lease = timedelta(seconds=lease_seconds)
    claims.LEASE = lease  # type: ignore[attr-defined]
    results.FRESH = lease / _FRESH_SHARE
    scheduling.LEASE, scheduling.RENEW_SECONDS = lease, lease_seconds / _RENEWALS
    app = make_app(settings)
    parts_of(app).mail_kinds.register(kinds.KINDS)
    jobs = parts_of(app).calendar._jobs
    jobs["sweep outbox"] = replace(jobs["sweep outbox"], every_seconds=1)
    loop.send_until_stopped(app)


def _begin_machine(name: str) -> None:
    os.setsid()
    socket.gethostname = lambda: name


class Machine:
    """One of them, with all its processes."""

    def __init__(self, log: Path, target: Callable[..., None], *words: Any) -> None:
        self.log = log
        self._process: BaseProcess = begin(log, target, *words)

    def signal(self, number: int) -> None:
        """Send a signal to every process of it at once: SIGKILL is its end, SIGSTOP cuts it off."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid or 0, number)

    def stop(self) -> None:
        """End it as an operator does, or at once where that takes too long."""
        self._process.terminate()
        self._process.join(END_SECONDS)
        self.signal(signal.SIGKILL)
        self._process.join()


@contextmanager
def machines(*begun: Machine) -> Iterator[None]:
    """Stop them at the end of the block, whatever became of them."""
    try:
        yield
    finally:
        for each in begun:
            each.signal(signal.SIGCONT)
        for each in begun:
            each.stop()
