"""The sender's process: it empties the outbox whenever the bell rings, a mail falls due, or a while has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from flask import Flask

from app.background.processes import Loop, StopFlag, run_until_stopped
from app.background.queues import Queue
from app.base import clock
from app.mail.sending.claims import next_due_at
from app.mail.sending.worker import Worker

log = structlog.get_logger()
FIRST_PAUSE = 1.0  # when mail is due and still may not go: paused, or its server rests
SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 15.0
DEAF_PAUSE = 3.0  # without a bell, somebody waits for a confirmation no longer than this
CONNECTION_KEPT_SECONDS = 2.0


class SendingLoop(Loop):
    """Empties the outbox whenever the bell rings, a mail falls due, or a while has passed."""

    def __init__(self, app: Flask, huey: Any, stop_flag: StopFlag, queue: Queue) -> None:
        super().__init__(app, huey, stop_flag)
        self._queue = queue
        self._blocked_for = 0.0
        self._was_rung = True  # rings from before this start may be lost

    def initialize(self) -> None:
        """Begin with a worker of its own."""
        super().initialize()
        self._worker = Worker(self.app)

    def round(self) -> None:
        """Send a batch; when nothing is due, listen for the bell."""
        claims = self._worker.take()
        # Only who has something to do calls for help: whoever may send nothing would hear its own call, without end.
        if claims and self._was_rung:
            self._call_another()
        self._was_rung = False
        handled = self._worker.work_on(claims, self.stop_flag) if claims else 0
        if self.stop_flag.is_set():
            return
        if handled:
            self._blocked_for = 0.0
            return
        with self.database.reading() as session:
            due_at = next_due_at(session)
        self._listen(self._pause(due_at))

    def shutdown(self) -> None:
        """Say goodbye to the mail server, the queue and the database."""
        try:
            self._worker.close()
            self._queue.close()
        except Exception as error:  # noqa: BLE001 - the mail is done; what is open ends with the process
            log.warning("worker.not_closed", error=type(error).__name__)
        super().shutdown()

    def _pause(self, due_at: datetime | None) -> float:
        """Return how long to listen: until the next mail falls due, and longer each time while due mail may not go."""
        longest = DEAF_PAUSE if self._queue.is_deaf else LONGEST_PAUSE
        left = None if due_at is None else (due_at - clock.now()).total_seconds()
        if left is None or left > 0:
            self._blocked_for = 0.0
            return longest if left is None else max(SHORTEST_PAUSE, min(left, longest))
        self._blocked_for = min(max(FIRST_PAUSE, self._blocked_for * 2), longest)
        return self._blocked_for

    def _listen(self, seconds: float) -> None:
        kept = min(seconds, CONNECTION_KEPT_SECONDS)
        is_rung = self._queue.listen(kept, self.stop_flag)
        if not is_rung and seconds > kept and not self.stop_flag.is_set():
            # Nothing to send for a while: the mail server's places are for those that have.
            self._worker.close()
            is_rung = self._queue.listen(seconds - kept, self.stop_flag)
        if is_rung:
            self._was_rung, self._blocked_for = True, 0.0

    def _call_another(self) -> None:
        """Ring on if more is due than this batch: a sender that listens then helps, and rings on in its turn."""
        with self.database.reading() as session:
            due_at = next_due_at(session)
        if due_at is None or due_at > clock.now():
            return
        try:
            self._queue.ring()
        except Exception as error:  # noqa: BLE001 - this sender goes on by itself
            log.debug("queue.not_rung_on", error=type(error).__name__)


def send_until_stopped(app: Flask) -> None:
    """Send mail and keep the calendar, in processes of their own, until SIGTERM or SIGINT."""
    run_until_stopped(app, SendingLoop, app.extensions["settings"].mail_senders)
