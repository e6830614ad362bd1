"""The worker as a service: processes that do what the bell rings for, and one that keeps the calendar.

It is Huey's consumer with loops of our own. What the processes do is handed in by whoever starts them. Nothing runs in
the parent but the watch over its children: it forks them, replaces one that dies, and ends them all.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

import structlog
from flask import Flask
from huey.consumer import Consumer, ForkSafeFlag, ProcessEnvironment

from app.background.bells import Bell
from app.background.queues import Queue
from app.background.scheduling import Schedule
from app.base.database import Database
from app.base.logs import place_of

log = structlog.get_logger()
PAUSE_AFTER_FAILURE = 1.0
CALENDAR_PAUSE = 5.0
JOBS_PATIENCE_SECONDS = 30.0  # jobs can be repeated without harm, so a stop does not wait for a slow mailbox
WATCH_SECONDS = 1.0
MOST_DEATHS = 5
DEATHS_WITHIN_SECONDS = 60.0


class StopFlag(threading.Event):
    """An event over several processes. It is set, too, when the process that made it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._flag = ForkSafeFlag()

    def set(self) -> None:
        """Ask every process to stop. Safe in a signal handler."""
        self._flag.set()

    def is_set(self) -> bool:
        """Tell whether to stop."""
        return bool(self._flag.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, so many seconds at most; tell whether to stop."""
        return bool(self._flag.wait(timeout))

    def leave_to_parent(self) -> None:
        """Keep only the reading end of the pipe: it then ends with the parent, which counts as set."""
        os.close(self._flag._w)


class _Apart(ProcessEnvironment):
    """Forked processes that stop when their parent says so, and not by a signal that a whole group gets."""

    def get_stop_flag(self) -> StopFlag:
        """Return the flag that all processes share."""
        return StopFlag()

    def init_child(self, process: Loop) -> None:
        """Leave signals to the parent."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        process.stop_flag.leave_to_parent()


class Loop:
    """One process of the worker: `loop` is called until the flag is set."""

    def __init__(self, app: Flask, huey: Any, stop_flag: StopFlag) -> None:
        self.app, self.huey, self.stop_flag = app, huey, stop_flag
        self.database: Database = app.extensions["database"]

    def initialize(self) -> None:
        """Begin in a process of its own: the parent's connections are not ours."""
        self.database.engine.dispose(close=False)

    def loop(self) -> None:
        """Do one round; a failure is logged and waited out."""
        try:
            self.round()
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the service
            log.error("worker.round_failed", error=type(error).__name__, place=place_of(error))
            self.stop_flag.wait(PAUSE_AFTER_FAILURE)

    def round(self) -> None:
        """Do what is to be done now, and wait a little if that was nothing."""
        raise NotImplementedError

    def shutdown(self) -> None:
        """End what was begun."""
        self.database.engine.dispose()


class CalendarLoop(Loop):
    """Runs the jobs of the calendar that nobody else runs."""

    def initialize(self) -> None:
        """Begin as one scheduler among perhaps many."""
        super().initialize()
        self._schedule = Schedule(self.app)

    def round(self) -> None:
        """Begin what is due, and wait for the next."""
        self._schedule.begin_due()
        self.stop_flag.wait(self._schedule.seconds_to_next(CALENDAR_PAUSE))

    def shutdown(self) -> None:
        """Let running jobs end, unless they take too long."""
        if self._schedule.wait(JOBS_PATIENCE_SECONDS):
            super().shutdown()


LoopMaker = Callable[[Flask, Any, StopFlag, Queue], Loop]


class Engine(Consumer):
    """The processes that work, the calendar and the watch over them."""

    def __init__(self, app: Flask, make_loop: LoopMaker, number: int) -> None:
        bell: Bell = app.extensions["bell"]
        self._app = app
        self._queue = Queue(bell.address)
        self._make_loop = make_loop
        self._deaths: list[float] = []
        super().__init__(self._queue.huey, workers=number, worker_type="process", periodic=False)

    def get_environment(self, _worker_type: str) -> ProcessEnvironment:
        """Return how processes are made."""
        return _Apart()

    def start(self) -> None:
        """Fork workers and calendar; signals are heeded before the first of them exists."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._app.extensions["bell"].close()
        self._app.extensions["database"].engine.dispose()
        self.huey.storage.close()
        for process in self._processes():
            process.start()

    def run(self) -> int:
        """Work until told to stop, and return the exit code: 1 if children kept dying."""
        self.start()
        log.info("worker.started", processes=self.workers)
        code = 0
        while not self.stop_flag.wait(WATCH_SECONDS):
            if not self._watch():
                code = 1
                self.stop_flag.set()
        for process in self._processes():
            process.join()
        log.info("worker.stopped")
        return code

    def _create_worker(self) -> Loop:
        return self._make_loop(self._app, self.huey, self.stop_flag, self._queue)

    def _create_scheduler(self) -> CalendarLoop:
        return CalendarLoop(self._app, self.huey, self.stop_flag)

    def _processes(self) -> list[BaseProcess]:
        return [self.scheduler, *(process for _loop, process in self.worker_threads)]

    def _watch(self) -> bool:
        """Replace the dead. Tell whether that makes sense: not if they die again and again."""
        dead = [process for process in self._processes() if not process.is_alive()]
        if not dead:
            return True
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < DEATHS_WITHIN_SECONDS] + [now] * len(dead)
        log.error("worker.process_died", exit_codes=sorted({str(process.exitcode) for process in dead}))
        if len(self._deaths) > MOST_DEATHS:
            log.error("worker.given_up", deaths=len(self._deaths))
            return False
        self.check_worker_health()
        return True

    def _on_signal(self, _number: int, _frame: object) -> None:
        """Stop after what is in hand; the second time, at once."""
        if not self.stop_flag.is_set():
            self.stop_flag.set()
            return
        for process in self._processes():
            if process.pid is not None:
                process.kill()
        os._exit(1)


def run_until_stopped(app: Flask, make_loop: LoopMaker, number: int) -> None:
    """Work with so many loops in processes of their own until SIGTERM or SIGINT; what is in hand is finished first.

    A second signal ends it at once. Exits with code 1 if its processes die again and again.
    """
    logging.getLogger("huey").setLevel(logging.ERROR)
    code = Engine(app, make_loop, number).run()
    if code:
        sys.exit(code)
