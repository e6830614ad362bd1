"""The sender's process: it empties the outbox whenever there is something new in it, or a mail falls due."""

from __future__ import annotations

import time
from datetime import datetime

import structlog
from flask import Flask

from app.background.processes import Loop, run_until_stopped
from app.background.stopping import StopSign
from app.base import clock
from app.base.parts import parts_of
from app.mail.sending.waiting import Glance, glance
from app.mail.sending.worker import Worker

log = structlog.get_logger()
LOOK_SECONDS = 0.5  # somebody waits for a confirmation no longer than this before it is begun
FIRST_PAUSE = 1.0  # when mail is due and still may not go: paused, or its server rests
SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 15.0
CONNECTION_KEPT_SECONDS = 2.0


class SendingLoop(Loop):
    """Empties the outbox, and looks twice a second whether anything in it has changed."""

    def __init__(self, app: Flask, stop: StopSign) -> None:
        super().__init__(app, stop)
        self._blocked_for = 0.0
        self._has_swept = False

    def initialize(self) -> None:
        """Begin with a worker of its own."""
        super().initialize()
        self._worker = Worker(self.app)

    def round(self) -> None:
        """Send a batch; when nothing may go, wait until something has changed.

        The first round frees what processes before this one held when they died.
        """
        if not self._has_swept:
            self._worker.sweep()
            self._has_swept = True
        handled = self._worker.work_off(self.stop)
        if self.stop.is_set():
            return
        if handled:
            self._blocked_for = 0.0
            return
        seen = self._glance()
        self._watch(seen, self._pause(seen.due_at))

    def shutdown(self) -> None:
        """Say goodbye to the mail server and the database."""
        try:
            self._worker.close()
        except Exception as error:  # noqa: BLE001 - the mail is done; what is open ends with the process
            log.warning("worker.not_closed", error=type(error).__name__)
        super().shutdown()

    def _glance(self) -> Glance:
        with self.database.reading() as session:
            return glance(session)

    def _pause(self, due_at: datetime | None) -> float:
        """Return how long to wait: until the next mail falls due, and longer each time while due mail may not go."""
        left = None if due_at is None else (due_at - clock.now()).total_seconds()
        if left is None or left > 0:
            self._blocked_for = 0.0
            return LONGEST_PAUSE if left is None else max(SHORTEST_PAUSE, min(left, LONGEST_PAUSE))
        self._blocked_for = min(max(FIRST_PAUSE, self._blocked_for * 2), LONGEST_PAUSE)
        return self._blocked_for

    def _watch(self, seen: Glance, seconds: float) -> None:
        """Wait so long, or until the outbox shows something else than it did."""
        began = time.monotonic()
        has_connection = True
        while (left := began + seconds - time.monotonic()) > 0 and not self.stop.wait(min(left, LOOK_SECONDS)):
            if self._glance() != seen:
                self._blocked_for = 0.0
                return
            if has_connection and time.monotonic() - began >= CONNECTION_KEPT_SECONDS:
                # Nothing to send for a while: the mail server's places are for those that have.
                self._worker.close()
                has_connection = False


def send_until_stopped(app: Flask) -> None:
    """Send mail and keep the calendar, in processes of their own, until SIGTERM or SIGINT."""
    run_until_stopped(app, [SendingLoop] * parts_of(app).settings.mail_senders)
