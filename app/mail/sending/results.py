"""What a batch comes to, mail by mail, until it is written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.mail.sending import claims as outbox, outcomes, pace
from app.mail.sending.claims import Claimed, Settled, Tried
from app.mail.sending.pace import Heard, Pace
from app.mail.sending.preparing import Ready
from app.mail.states import MailState
from app.smtp.connection import RelayUnavailable, Verdict
from app.smtp.states import Trouble
from app.smtp.troubles import trouble_of

SETTLE_SECONDS = 0.25  # how long an answer may wait to be written down with others
FRESH = timedelta(seconds=15)  # what is left of a lease after so long still outlasts the slowest hand-over
SEAT_SECONDS = 90.0
_PUT_OFF = frozenset({Trouble.BUSY, Trouble.UNREACHABLE})
MOST_SILENCES = 2  # mails in a row over which the connection broke: then it is the server, and none of them


class Results:
    """Collects verdicts and writes them down, many in one transaction where they may share it."""

    def __init__(self, database: Database, holder: str, limits: Pace, ready: Iterable[Ready]) -> None:
        self._database = database
        self._holder = holder
        self._pace = limits
        self._domains = {one.domain for one in ready}
        self._pending: list[Settled] = []
        self._heard = Heard()
        self._silences = 0
        self._since, self._renewed_at = time.monotonic(), clock.now()

    def add(self, one: Ready, verdict: Verdict, started_at: datetime, waiting: list[Ready]) -> None:
        """Note a verdict; write it down at once if the mail goes alone or others have waited long enough.

        Raises RelayUnavailable where it shows that the server is the trouble.
        """
        if not self._pending:
            self._since = time.monotonic()
        settled = self._settled(one, verdict, started_at)
        self._pending.append(settled)
        self._silences = self._silences + 1 if verdict.code is None else 0
        if not verdict.concerns_server and verdict.code is not None:
            seconds = (clock.now() - started_at).total_seconds()
            self._heard.add(one.domain, seconds, is_put_off=settled.trouble in _PUT_OFF)
        if one.claim.goes_alone or time.monotonic() - self._since > SETTLE_SECONDS:
            self.write(waiting)
        if (verdict.concerns_server and verdict.code is not None) or self._silences >= MOST_SILENCES:
            raise RelayUnavailable(trouble_of(verdict.code, verdict.answer), "")

    def write(self, waiting: list[Ready]) -> None:
        """Write down what is known and renew the leases of what waits; what is not ours any more leaves the list."""
        with self._database.writing() as session:
            outbox.settle(session, self._pending)
            held = outbox.extend(session, [one.claim for one in waiting])
            pace.keep_seats(session, self._holder, seat_until())
        # Only now: what could not be written down is tried once more.
        self._pending, self._renewed_at = [], clock.now()
        waiting[:] = [one for one in waiting if one.claim.id in held]

    def settle_before(self, one: Ready, waiting: list[Ready]) -> None:
        """See to it that the next mail begins with a fresh lease and, if it goes alone, with all others written down.

        A connection that was slow to come, a server that is slow to answer, a machine that slept or a clock that was
        set may have used it up.
        """
        is_fresh = timedelta(0) <= clock.now() - self._renewed_at <= FRESH
        if not is_fresh or (one.claim.goes_alone and self._pending):
            self.write(waiting)

    def finish(
        self, waiting: Sequence[Ready], trouble: Trouble | None, claim_next: Callable[[Session], list[Claimed]] | None
    ) -> list[Claimed]:
        """Write down the rest, give back what was not tried, and claim the next batch in the same transaction."""
        settled = [*self._pending, *(outcomes.untried(one.claim, trouble) for one in waiting)]
        self._pending = settled
        with self._database.writing() as session:
            outbox.settle(session, settled)
            # A worker that goes on keeps its seats with the same domains: two that take turns would often meet.
            domains = self._domains if claim_next is not None else ()
            lanes = [pace.domain_lane(session, domain) for domain in domains]
            pace.leave_all_but(session, self._holder, [*lanes, pace.server_lane(session, self._pace.server)])
            claims = claim_next(session) if claim_next is not None else []
        self._pending = []
        return claims

    @property
    def unwritten(self) -> list[Settled]:
        """What is known and could not be written down."""
        return self._pending

    def tell_pace(self) -> None:
        """Tell the pace what the domains answered. The mails' own results are committed by then: this may be lost."""
        with self._database.reading() as session:
            is_news = pace.is_news(session, self._pace, self._heard)
        if is_news:
            with self._database.writing() as session:
                pace.note_heard(session, self._pace, self._heard)

    def _settled(self, one: Ready, verdict: Verdict, started_at: datetime) -> Settled:
        claim = one.claim
        answers = tuple((each.recipient, each.code, each.answer) for each in verdict.answers)
        tried = Tried(self._pace.server, started_at, clock.now(), verdict.code, verdict.answer, answers)
        if verdict.is_accepted:
            return Settled(claim, MailState.ACCEPTED, tried=tried)
        trouble = trouble_of(verdict.code, verdict.answer)
        if not verdict.certain:
            return Settled(claim, MailState.UNCERTAIN, trouble, tried=tried, has_failed=True)
        # If the server holds something against us, it also counts against the one mail that met it: it could be about
        # that mail after all, which would then stand before all others again and again.
        return outcomes.failed(claim, trouble, tried, is_final=verdict.is_refused)


def seat_until() -> datetime:
    """Return until when a worker that takes a seat now may sit."""
    return clock.now() + timedelta(seconds=SEAT_SECONDS)
