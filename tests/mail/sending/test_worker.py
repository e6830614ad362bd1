"""The worker against a real SMTP server that also answers as bad servers do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.actions import Outgoing, drop, enqueue, enqueue_many, rule_uncertain
from app.mail.models import Mail
from app.mail.queries import attempts_of, fates_of
from app.mail.registry import Frozen, MailKind, References, RenderedMail
from app.mail.sending import pace
from app.mail.sending.worker import BATCH, MOST_PUT_OFF, Worker, send_due
from app.mail.states import LEASE, MailClass, MailNotWanted, MailState
from config import Settings
from tests.servers.databases import Lend
from tests.servers.smtp import SmtpServer

FROZEN = b"From: appeals@example.org\r\nSubject: Frozen\r\nMessage-ID: <frozen@example.org>\r\n\r\nText\r\n"
FROZEN_SHA256 = hashlib.sha256(FROZEN).hexdigest()


def _greet(_session: Session, references: References) -> RenderedMail:
    if references.get("gone"):
        raise MailNotWanted
    return RenderedMail("Ада", references["to"], "Привіт", "Hello\n", "<p>Hello</p>", reply_to="person@example.org")


def _freeze(_session: Session, references: References) -> Frozen:
    return Frozen(references["to"], FROZEN)


GREETING = MailKind("test greeting", MailClass.PERSONAL, _greet)
OFFICIAL = MailKind("test official", MailClass.OFFICIAL, _freeze)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def mailing_app(
    request: pytest.FixtureRequest, lend: Lend, settings: Settings, smtp_server: SmtpServer
) -> Iterator[Flask]:
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    with lend(replace(settings, mail_url=smtp_server.url)) as app:
        parts_of(app).mail_kinds.register([GREETING, OFFICIAL])
        yield app


@pytest.fixture
def worker(mailing_app: Flask) -> Iterator[Worker]:
    worker = Worker(mailing_app)
    yield worker
    worker.close()


def _queue(app: Flask, kind: MailKind = GREETING, occasion: str = "1", **references: str) -> str:
    database: Database = parts_of(app).database
    with database.writing() as session:
        references = {"to": "ada@example.org", **references}
        return enqueue(session, Outgoing(kind, references["to"], occasion, references, frozen_sha256=FROZEN_SHA256))


def _state(app: Flask, mail_id: str) -> MailState:
    with parts_of(app).database.reading() as session:
        return fates_of(session, [mail_id])[mail_id].state


def test_send_personal_mail(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    mail_id = _queue(mailing_app)
    assert send_due(mailing_app) == 1
    assert _state(mailing_app, mail_id) is MailState.ACCEPTED
    (received,) = smtp_server.received
    assert received.subject == "Привіт"
    assert received.message["Message-ID"] == f"<{mail_id}@example.org>"
    assert received.message["Reply-To"] == "person@example.org"
    assert received.message["Auto-Submitted"] == "auto-generated"
    assert (received.text.strip(), received.html.strip()) == ("Hello", "<p>Hello</p>")


def test_queue_same_occasion_once(mailing_app: Flask) -> None:
    assert _queue(mailing_app) == _queue(mailing_app)
    assert _queue(mailing_app) != _queue(mailing_app, occasion="2")
    assert send_due(mailing_app) == 2


def test_roll_back_sends_nothing(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database: Database = parts_of(mailing_app).database

    def fail() -> None:
        with database.writing() as session:
            enqueue(session, Outgoing(GREETING, "ada@example.org", "1", {"to": "ada@example.org"}))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert send_due(mailing_app) == 0
    assert smtp_server.count() == 0


def test_drop_mail_whose_reason_is_gone(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    mail_id = _queue(mailing_app, gone="yes")
    send_due(mailing_app)
    assert _state(mailing_app, mail_id) is MailState.DROPPED
    assert smtp_server.count() == 0


def test_mail_whose_reason_went_after_it_may_have_arrived_is_uncertain(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer
) -> None:
    smtp_server.answer("DATA", None, keep=True, times=1)
    reason: dict[str, str] = {}
    fickle = MailKind("test fickle", MailClass.PERSONAL, lambda session, given: _greet(session, {**given, **reason}))
    parts_of(mailing_app).mail_kinds.register([fickle])
    mail_id = _queue(mailing_app, fickle)
    worker.work_off()
    reason["gone"] = "yes"
    clock.freeze(clock.now() + LEASE)
    worker.work_off()
    assert _state(mailing_app, mail_id) is MailState.UNCERTAIN
    assert smtp_server.count() == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_refusal_is_final_and_keeps_the_answer(mailing_app: Flask, smtp_server: SmtpServer, stage: str) -> None:
    smtp_server.answer(stage, "550 5.1.1 no such person", times=1)
    refused, next_one = _queue(mailing_app), _queue(mailing_app, occasion="2")
    send_due(mailing_app)
    assert _state(mailing_app, refused) is MailState.REFUSED
    assert _state(mailing_app, next_one) is MailState.ACCEPTED
    with parts_of(mailing_app).database.reading() as session:
        (attempt,) = attempts_of(session, refused)
    assert attempt.code == 550
    assert "no such person" in attempt.answer


def test_temporary_failure_is_tried_again_later(mailing_app: Flask, worker: Worker, smtp_server: SmtpServer) -> None:
    smtp_server.answer("RCPT", "451 4.7.1 greylisted", times=1)
    mail_id = _queue(mailing_app)
    clock.freeze(clock.now())
    worker.work_off()
    assert _state(mailing_app, mail_id) is MailState.DEFERRED
    assert worker.work_off() == 0
    clock.advance(minutes=2)
    worker.work_off()
    assert _state(mailing_app, mail_id) is MailState.ACCEPTED
    assert smtp_server.count() == 1


def test_relay_that_is_away_loses_nothing_and_counts_as_no_failure(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer
) -> None:
    mail_id = _queue(mailing_app)
    mailing_app.extensions["mail"].port, port = 1, mailing_app.extensions["mail"].port
    clock.freeze(clock.now())
    for _ in range(30):
        worker.work_off()
        clock.advance(hours=2)
    assert _state(mailing_app, mail_id) is MailState.QUEUED
    with parts_of(mailing_app).database.reading() as session:
        assert session.execute(select(Mail.failures, Mail.handovers)).one() == (0, 0)
    mailing_app.extensions["mail"].port = port
    worker.work_off()
    assert _state(mailing_app, mail_id) is MailState.ACCEPTED


def test_domain_that_rests_does_not_stand_before_the_others(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer
) -> None:
    """However many of its mails are the oldest, one call after the other reaches what stands behind them."""
    with parts_of(mailing_app).database.writing() as session:
        to = "ada@stuck.example.org"
        enqueue_many(session, [Outgoing(GREETING, to, str(number), {"to": to}) for number in range(4 * BATCH)])
        pace.strike_domain(session, pace.domain_lane(session, "stuck.example.org"), 3)
    behind = _queue(mailing_app)
    while worker.work_off():
        pass
    assert _state(mailing_app, behind) is MailState.ACCEPTED
    assert smtp_server.count() == 1


def test_worker_waits_when_the_pace_puts_everything_off(mailing_app: Flask, worker: Worker) -> None:
    clock.freeze(clock.now())
    with parts_of(mailing_app).database.writing() as session:
        for number in range(2):
            pace.take_seat(
                session,
                pace.domain_lane(session, "example.org"),
                2,
                f"other {number}",
                clock.now() + timedelta(hours=1),
            )
    _queue(mailing_app)
    handled: list[int] = []
    while not handled or handled[-1]:
        handled.append(worker.work_off())
        clock.advance(seconds=5)
    assert len(handled) == MOST_PUT_OFF


def test_failed_quit_is_no_failed_mail(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    smtp_server.answer("QUIT", None)
    mail_id = _queue(mailing_app)
    send_due(mailing_app)
    assert _state(mailing_app, mail_id) is MailState.ACCEPTED
    assert smtp_server.count() == 1


def test_silent_data_sends_personal_mail_once_more_with_its_id(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer
) -> None:
    smtp_server.answer("DATA", None, keep=True)
    mail_id = _queue(mailing_app)
    for _ in range(4):
        worker.work_off()
    assert _state(mailing_app, mail_id) is MailState.UNCERTAIN
    assert [r.message["Message-ID"] for r in smtp_server.received] == [f"<{mail_id}@example.org>"] * 2


def test_silent_data_leaves_official_mail_to_a_person(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer
) -> None:
    smtp_server.answer("DATA", None, keep=True, times=1)
    mail_id = _queue(mailing_app, OFFICIAL)
    for _ in range(3):
        worker.work_off()
        worker.sweep()
    assert _state(mailing_app, mail_id) is MailState.UNCERTAIN
    assert smtp_server.count() == 1
    with parts_of(mailing_app).database.writing() as session:
        assert rule_uncertain(session, mail_id, arrived=True)
        assert not rule_uncertain(session, mail_id, arrived=False)
    worker.work_off()
    assert smtp_server.count() == 1


def test_official_mail_goes_out_byte_for_byte(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    _queue(mailing_app, OFFICIAL)
    send_due(mailing_app)
    assert smtp_server.received[0].source == FROZEN


@pytest.mark.parametrize(
    ("left_in", "kind", "becomes"),
    [
        (MailState.CLAIMED, GREETING, MailState.QUEUED),
        (MailState.CLAIMED, OFFICIAL, MailState.QUEUED),
        (MailState.HANDING_OVER, GREETING, MailState.QUEUED),
        (MailState.HANDING_OVER, OFFICIAL, MailState.UNCERTAIN),
    ],
)
def test_sweep_after_a_dead_worker(
    mailing_app: Flask, worker: Worker, left_in: MailState, kind: MailKind, becomes: MailState
) -> None:
    mail_id = _queue(mailing_app, kind)
    with parts_of(mailing_app).database.writing() as session:
        lease = clock.now() + LEASE
        session.execute(update(Mail).values(state=left_in, attempts=1, handovers=1, lease_until=lease))
    worker.sweep()
    assert _state(mailing_app, mail_id) is left_in
    clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
    worker.sweep()
    assert _state(mailing_app, mail_id) is becomes


@pytest.mark.parametrize("kind", [GREETING, OFFICIAL])
def test_late_worker_does_not_send_what_another_holds(
    mailing_app: Flask, worker: Worker, smtp_server: SmtpServer, kind: MailKind
) -> None:
    mail_id, prompt = _queue(mailing_app, kind), Worker(mailing_app)
    claims = worker.claim()
    clock.freeze(clock.now() + LEASE + timedelta(seconds=1))
    prompt.sweep()
    prompt.work_off()
    prompt.close()
    worker.work_on(claims)
    assert smtp_server.count() == 1
    assert _state(mailing_app, mail_id) is MailState.ACCEPTED


def test_drop_before_it_left_and_not_after(mailing_app: Flask) -> None:
    mail_id = _queue(mailing_app)
    with parts_of(mailing_app).database.writing() as session:
        assert drop(session, mail_id)
    sent = _queue(mailing_app, occasion="2")
    send_due(mailing_app)
    with parts_of(mailing_app).database.writing() as session:
        assert not drop(session, sent)


def test_raw_outbox_names_nobody(mailing_app: Flask) -> None:
    _queue(mailing_app, to="canary.person@example.org")
    with parts_of(mailing_app).database.reading() as session:
        rows = [tuple(row) for row in session.execute(select(Mail.__table__))]
    assert b"canary" not in repr(rows).encode()
