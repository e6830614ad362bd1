"""The worker: claims due mails, hands each over, records what the server said, and sweeps up after the dead.

Every state is committed before the step that it announces, so that a kill at any point leaves a row that tells the
truth.
"""

from __future__ import annotations

import hashlib
import random
import signal
import smtplib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.errors import Refusal
from app.base.sealing import Place, open_one, seal
from app.base.throttles import purge
from app.mail.composing import Sender, compose
from app.mail.connection import OutgoingMail, RelayConnection, Verdict
from app.mail.models import Mail, MailAttempt
from app.mail.registry import Frozen, MailKind, Registry
from app.mail.states import DUE, LEASE, MOST_PERSONAL_HANDOVERS, MailClass, MailNotWanted, MailState, next_try_after

log = structlog.get_logger()
BATCH = 20
IDLE_SECONDS = 1.0
SWEEP_SECONDS = 15.0
THROTTLES_KEPT_SECONDS = 2 * 24 * 3600  # the longest window is a day


@dataclass(frozen=True)
class Claimed:
    """A mail that this worker holds: its attempt number is the fence."""

    id: int
    public_id: str
    attempt: int


@dataclass(frozen=True)
class Ready:
    """A claimed mail with its bytes."""

    claim: Claimed
    to_address: str
    message: bytes


class FrozenBytesChanged(Refusal):
    """An official mail no longer hashes to what was approved."""


class LeaseLost(Exception):
    """Another worker took the mail over while this one prepared it."""


