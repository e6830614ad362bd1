"""A process that has imported everything and forks workers on demand, so that a hundred deaths cost seconds.

Run as a program it reads one JSON line for each worker to fork and answers with its process id. A worker works off
what is due at the stated time and exits; at a stated point inside itself it kills itself without a word.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app import create_app
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.sending.claims import Claimed
from app.mail.sending.worker import Worker
from app.smtp.connection import RelayConnection, Verdict, init_connection
from config import MailRelay, Settings
from tests.crash import kinds
from tests.factories.parts import exchange


class Point(StrEnum):
    """Where a worker kills itself: what no server can see."""

    CLAIMED = "after claim"
    ANSWERED = "after 250, before commit"
    COMMITTED = "after commit"
    NOWHERE = "nowhere"


class Hatchery:
    """The other end of the pipe: forks workers and names their process ids."""

    def __init__(self, settings: Settings) -> None:
        given = {name: str(getattr(settings, name)) for name in _GIVEN}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.hatchery", json.dumps(given)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        try:
            self._read()
        except AssertionError:
            self.close()
            raise

    def move(self, settings: Settings) -> None:
        """Let the workers from now on work at another outbox and relay."""
        self._order({"database_url": settings.database_url, "mail_url": settings.mail_url})

    def fork(self, at: datetime, point: Point = Point.NOWHERE, steps: int = 0) -> int:
        """Fork a worker whose clock stands at a time; return its process id.

        It dies at a point, or after so many steps: the beginning and end of each commit and of each hand-over.
        """
        return self._order({"at": at.isoformat(), "point": point, "steps": steps})

    def await_end(self, pid: int) -> int:
        """Wait until a worker has ended; return its exit status as os.waitstatus_to_exitcode gives it."""
        return self._order({"wait": pid})

    def close(self) -> None:
        """End the process; workers that live on are killed."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _order(self, order: dict[str, Any]) -> int:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return int(self._read())

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("the hatchery died; its standard error says why")
        return line.strip()


_GIVEN = ("database_url", "key_file", "public_url", "mail_url", "mail_from", "state_directory")


class Dying(Worker):
    """A worker that kills itself at a point."""

    point = Point.NOWHERE
    steps_left = 0

    def claim(self) -> list[Claimed]:
        """Claim, and die after it if that is the point."""
        claims = super().claim()
        if claims:
            _die_at(Point.CLAIMED)
        return claims

    def work_off(self, stop: Any = None) -> int:
        """Handle a batch, and die after its last commit if that is the point."""
        number = super().work_off(stop)
        if number:
            _die_at(Point.COMMITTED)
        return number


def _die_at(point: Point) -> None:
    if Dying.point is point:
        os.kill(os.getpid(), signal.SIGKILL)


def _step(*_arguments: object) -> None:
    Dying.steps_left -= 1
    if Dying.steps_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _hand_over_and_die(original: Any) -> Any:
    def hand_over(self: RelayConnection, *arguments: Any, **named: Any) -> Verdict:
        _step()
        verdict: Verdict = original(self, *arguments, **named)
        _step()
        if verdict.is_accepted:
            _die_at(Point.ANSWERED)
        return verdict

    return hand_over


def main(arguments: Sequence[str]) -> None:
    """Fork workers as the lines on standard input ask for, until it ends."""
    given = json.loads(arguments[0])
    given["key_file"], given["state_directory"] = Path(given["key_file"]), Path(given["state_directory"])
    # Seats are held for a while after a death; here that is no subject.
    app = create_app(Settings(**given, mail_connections=10_000, domain_connections=10_000, domain_per_minute=0))
    parts_of(app).mail_kinds.register(kinds.KINDS)
    parts_of(app).database.engine.dispose()
    RelayConnection.hand_over = _hand_over_and_die(RelayConnection.hand_over)  # type: ignore[method-assign]
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        elif "database_url" in order:
            answer = _move(app, order)
        else:
            answer = os.fork()
            if answer == 0:
                _work(app, order)
        print(answer, flush=True)  # noqa: T201


def _move(app: Any, order: dict[str, str]) -> int:
    exchange(app, database=Database(order["database_url"], parts_of(app).database.ports))
    exchange(app, outgoing_mail=init_connection(app, MailRelay.from_url(order["mail_url"])))
    return 0


def _work(app: Any, order: dict[str, Any]) -> None:
    clock.freeze(datetime.fromisoformat(order["at"]))
    Dying.point, Dying.steps_left = Point(order["point"]), order["steps"]
    event.listen(parts_of(app).database.engine, "commit", _step)
    event.listen(Session, "after_commit", _step)
    worker = Dying(app)
    worker.sweep()
    while worker.work_off():
        pass
    worker.close()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
