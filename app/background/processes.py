"""The worker as a service: processes that each run a loop, among them one that keeps the calendar.

The caller hands in what the others do. Nothing runs in the parent but the watch over its children: it
forks them, replaces one that dies, and ends them all.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess

import structlog
from flask import Flask

from app.background.scheduling import Schedule
from app.background.stopping import StopFlag, StopSign
from app.base.database import Database
from app.base.forking import fork
from app.base.logs import place_of
from app.base.parts import parts_of

log = structlog.get_logger()
PAUSE_AFTER_FAILURE = 1.0
CALENDAR_PAUSE = 5.0
JOBS_PATIENCE_SECONDS = 30.0  # jobs can be repeated without harm, so a stop does not wait for a slow mailbox
WATCH_SECONDS = 1.0
MOST_DEATHS = 5
DEATHS_WITHIN_SECONDS = 60.0


class Loop:
    """One process of the worker: `loop` is called until the flag is set."""

    def __init__(self, app: Flask, stop: StopSign) -> None:
        self.app, self.stop = app, stop
        self.database: Database = parts_of(app).database

    def initialize(self) -> None:
        """Begin in a process of its own: the parent's connections are not ours."""
        self.database.engine.dispose(close=False)

    def loop(self) -> None:
        """Do one round; a failure is logged and waited out."""
        try:
            self.round()
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the service
            log.error("worker.round_failed", error=type(error).__name__, place=place_of(error))
            self.stop.wait(PAUSE_AFTER_FAILURE)

    def round(self) -> None:
        """Do what is to be done now, and wait a little if that was nothing."""
        raise NotImplementedError

    def shutdown(self) -> None:
        """End what was begun."""
        self.database.engine.dispose()


LoopMaker = Callable[[Flask, StopSign], Loop]


class CalendarLoop(Loop):
    """Runs the jobs of the calendar that nobody else runs."""

    is_long = False

    def initialize(self) -> None:
        """Begin as one scheduler among perhaps many."""
        super().initialize()
        self._schedule = Schedule(self.app, self.is_long)

    def round(self) -> None:
        """Begin what is due, and wait for the next."""
        self._schedule.begin_due()
        self.stop.wait(self._schedule.seconds_to_next(CALENDAR_PAUSE))

    def shutdown(self) -> None:
        """Let running jobs end, unless they take too long."""
        if self._schedule.wait(JOBS_PATIENCE_SECONDS):
            super().shutdown()


class LongWorkLoop(CalendarLoop):
    """Runs the jobs that reckon for long, so that the others keep their time."""

    is_long = True


class WorkerService:
    """The processes of one worker and the watch over them."""

    def __init__(self, app: Flask, makers: Sequence[LoopMaker]) -> None:
        self._app, self._makers = app, makers
        self._stop = StopFlag()
        self._children: list[tuple[LoopMaker, BaseProcess]] = []
        self._deaths: list[float] = []

    def run(self) -> int:
        """Work until told to stop, and return the exit code: 1 if children kept dying."""
        for number in (signal.SIGTERM, signal.SIGINT):  # heeded before the first child exists
            signal.signal(number, self._on_signal)
        parts_of(self._app).database.engine.dispose()
        self._children = [(maker, self._begin(maker)) for maker in self._makers]
        log.info("worker.started", processes=len(self._children))
        code = 0
        while not self._stop.wait(WATCH_SECONDS):
            if not self._watch():
                code = 1
                self._stop.set()
        for _maker, child in self._children:
            child.join()
        log.info("worker.stopped")
        return code

    def _begin(self, maker: LoopMaker) -> BaseProcess:
        return fork(_run_apart, self._app, maker, self._stop)

    def _watch(self) -> bool:
        """Replace the dead. Tell whether that makes sense: not if they die again and again."""
        dead = [child for _maker, child in self._children if not child.is_alive()]
        if not dead:
            return True
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < DEATHS_WITHIN_SECONDS] + [now] * len(dead)
        log.error("worker.process_died", exit_codes=sorted({str(child.exitcode) for child in dead}))
        if len(self._deaths) > MOST_DEATHS:
            log.error("worker.given_up", deaths=len(self._deaths))
            return False
        self._children = [(maker, self._begin(maker) if child in dead else child) for maker, child in self._children]
        return True

    def _on_signal(self, _number: int, _frame: object) -> None:
        """Stop after what is in hand; the second time, at once."""
        if not self._stop.is_set():
            self._stop.set()
            return
        for _maker, child in self._children:
            if child.pid is not None:
                child.kill()
        os._exit(1)


def run_until_stopped(app: Flask, makers: Sequence[LoopMaker]) -> None:
    """Run each loop, and the calendar, in a process of its own until SIGTERM or SIGINT.

    What is in hand then is finished first; a second signal ends it at once. Exits with code 1 if the processes die
    again and again.
    """
    code = WorkerService(app, [CalendarLoop, LongWorkLoop, *makers]).run()
    if code:
        sys.exit(code)


def _run_apart(app: Flask, maker: LoopMaker, stop: StopFlag) -> None:
    """Be a child: signals, which a terminal sends to a whole group, are left to the parent."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stop.leave_to_parent()
    loop = maker(app, stop)
    loop.initialize()
    while not stop.is_set():
        loop.loop()
    loop.shutdown()
