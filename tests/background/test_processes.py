"""The worker as a service: senders that wake in time, and that are stopped, killed and replaced."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.background.stopping import StopFlag
from app.base import clock
from app.mail.actions import Outgoing, enqueue_many
from app.mail.models import Mail
from app.mail.sending.loop import LONGEST_PAUSE, SendingLoop
from app.mail.sending.worker import BATCH
from app.mail.states import MailState, Pause
from app.mailroom.control import set_pause
from config import Settings
from tests.background.houses import SOON_SECONDS, House, open_house
from tests.background.worker_processes import (
    GREETING,
    PATIENCE_SECONDS,
    await_line,
    await_true,
    begin,
    children_of,
    work,
    work_with_dying_senders,
    working,
)
from tests.mail.sending.pacing import statements_of
from tests.servers.smtp import SmtpServer


@pytest.fixture
def plain_house(settings: Settings, smtp_server: SmtpServer) -> Iterator[House]:
    """A house on the embedded database."""
    with open_house(replace(settings, mail_url=smtp_server.url)) as house:
        yield house


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_house(request: pytest.FixtureRequest, settings: Settings, smtp_server: SmtpServer) -> Iterator[House]:
    """A house on either database."""
    settings = replace(settings, mail_url=smtp_server.url)
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    with open_house(settings) as house:
        yield house


def test_commit_is_noticed_by_a_worker_that_waits(either_house: House, smtp_server: SmtpServer) -> None:
    either_house.write("before the worker")
    with working(either_house.settings, either_house.log):
        smtp_server.await_messages(1)
        either_house.settle()
        either_house.write("while it waits")
        smtp_server.await_messages(2, SOON_SECONDS)
    assert "canary" not in either_house.log.read_text()
    assert "level=error" not in either_house.log.read_text()
    assert smtp_server.count() == 2


def test_mail_that_falls_due_later_is_noticed(plain_house: House, smtp_server: SmtpServer) -> None:
    plain_house.write("later")
    with plain_house.database.writing() as session:
        session.execute(update(Mail).values(due_at=clock.now() + timedelta(seconds=1.2), state=MailState.DEFERRED))
    with working(plain_house.settings, plain_house.log):
        assert smtp_server.count() == 0
        smtp_server.await_messages(1, SOON_SECONDS)


def test_bulk_wakes_every_sender(plain_house: House, smtp_server: SmtpServer) -> None:
    settings = replace(plain_house.settings, mail_senders=2)
    smtp_server.answer("DATA", "250 2.0.0 OK", keep=True, after_seconds=0.3)
    with working(settings, plain_house.log):
        plain_house.write("first")
        plain_house.settle()
        await_true(lambda: not plain_house.holders())
        with plain_house.database.writing() as session:
            to = "ada@example.org"
            enqueue_many(session, [Outgoing(GREETING, to, str(number), {"to": to}) for number in range(2 * BATCH)])
        began = time.monotonic()
        await_true(lambda: len(plain_house.holders()) == 2)
        assert time.monotonic() - began < BATCH * 0.3, "the second did not wait for the first one's batch"


def test_two_workers_send_each_mail_once(plain_house: House, smtp_server: SmtpServer) -> None:
    log = plain_house.log.with_name("second.log")
    with working(plain_house.settings, plain_house.log), working(plain_house.settings, log):
        with plain_house.database.writing() as session:
            to = "ada@example.org"
            enqueue_many(session, [Outgoing(GREETING, to, str(number), {"to": to}) for number in range(3 * BATCH)])
        smtp_server.await_messages(3 * BATCH, PATIENCE_SECONDS)
        plain_house.settle()
    assert len({each.message["Message-ID"] for each in smtp_server.received}) == smtp_server.count() == 3 * BATCH


def test_sweeper_frees_what_a_dead_worker_held(plain_house: House, smtp_server: SmtpServer) -> None:
    plain_house.write("held")
    with plain_house.database.writing() as session:
        over = clock.now() - timedelta(seconds=1)
        session.execute(update(Mail).values(state=MailState.CLAIMED, attempts=1, lease_until=over))
    with working(plain_house.settings, plain_house.log):
        smtp_server.await_messages(1, SOON_SECONDS)


def test_pause_of_a_sender(plain_house: House) -> None:
    clock.freeze(clock.now())
    loop = SendingLoop(plain_house.app, StopFlag())
    assert loop._pause(None) == LONGEST_PAUSE
    assert loop._pause(clock.now() + timedelta(seconds=3)) == 3
    assert loop._pause(clock.now() + timedelta(hours=1)) == LONGEST_PAUSE
    past = clock.now() - timedelta(hours=1)
    assert [loop._pause(past) for _again in range(6)] == [1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE]
    assert loop._pause(None) == LONGEST_PAUSE
    assert loop._pause(past) == 1


def test_sender_that_may_send_nothing_tries_seldom(plain_house: House) -> None:
    """Each look is one statement that only reads: a paused queue must not keep a processor or the database busy."""
    for number in range(3):
        plain_house.write(str(number))
    with plain_house.database.writing() as session:
        set_pause(session, "somebody", Pause.EVERYTHING)
    loop = SendingLoop(plain_house.app, StopFlag())
    loop.initialize()
    loop.round()
    loop._blocked_for = 0.6
    with statements_of(plain_house.database.engine) as asked:
        loop._watch(loop._glance(), 1.2)
    loop.shutdown()
    looks = [each for each in asked if each.startswith("SELECT")]
    assert 2 <= len(looks) <= 4
    assert not [each for each in asked if each.startswith(("UPDATE", "INSERT", "DELETE"))]


def test_resumed_queue_goes_at_once(plain_house: House, smtp_server: SmtpServer) -> None:
    plain_house.write("held back")
    with plain_house.database.writing() as session:
        set_pause(session, "somebody", Pause.EVERYTHING)
    loop = SendingLoop(plain_house.app, StopFlag())
    loop.initialize()
    began, seen = time.monotonic(), loop._glance()
    with plain_house.database.writing() as session:
        set_pause(session, "somebody", Pause.NOTHING)
    loop._watch(seen, 15)
    assert time.monotonic() - began < SOON_SECONDS
    loop.round()
    loop.shutdown()
    smtp_server.await_messages(1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_finishes_the_mail_in_hand(plain_house: House, smtp_server: SmtpServer, number: signal.Signals) -> None:
    smtp_server.answer("DATA", "250 2.0.0 at last", keep=True, after_seconds=1.0)
    for occasion in range(3):
        plain_house.write(str(occasion))
    with working(plain_house.settings, plain_house.log) as process:
        assert process.pid is not None
        smtp_server.await_messages(1)
        senders = children_of(process)
        for pid in (process.pid, *senders):  # as a terminal and a service manager do: to the whole group
            os.kill(pid, number)
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 0
        assert not [pid for pid in senders if Path(f"/proc/{pid}").exists()]
    assert smtp_server.count() == 1
    assert plain_house.states() == [MailState.ACCEPTED, MailState.QUEUED, MailState.QUEUED]


def test_second_signal_ends_at_once(plain_house: House, smtp_server: SmtpServer) -> None:
    smtp_server.answer("DATA", "250 2.0.0 at last", keep=True, after_seconds=10.0)
    plain_house.write("one")
    with working(plain_house.settings, plain_house.log) as process:
        assert process.pid is not None
        smtp_server.await_messages(1)
        senders = children_of(process)
        os.kill(process.pid, signal.SIGTERM)
        process.join(0.2)  # two that come at once are one to a process
        os.kill(process.pid, signal.SIGTERM)
        process.join(3)
        assert process.exitcode == 1
        await_true(lambda: not [pid for pid in senders if _runs(pid)])
    assert plain_house.states() == [MailState.HANDING_OVER]


def test_killed_children_are_replaced(plain_house: House, smtp_server: SmtpServer) -> None:
    with working(plain_house.settings, plain_house.log) as process:
        before = await_true(lambda: children_of(process))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await_line(plain_house.log, "worker.process_died")
        plain_house.write("one")
        smtp_server.await_messages(1)
        assert not set(before) & set(children_of(process))


def test_children_that_die_again_and_again_end_the_service(plain_house: House) -> None:
    process = begin(plain_house.log, work_with_dying_senders, plain_house.settings)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 1
    assert "worker.given_up" in plain_house.log.read_text()


def test_children_end_with_a_killed_parent(plain_house: House) -> None:
    process = begin(plain_house.log, work, plain_house.settings)
    await_line(plain_house.log, "worker.started")
    children = await_true(lambda: children_of(process))
    process.kill()
    await_true(lambda: not [pid for pid in children if _runs(pid)])


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
