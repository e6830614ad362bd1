"""An outbox, the workers that die over it, and the reckoning at the end."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.base.database import Database
from app.mail.models import Mail
from app.mail.states import FINISHED, LEASE, MailClass, MailState
from tests.crash import kinds
from tests.crash.hatchery import Hatchery, Point
from tests.crash.relay import Relay

# Rows are due at the true time of their making, so the workers' clocks begin a day later and go on by leases.
DAY = timedelta(days=1)
MOST_ROUNDS = 12


class Scene:
    """One database, one relay, many short lives."""

    def __init__(self, database: Database, hatchery: Hatchery, relay: Relay) -> None:
        self.relay = relay
        self.database = database
        self.hatchery = hatchery
        self.at = datetime.now(UTC) + DAY
        self.queued: dict[str, bool] = {}

    def queue(self, personal: int, official: int) -> None:
        """Queue mails of both kinds in one transaction."""
        with self.database.writing() as session:
            for number in range(personal + official):
                is_official = number >= personal
                name = f"{'official' if is_official else 'personal'}{len(self.queued)}"
                self.queued[kinds.queue(session, name, official=is_official)] = is_official

    def fork(self, point: Point = Point.NOWHERE, steps: int = 0) -> int:
        """Fork a worker at the present time of the scene, to die at a point or after so many steps."""
        return self.hatchery.fork(self.at, point, steps)

    def end_lease(self) -> None:
        """Go on to a time at which no claim holds any more."""
        self.at += LEASE + timedelta(seconds=1)

    def kill(self, pid: int) -> None:
        """Kill a worker without a word, if it still lives."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def finish(self) -> None:
        """Let workers that nobody kills work until no mail is left to do."""
        for _ in range(MOST_ROUNDS):
            self.end_lease()
            assert self.hatchery.await_end(self.fork()) == 0
            if not self._unfinished():
                return
        raise AssertionError(f"never finished: {self._unfinished()}")

    def reckon(self) -> dict[MailState, int]:
        """Count at the relay and compare with the rows; return how many rows ended in each state.

        Personal mail: at most two copies, and at least one where the row says accepted. Official: at most one, and
        exactly one where the row says accepted. Every row is accepted, refused or uncertain.
        """
        copies = self.relay.copies
        ended: dict[MailState, int] = {}
        with self.database.reading() as session:
            rows = session.execute(select(Mail.message_id, Mail.mail_class, Mail.state)).all()
        assert {row.message_id for row in rows} == set(self.queued)
        assert set(copies) <= set(self.queued), "the relay took what nobody queued"
        for row in rows:
            number, most = copies[row.message_id], 1 if row.mail_class is MailClass.OFFICIAL else 2
            assert number <= most, f"{row.message_id} went {number} times"
            assert row.state in {MailState.ACCEPTED, MailState.REFUSED, MailState.UNCERTAIN}, row.state
            if row.state is MailState.ACCEPTED:
                assert number >= 1, f"{row.message_id} is called accepted and never came"
            ended[row.state] = ended.get(row.state, 0) + 1
        return ended

    def _unfinished(self) -> list[MailState]:
        with self.database.reading() as session:
            return list(session.scalars(select(Mail.state).where(Mail.state.not_in(FINISHED))))
