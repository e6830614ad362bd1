"""The bell that wakes workers after a commit; it never slows or fails whoever rings it.

A thread of its own does the ringing. It comes with the first ring and goes when nobody rings for a while, so a process
that rings nothing opens nothing, and loads neither Huey nor the drivers of its stores.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

log = structlog.get_logger()
IDLE_SECONDS = 5.0
LAST_RING_SECONDS = 2.0


@dataclass(frozen=True)
class QueueAddress:
    """Where workers listen: a URL of Redis or PostgreSQL, or else a file; and the name that is this house's there."""

    url: str
    file: Path
    name: str


class _Queue(Protocol):
    def ring(self) -> None: ...

    def close(self) -> None: ...


class Bell:
    """Wakes a worker, wherever it runs. A ring that fails costs seconds: workers also look into the outbox unasked."""

    def __init__(self, address: QueueAddress) -> None:
        self.address = address
        self._thread: threading.Thread | None = None
        self._is_silent = False
        self._start_over()
        _bells.add(self)

    def __call__(self) -> None:
        """Ask for a ring; rings that were asked for while another is under way become one."""
        with self._lock:
            self._asked.set()
            self._quiet.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._stand_by, name="bell", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until everything asked for was tried; tell whether it was."""
        return self._quiet.wait(seconds)

    def close(self, seconds: float = LAST_RING_SECONDS) -> None:
        """End the thread after what was asked for. It comes again with the next ring."""
        self.wait(seconds)
        with self._lock:
            thread, self._is_closing = self._thread, True
            self._asked.set()
        if thread is not None:
            thread.join(seconds)
        with self._lock:
            self._is_closing = False

    def _start_over(self) -> None:
        """Begin as in a new process: a fork has no thread of its parent's and must not touch its connections."""
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._quiet = threading.Event()
        self._quiet.set()
        self._is_closing = False
        self._thread = None

    def _stand_by(self) -> None:
        queue: _Queue | None = None
        while True:
            was_asked = self._asked.wait(IDLE_SECONDS)
            with self._lock:
                if self._is_closing or not (was_asked or self._asked.is_set()):
                    self._thread = None
                    self._asked.clear()
                    self._quiet.set()
                    break
                self._asked.clear()
            try:
                queue = queue or self._open()
                queue.ring()
                self._notice(None)
            except Exception as error:  # noqa: BLE001 - the outbox is the truth; a worker looks into it by itself
                self._notice(error)
            with self._lock:
                if not self._asked.is_set():
                    self._quiet.set()
        if queue is not None:
            queue.close()

    def _notice(self, error: Exception | None) -> None:
        if error is not None and not self._is_silent:
            log.warning("bell.silent", error=type(error).__name__, meaning="Workers find mail some seconds later.")
        elif error is None and self._is_silent:
            log.warning("bell.heard_again")
        self._is_silent = error is not None

    def _open(self) -> _Queue:
        queue: _Queue = importlib.import_module("app.background.queues").Queue(self.address)
        return queue


_bells: weakref.WeakSet[Bell] = weakref.WeakSet()


def _start_over_after_fork() -> None:
    for bell in list(_bells):
        bell._start_over()


def _let_bells_ring_out() -> None:
    """Give a short command, which ends right after its commit, the time for its ring."""
    deadline = time.monotonic() + LAST_RING_SECONDS
    for bell in list(_bells):
        with contextlib.suppress(RuntimeError):
            bell.wait(max(0.0, deadline - time.monotonic()))


os.register_at_fork(after_in_child=_start_over_after_fork)
atexit.register(_let_bells_ring_out)
