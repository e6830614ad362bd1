"""An outbox with one worker in this process, whose server and storage fail as they are told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.models import Mail
from app.mail.queries import Attempt, attempts_of
from app.mail.registry import Registry
from app.mail.sending import pace
from app.mail.sending.worker import Worker
from app.mail.states import FINISHED, LEASE, MailState
from app.smtp.states import Trouble
from tests.crash import kinds
from tests.factories.parts import exchange

MOST_BATCHES = 50
MOST_ROUNDS = 12
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One mail as it stands."""

    state: MailState
    failures: int
    handovers: int
    trouble: Trouble | None
    due_at: datetime
    public_id: str


class Outbox:
    """Mails by their names (`personal0`, `official0`), a worker for them, and a clock that only tests move."""

    def __init__(self, app: Flask) -> None:
        registry = Registry()
        registry.register(kinds.KINDS)
        exchange(app, mail_kinds=registry)
        self.app = app
        self.database: Database = parts_of(app).database
        self._queued: Counter[str] = Counter()
        clock.freeze(clock.now())
        self.worker = Worker(app)

    def queue(self, personal: int = 0, official: int = 0) -> None:
        """Queue mails of both kinds in one transaction, the personal ones first."""
        with self.database.writing() as session:
            for kind, number in (("personal", personal), ("official", official)):
                for _ in range(number):
                    name = f"{kind}{self._queued[kind]}"
                    kinds.queue(session, name, official=kind == "official")
                    self._queued[kind] += 1

    def work(self) -> int:
        """Sweep, then work until nothing is due or the server rests; return how many batches that took."""
        self.worker.sweep()
        for number in range(MOST_BATCHES):
            if not self.worker.work_off():
                return number
        raise AssertionError("the worker goes round and round without time going on")

    def finish(self) -> None:
        """Let time go on by leases, and work, until every mail has come to an end."""
        for _ in range(MOST_ROUNDS):
            self.work()
            if all(row.state in FINISHED for row in self.rows().values()):
                return
            clock.advance(seconds=LEASE.total_seconds() + 1)
        raise AssertionError(f"never finished: {self.states()}")

    def rows(self) -> dict[str, Row]:
        """Return every mail by its name."""
        with self.database.reading() as session:
            found = session.scalars(select(Mail).order_by(Mail.id)).all()
        return {
            mail.message_id[1:].partition("@")[0]: Row(
                mail.state, mail.failures, mail.handovers, mail.trouble, mail.due_at, mail.public_id
            )
            for mail in found
        }

    def states(self) -> dict[str, MailState]:
        """Return every mail's state by its name."""
        return {name: row.state for name, row in self.rows().items()}

    def tries(self, name: str) -> list[Attempt]:
        """Return what is recorded of each try of a mail."""
        with self.database.reading() as session:
            return attempts_of(session, self.rows()[name].public_id)

    def rest(self) -> timedelta:
        """Return how long the server is still left alone."""
        with self.database.reading() as session:
            lane = pace.server_lane(session, f"{self.app.config['MAIL_SERVER']}:{self.app.config['MAIL_PORT']}")
            until = pace.resting_until(session, lane)
        return until - clock.now() if until else timedelta(0)


def copies_in(messages: Iterable[bytes]) -> Counter[str]:
    """Count messages by the names of their mails."""
    found = (_MESSAGE_ID.search(message) for message in messages)
    return Counter(match[1].decode() if match else "(none)" for match in found)
