"""The worker: claims due mails, hands each over, records what the server said, and sweeps up after the dead.

Every state is committed before the step that it announces, so that a kill at any point leaves a row that tells the
truth. Official mail and whatever may have gone already take each step alone. Other mail shares its commits: a batch is
announced at once, and answers are written down together, but never later than a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.background.holders import new_holder
from app.background.stopping import StopSign
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.addresses import AddressedMail, check
from app.mail.queries import pause_of
from app.mail.registry import Registry
from app.mail.sending import claims as outbox, outcomes, pace, seats
from app.mail.sending.claims import Claimed, Settled, Tried
from app.mail.sending.pace import Pace, Wish
from app.mail.sending.preparing import Preparer, Ready, Unready
from app.mail.sending.results import Results, seat_until
from app.mail.sending.waiting import next_due_at
from app.mail.states import MailClass
from app.smtp.connection import OutgoingMail, RelayConnection, RelayUnavailable, Verdict, server_name
from app.smtp.states import Trouble

log = structlog.get_logger()
BATCH = 50
MOST_PUT_OFF = 10  # batches in a row


class LeaseLost(Exception):
    """Another worker took the mail over while this one prepared it."""


class Worker:
    """Empties the outbox of one application, over one connection that it keeps while there is something to send."""

    def __init__(self, app: Flask) -> None:
        settings = parts_of(app).settings
        self._app = app
        self._database: Database = parts_of(app).database
        self._mail: OutgoingMail = parts_of(app).outgoing_mail
        self._registry: Registry = parts_of(app).mail_kinds
        self._preparer = Preparer(self._registry, parts_of(app).sender, parts_of(app).signer)
        self._witness: str = settings.witness_address
        self._server = server_name(app)
        self._pace = Pace(
            self._server, settings.mail_connections, settings.mail_per_minute, settings.domain_connections,
            settings.domain_per_minute,
        )  # fmt: skip
        self._holder = new_holder()
        self._connection: RelayConnection | None = None
        self._claimed_ahead: list[Claimed] = []
        self._is_seated = False
        self._put_off_in_a_row = 0
        self._owed: list[Settled] = []

    def work_off(self, stop: StopSign | None = None) -> int:
        """Handle one batch of due mails and return how many; 0 when nothing is due or may go now."""
        claims = self.take()
        return self.work_on(claims, stop) if claims else 0

    def take(self) -> list[Claimed]:
        """Return the batch that was claimed ahead, or claim one now, after what is still to be written down."""
        self._settle_owed()
        claims, self._claimed_ahead = self._claimed_ahead or self.claim(), []
        return claims

    def work_on(self, claims: Sequence[Claimed], stop: StopSign | None = None) -> int:
        """Prepare, admit and hand over what was claimed; mails that are no longer ours are left alone.

        Returns how many there were, or 0 after many batches of which the pace put all off. A mail that may go can
        stand behind them, so the first of them end nothing; a worker to which no other mail is left has to wait.
        """
        with self._app.app_context():
            try:
                with self._database.reading() as session:
                    prepared = self._preparer.prepare(session, claims)
                ready, put_off = self._admit(prepared)
            except SQLAlchemyError:
                self._owed = [outcomes.untried(claim) for claim in claims]
                raise
            self._hand_over_all(ready, stop)
        self._put_off_in_a_row = self._put_off_in_a_row + 1 if put_off == len(claims) else 0
        if self._put_off_in_a_row < MOST_PUT_OFF:
            return len(claims)
        self._put_off_in_a_row = 0
        return 0

    def sweep(self) -> None:
        """Requeue what died before its hand-over; mark uncertain, or send once more, what died during it."""
        with self._database.writing() as session:
            outbox.sweep(session, self._server)
            seats.leave_for_the_dead(session)

    def close(self) -> None:
        """Say goodbye to the server, give back what was claimed ahead, and let others have this worker's places."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._settle_owed()
        if self._is_seated or self._claimed_ahead:
            with self._database.writing() as session:
                outbox.settle(session, [outcomes.untried(claim) for claim in self._claimed_ahead])
                pace.leave_seats(session, self._holder)
            self._is_seated, self._claimed_ahead = False, []

    def claim(self) -> list[Claimed]:
        """Take a batch of due mails; none while the server rests, has no place for us, or had enough this minute."""
        with self._database.reading() as session:
            due_at = next_due_at(session)
        if due_at is None or due_at > clock.now():
            return []
        with self._database.writing() as session:
            return self._claim_within(session)

    def _claim_within(self, session: Session) -> list[Claimed]:
        lane = pace.server_lane(session, self._server)
        if pace.resting_until(session, lane) is not None:
            return []
        if not pace.take_seat(session, lane, self._pace.server_connections, self._holder, seat_until()):
            return []
        self._is_seated = True
        room = pace.server_room(session, self._pace)
        limit = BATCH if room is None else min(BATCH, room)
        return outbox.claim(session, limit, pause_of(session), self._holder) if limit else []

    def _admit(self, prepared: Sequence[Ready | Unready]) -> tuple[list[Ready], int]:
        """Drop what may not go, put off what must wait, announce what goes with others.

        Returns what goes, in order, and how many were put off.
        """
        ready = [one for one in prepared if isinstance(one, Ready)]
        unready = [self._unready(one) for one in prepared if isinstance(one, Unready)]
        if unready:
            # Apart from the addresses below, so that no transaction's number ties an address to an attempt.
            with self._database.writing() as session:
                outbox.settle(session, unready)
        with self._database.writing() as session:
            troubles = check(session, self._registry, [_letter(one) for one in ready if _is_checked(one.claim)])
            settled = [outcomes.stopped(one.claim, troubles[one.claim.id]) for one in ready if one.claim.id in troubles]
            ready = [one for one in ready if one.claim.id not in troubles]
            admitted = pace.admit(session, self._pace, [_wish(one) for one in ready], self._holder, seat_until())
            later = [outcomes.later(one.claim, to) for one in ready if (to := admitted[one.claim.id]).later]
            ready = [one for one in ready if not admitted[one.claim.id].later]
            outbox.settle(session, [*settled, *later])
            announced = outbox.announce(session, [one.claim for one in ready if not one.claim.goes_alone])
        return [one for one in ready if one.claim.goes_alone or one.claim.id in announced], len(later)

    def _unready(self, one: Unready) -> Settled:
        if one.trouble is Trouble.UNWANTED:
            return outcomes.stopped(one.claim, one.trouble)
        log.error("mail.not_rendered", mail=one.claim.public_id, trouble=one.trouble, error=one.words)
        now = clock.now()
        tried = Tried(self._server, now, now, None, f"{one.trouble.label}. {one.words}".strip())
        return outcomes.failed(one.claim, one.trouble, tried, is_final=not one.may_pass)

    def _hand_over_all(self, ready: list[Ready], stop: StopSign | None) -> None:
        waiting, trouble = list(ready), None
        results = Results(self._database, self._holder, self._pace, ready)
        try:
            while waiting and not (stop is not None and stop.is_set()):
                self._hand_over_next(self._connected(), waiting, results)
        except RelayUnavailable as error:
            log.warning("mail.server_unavailable", trouble=error.trouble)
            trouble = error.trouble
            self._drop_connection()
        finally:
            try:
                goes_on = not waiting and trouble is None
                self._claimed_ahead = results.finish(waiting, trouble, self._claim_within if goes_on else None)
            except SQLAlchemyError:
                self._owed = results.unwritten
                raise
            results.tell_pace()
            if trouble is not None:
                self._rest()  # last, or what was heard before the trouble would end the rest

    def _hand_over_next(self, connection: RelayConnection, waiting: list[Ready], results: Results) -> None:
        """Hand over the first that waits. Whatever goes wrong before its content leaves it waiting."""
        results.settle_before(waiting[0], waiting)
        if not waiting:
            return
        one, started_at = waiting.pop(0), clock.now()
        try:
            verdict = self._hand_over(connection, one)
        except SQLAlchemyError:
            waiting.insert(0, one)
            raise
        if verdict is not None:
            results.add(one, verdict, started_at, waiting)

    def _settle_owed(self) -> None:
        """Write down what could not be written before: what the server took must not be forgotten while we live."""
        if self._owed:
            with self._database.writing() as session:
                outbox.settle(session, self._owed)
            self._owed = []

    def _connected(self) -> RelayConnection:
        """Return a session that can take a mail; raises RelayUnavailable."""
        if self._connection is None:
            connection = self._mail.connect()
            connection.__enter__()
            self._connection = connection
        else:
            self._connection.refresh()
        return self._connection

    def _hand_over(self, connection: RelayConnection, one: Ready) -> Verdict | None:
        """Hand one mail over; None if it is not ours any more."""
        if not one.claim.goes_alone:
            return connection.hand_over(one.envelope_from, one.to_address, one.message)
        is_official = one.claim.mail_class is MailClass.OFFICIAL
        also_to = [self._witness] if is_official and self._witness else []
        try:
            return connection.hand_over(
                one.envelope_from, one.to_address, one.message, self._announcer(one.claim),
                also_to=also_to, envelope_id=one.claim.public_id if is_official else "", wants_receipt=is_official,
            )  # fmt: skip
        except LeaseLost:
            return None

    def _announcer(self, claim: Claimed) -> Callable[[], None]:
        def announce() -> None:
            with self._database.writing() as session:
                if not outbox.announce(session, [claim]):
                    raise LeaseLost

        return announce

    def _rest(self) -> None:
        with self._database.writing() as session:
            pace.rest(session, pace.server_lane(session, self._server))

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def send_due(app: Flask) -> int:
    """Send what is due with a worker of its own, which says goodbye afterwards; return how many mails it handled."""
    worker, number = Worker(app), 0
    try:
        while handled := worker.work_off():
            number += handled
    finally:
        worker.close()
    return number


def _is_checked(claim: Claimed) -> bool:
    """Tell whether the address is asked about: an official letter that a person sent again goes all the same."""
    return claim.mail_class is not MailClass.OFFICIAL or claim.attempt == 1


def _letter(one: Ready) -> AddressedMail:
    return AddressedMail(one.claim.id, one.to_address, one.cap, is_counted=one.claim.is_counted)


def _wish(one: Ready) -> Wish:
    return Wish(one.claim.id, one.domain, one.claim.mail_class is MailClass.BULK, one.claim.has_slot, one.claim.due_at)
