"""The outbox where workers are slow, die, or find the database away: every try is told, and no answer is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.actions import Outgoing, enqueue, enqueue_many, rule_uncertain
from app.mail.jobs import stir_addresses
from app.mail.models import Mail, MailAddress
from app.mail.queries import Attempt, attempts_of, fates_of
from app.mail.registry import Frozen, MailKind, References, Registry, RenderedMail
from app.mail.sending.worker import BATCH, Worker, send_due
from app.mail.states import LEASE, Cap, MailClass, MailState
from app.smtp.connection import init_connection
from app.smtp.states import Trouble
from config import MailRelay
from tests.crash.relay import Relay, Step
from tests.factories.parts import exchange
from tests.laws.seizure import every_row
from tests.servers.smtp import SmtpServer

FROZEN = b"From: appeals@example.org\r\nSubject: Frozen\r\nMessage-ID: <frozen@example.org>\r\n\r\nText\r\n"
FROZEN_SHA256 = hashlib.sha256(FROZEN).hexdigest()


def _greet(_session: Session, references: References) -> RenderedMail:
    return RenderedMail("", references["to"], "Hello", "Hello\n", "<p>Hello</p>")


def _freeze(_session: Session, references: References) -> Frozen:
    return Frozen(references["to"], FROZEN)


GREETING = MailKind("test greeting", MailClass.PERSONAL, _greet)
CAPPED = MailKind("test confirmation", MailClass.PERSONAL, _greet, cap=Cap.CONFIRMATION)
OFFICIAL = MailKind("test official", MailClass.OFFICIAL, _freeze)
both = pytest.mark.parametrize("kind", [GREETING, OFFICIAL], ids=["personal", "official"])


@pytest.fixture
def mailing_app(either_app: Flask) -> Flask:
    registry = Registry()
    registry.register([GREETING, CAPPED, OFFICIAL])
    exchange(either_app, mail_kinds=registry)
    return either_app


@pytest.fixture
def database(mailing_app: Flask) -> Database:
    found: Database = parts_of(mailing_app).database
    return found


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.stop()


@pytest.fixture
def worker(mailing_app: Flask, relay: Relay) -> Iterator[Worker]:
    exchange(mailing_app, outgoing_mail=init_connection(mailing_app, MailRelay.from_url(relay.url)))
    worker = Worker(mailing_app)
    yield worker
    worker.close()


def _queue(database: Database, kind: MailKind, occasion: str = "1") -> str:
    with database.writing() as session:
        to = "ada@example.org"
        return enqueue(session, Outgoing(kind, to, occasion, {"to": to}, frozen_sha256=FROZEN_SHA256))


def _state(database: Database, mail_id: str) -> MailState:
    with database.reading() as session:
        return fates_of(session, [mail_id])[mail_id].state


def _attempts(database: Database, mail_id: str) -> list[Attempt]:
    with database.reading() as session:
        return attempts_of(session, mail_id)


def _when_stored(relay: Relay, act: Callable[[], Any]) -> None:
    """Act once, when the server has the whole of a mail and has not answered yet."""
    acts = [act]

    def hook(step: Step) -> bool:
        if step is Step.STORED and acts:
            acts.pop()()
        return False

    relay.hook = hook


# A worker that is slower than its lease


@both
def test_yes_that_comes_after_the_lease_is_believed(
    worker: Worker, database: Database, relay: Relay, kind: MailKind
) -> None:
    """A machine that slept, or a clock that was set: the sweeper took the worker for dead."""
    mail_id = _queue(database, kind)

    def sleep() -> None:
        clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
        worker.sweep()
        assert _state(database, mail_id) is not MailState.HANDING_OVER

    _when_stored(relay, sleep)
    while worker.work_off():
        pass
    assert _state(database, mail_id) is MailState.ACCEPTED
    assert relay.copies.total() == 1
    (attempt,) = _attempts(database, mail_id)
    assert attempt.code == 250
    assert attempt.finished_at is not None


def test_yes_that_comes_after_another_try_began_changes_only_its_own_row(
    worker: Worker, database: Database, relay: Relay
) -> None:
    mail_id = _queue(database, GREETING)

    def claim_again() -> None:
        clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
        worker.sweep()
        Worker(worker._app).claim()

    _when_stored(relay, claim_again)
    worker.work_off()
    assert _state(database, mail_id) is MailState.CLAIMED
    assert [(each.number, each.code) for each in _attempts(database, mail_id)] == [(1, 250)]


def test_yes_that_comes_late_beats_the_person_who_sent_it_again(
    worker: Worker, database: Database, relay: Relay
) -> None:
    mail_id = _queue(database, OFFICIAL)

    def send_again() -> None:
        clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
        worker.sweep()
        with database.writing() as session:
            assert rule_uncertain(session, mail_id, arrived=False)

    _when_stored(relay, send_again)
    while worker.work_off():
        pass
    assert _state(database, mail_id) is MailState.ACCEPTED
    assert relay.copies.total() == 1


def test_mails_that_another_took_over_are_not_handed_over(worker: Worker, database: Database, relay: Relay) -> None:
    """The first of a batch takes longer than the lease, and another worker goes on with the rest meanwhile."""
    mails = [_queue(database, GREETING, str(number)) for number in range(3)]
    other = Worker(worker._app)

    def take_over() -> None:
        clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
        other.sweep()
        assert len(other.claim()) == 3

    _when_stored(relay, take_over)
    worker.work_off()
    assert relay.copies.total() == 1
    assert {_state(database, mail_id) for mail_id in mails} == {MailState.CLAIMED}


# A worker that died


@both
def test_interrupted_try_is_a_row_without_an_answer(
    worker: Worker, database: Database, relay: Relay, kind: MailKind
) -> None:
    mail_id, began = _queue(database, kind), clock.now().replace(microsecond=0)
    clock.freeze(began)
    with database.writing() as session:
        lease = began + LEASE
        session.execute(update(Mail).values(state=MailState.HANDING_OVER, attempts=1, handovers=1, lease_until=lease))
    clock.freeze(began + LEASE + timedelta(seconds=1))
    worker.sweep()
    worker.sweep()
    (attempt,) = _attempts(database, mail_id)
    assert (attempt.number, attempt.started_at, attempt.finished_at, attempt.code) == (1, began, None, None)
    assert attempt.server.startswith("127.0.0.1:")


# A database that is away


@both
def test_answer_that_could_not_be_written_down_is_kept_in_mind(
    worker: Worker, database: Database, relay: Relay, kind: MailKind
) -> None:
    mail_id = _queue(database, kind)
    is_away = [False]

    def refuse(connection: Connection, _cursor: Any, _statement: str, *_rest: Any) -> None:
        if is_away[0]:
            raise OperationalError("away", None, Exception())

    event.listen(database.engine, "before_cursor_execute", refuse)
    _when_stored(relay, lambda: is_away.__setitem__(0, True))
    for _again in range(3):
        with suppress(OperationalError):
            worker.work_off()
    is_away[0] = False
    while worker.work_off():
        pass
    assert _state(database, mail_id) is MailState.ACCEPTED
    assert relay.copies.total() == 1


# Caps


def test_mail_that_was_claimed_and_given_back_is_counted_when_it_goes(
    mailing_app: Flask, database: Database, smtp_server: SmtpServer
) -> None:
    """A worker that stops gives back what it has claimed ahead, and one that is killed leaves it to the sweeper."""
    exchange(mailing_app, outgoing_mail=init_connection(mailing_app, MailRelay.from_url(smtp_server.url)))
    with database.writing() as session:
        enqueue_many(session, [Outgoing(GREETING, "a", str(n), {"to": f"guest{n}@example.net"}) for n in range(BATCH)])
    for number in range(5):
        _queue(database, CAPPED, str(number))
    stopping = Worker(mailing_app)
    stopping.work_off()
    stopping.close()
    killed = Worker(mailing_app)
    assert len(killed.claim()) == 5
    clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
    worker = Worker(mailing_app)
    worker.sweep()
    while worker.work_off():
        pass
    worker.close()
    assert smtp_server.count() == BATCH + 3
    with database.reading() as session:
        assert sorted(session.scalars(select(MailAddress.confirmations))) == [3]


def test_no_transaction_ties_an_address_to_a_mail_once_the_calendar_came_round(
    mailing_app: Flask, database: Database, smtp_server: SmtpServer
) -> None:
    """The worker's own transactions, as they really happen: mails that went, that waited and that were over a cap."""
    exchange(mailing_app, outgoing_mail=init_connection(mailing_app, MailRelay.from_url(smtp_server.url)))
    smtp_server.answer("RCPT", "450 4.2.1 later", times=1)
    for number in range(5):
        _queue(database, CAPPED, str(number))
        send_due(mailing_app)
    if not database.is_sqlite:
        assert _tied(mailing_app), "before that they are tied: this test can fail"
    stir_addresses(mailing_app)
    assert not _tied(mailing_app)


def _tied(app: Flask) -> set[int | None]:
    rows = every_row(app)
    addresses = {row.transaction for row in rows if row.table == "mail_addresses"}
    return addresses & {row.transaction for row in rows if row.table != "mail_addresses"} - {None}


# A person's decision


@pytest.mark.parametrize("arrived", [True, False])
def test_decision_leaves_no_trouble_behind(worker: Worker, database: Database, arrived: bool) -> None:
    mail_id = _queue(database, GREETING)
    with database.writing() as session:
        values = {"state": MailState.UNCERTAIN, "trouble": Trouble.NO_ANSWER, "failures": 10, "handovers": 2}
        session.execute(update(Mail).values(**values))
        assert rule_uncertain(session, mail_id, arrived=arrived)
    worker.work_off()
    with database.reading() as session:
        assert fates_of(session, [mail_id])[mail_id].words == "Accepted by the mail server"
        assert session.scalar(select(Mail.failures)) == (10 if arrived else 0)