class Worker:
    """Empties the outbox of one application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._database: Database = app.extensions["database"]
        self._mail: OutgoingMail = app.extensions["outgoing_mail"]
        self._registry: Registry = app.extensions["mail_kinds"]
        self._sender: Sender = app.extensions["mail_sender"]
        self._server = str(app.config["MAIL_SERVER"])

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; the mail in hand is finished first."""
        next_sweep = clock.now()
        while not stop.is_set():
            try:
                if clock.now() >= next_sweep:
                    self.sweep()
                    next_sweep = clock.now() + timedelta(seconds=SWEEP_SECONDS)
                sent = self.work_off(stop)
            except Exception:
                log.exception("worker.round_failed")
                sent = 0
            if not sent:
                stop.wait(IDLE_SECONDS)

    def work_off(self, stop: threading.Event | None = None) -> int:
        """Handle one batch of due mails over one connection and return how many there were."""
        claims = self._claim()
        if not claims:
            return 0
        with self._app.app_context():
            try:
                with self._mail.connect() as connection:
                    for claim in claims:
                        if stop is not None and stop.is_set():
                            self._give_back(claim)
                        else:
                            self._handle(connection, claim)
            except (OSError, smtplib.SMTPException) as error:
                self._no_connection(claims, error)
        return len(claims)

    def sweep(self) -> None:
        """Requeue what died before its hand-over; mark uncertain, or send once more, what died during it.

        Throttles whose windows are long over are forgotten on the way, so that guessing fills no disk.
        """
        now = clock.now()
        expired = Mail.lease_until < now
        may_repeat = (Mail.mail_class != MailClass.OFFICIAL) & (Mail.handovers < MOST_PERSONAL_HANDOVERS)
        handing_over = expired & (Mail.state == MailState.HANDING_OVER)
        with self._database.writing() as session:
            purge(session, THROTTLES_KEPT_SECONDS)
            requeued = {"state": MailState.QUEUED, "lease_until": None, "due_at": now}
            session.execute(update(Mail).where(expired, Mail.state == MailState.CLAIMED).values(**requeued))
            session.execute(update(Mail).where(handing_over, may_repeat).values(**requeued))
            session.execute(
                update(Mail)
                .where(handing_over, ~may_repeat)
                .values(state=MailState.UNCERTAIN, lease_until=None, finished_at=now)
            )

    def _claim(self) -> list[Claimed]:
        now = clock.now()
        due = (
            select(Mail.id)
            .where(Mail.state.in_(DUE), Mail.due_at <= now)
            .order_by(Mail.priority, Mail.due_at, Mail.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as session:
            wanted = session.scalars(due).all()
            if not wanted:
                return []
            rows = session.execute(
                update(Mail)
                .where(Mail.id.in_(wanted))
                .values(state=MailState.CLAIMED, attempts=Mail.attempts + 1, lease_until=now + LEASE)
                .returning(Mail.id, Mail.public_id, Mail.attempts, Mail.priority, Mail.due_at)
            ).all()
        return [
            Claimed(row.id, row.public_id, row.attempts)
            for row in sorted(rows, key=lambda r: (r.priority, r.due_at, r.id))
        ]

    def _handle(self, connection: RelayConnection, claim: Claimed) -> None:
        try:
            ready = self._prepare(claim)
        except MailNotWanted:
            self._finish(claim, MailState.DROPPED, None)
            return
        except Exception as error:  # noqa: BLE001 - one mail that can't be rendered must not stop the others
            log.error("mail.not_rendered", mail=claim.public_id, error=type(error).__name__)
            self._settle(claim, Verdict(None, f"It could not be put together ({type(error).__name__})."))
            return
        try:
            verdict = connection.hand_over(
                self._sender.address, ready.to_address, ready.message, self._announcer(claim)
            )
        except LeaseLost:
            return
        self._settle(claim, verdict)
        if verdict.code is None:
            # The session is broken: the rest of the batch goes over a fresh one.
            connection.host = connection.configure_host()

    def _prepare(self, claim: Claimed) -> Ready:
        with self._database.reading() as session:
            mail = session.get_one(Mail, claim.id)
            place = Place("mails", "references_sealed", mail.public_id)
            references = open_one(session, place, mail.references_sealed, "render a mail")
            kind: MailKind = self._registry.kind(mail.kind)
            rendered = kind.render(session, references)
            if isinstance(rendered, Frozen):
                if hashlib.sha256(rendered.message).hexdigest() != mail.frozen_sha256:
                    raise FrozenBytesChanged("The frozen message is not the one that was approved.")
                return Ready(claim, rendered.to_address, rendered.message)
            message = compose(rendered, self._sender, mail.message_id, mail.created_at)
            return Ready(claim, rendered.to_address, message)

    def _announcer(self, claim: Claimed) -> Callable[[], None]:
        def announce() -> None:
            with self._database.writing() as session:
                held = self._transition(session, claim, MailState.CLAIMED, MailState.HANDING_OVER, handed=True)
            if not held:
                raise LeaseLost

        return announce

    def _settle(self, claim: Claimed, verdict: Verdict) -> None:
        if verdict.is_accepted:
            self._finish(claim, MailState.ACCEPTED, verdict)
        elif verdict.is_refused:
            self._finish(claim, MailState.REFUSED, verdict)
        elif not verdict.certain:
            self._finish(claim, MailState.UNCERTAIN, verdict)
        else:
            self._defer(claim, verdict)

    def _finish(self, claim: Claimed, state: MailState, verdict: Verdict | None) -> None:
        with self._database.writing() as session:
            mail = self._held(session, claim)
            if mail is None:
                return
            self._record(session, claim, verdict)
            repeat = mail.mail_class != MailClass.OFFICIAL and mail.handovers < MOST_PERSONAL_HANDOVERS
            if state is MailState.UNCERTAIN and repeat:
                mail.state, mail.due_at, mail.lease_until = MailState.QUEUED, clock.now(), None
            else:
                mail.state, mail.finished_at, mail.lease_until = state, clock.now(), None

    def _defer(self, claim: Claimed, verdict: Verdict) -> None:
        with self._database.writing() as session:
            mail = self._held(session, claim)
            if mail is None:
                return
            self._record(session, claim, verdict)
            wait = next_try_after(claim.attempt)
            mail.lease_until = None
            if wait is None:
                mail.state, mail.finished_at = MailState.REFUSED, clock.now()
            else:
                jitter = timedelta(seconds=random.uniform(0, wait.total_seconds() / 10))  # noqa: S311 - no secret
                mail.state, mail.due_at = MailState.DEFERRED, clock.now() + wait + jitter

    def _no_connection(self, claims: list[Claimed], error: Exception) -> None:
        log.warning("mail.no_connection", error=type(error).__name__)
        for claim in claims:
            self._defer(claim, Verdict(None, f"No connection to the mail server ({type(error).__name__})."))

    def _give_back(self, claim: Claimed) -> None:
        with self._database.writing() as session:
            self._transition(session, claim, MailState.CLAIMED, MailState.QUEUED, handed=False)

    def _held(self, session: Session, claim: Claimed) -> Mail | None:
        """Return the mail if this worker's claim on it still stands."""
        states = [MailState.CLAIMED, MailState.HANDING_OVER]
        return session.scalars(
            select(Mail)
            .where(Mail.id == claim.id, Mail.attempts == claim.attempt, Mail.state.in_(states))
            .with_for_update()
        ).one_or_none()

    def _transition(self, session: Session, claim: Claimed, old: MailState, new: MailState, *, handed: bool) -> bool:
        fence = (Mail.id == claim.id, Mail.state == old, Mail.attempts == claim.attempt)
        result = session.execute(
            update(Mail)
            .where(*fence)
            .values(state=new, handovers=Mail.handovers + (1 if handed else 0), lease_until=clock.now() + LEASE)
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]

    def _record(self, session: Session, claim: Claimed, verdict: Verdict | None) -> None:
        if verdict is None:
            return
        now = clock.now()
        attempt = MailAttempt(
            mail_id=claim.id,
            number=claim.attempt,
            server=self._server,
            started_at=now,
            finished_at=now,
            code=verdict.code,
        )
        place = Place("mail_attempts", "answer_sealed", attempt.public_id)
        attempt.answer_sealed = seal(session, place, {"answer": verdict.answer[:1000]})
        session.add(attempt)


def run_until_stopped(app: Flask) -> None:
    """Work in the main thread of a process until SIGTERM or SIGINT; the mail in hand is finished first."""
    stop = threading.Event()

    def stop_working(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_working)
    Worker(app).run(stop)
