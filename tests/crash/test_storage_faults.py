"""A disk that is full, a database that is locked or torn away, at each step of a mail: nothing lost, nothing twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from app.background import processes
from app.background.stopping import StopFlag
from app.base import clock, database
from app.base.parts import parts_of
from app.mail.sending import loop
from app.mail.sending.claims import Claimed
from app.mail.sending.worker import Worker
from app.mail.states import LEASE, MailState
from app.smtp.connection import init_connection
from config import MailRelay
from tests.crash.outbox import Outbox
from tests.crash.relay import Relay, Step
from tests.crash.storage import FAULTS, PATIENCE_SECONDS, Fault, address_of, quietly
from tests.factories.parts import exchange
from tests.signatures.scene import every_row, invite

ACCEPTED, CLAIMED, HANDING_OVER, QUEUED, UNCERTAIN = (
    MailState.ACCEPTED, MailState.CLAIMED, MailState.HANDING_OVER, MailState.QUEUED, MailState.UNCERTAIN,
)  # fmt: skip
MAILS = 3


def _on(kind: str, fault: str) -> object:
    marks = [pytest.mark.postgres] if kind == "postgres" else []
    return pytest.param(kind, fault, marks=marks, id=f"{kind}-{fault}")


STORAGE = [_on("sqlite", "full"), _on("sqlite", "locked"), _on("postgres", "held"), _on("postgres", "torn")]
LOSING = [_on("sqlite", "lost"), _on("postgres", "lost")]


class Noticing(Worker):
    """A worker that says when it has claimed."""

    has_claimed: Callable[[], None] = staticmethod(lambda: None)

    def claim(self) -> list[Claimed]:
        """Claim, and say so."""
        claims = super().claim()
        if claims:
            self.has_claimed()
        return claims


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SQLITE_BUSY_SECONDS", PATIENCE_SECONDS)


@dataclass
class Scene:
    """An outbox whose storage fails at a point."""

    outbox: Outbox
    relay: Relay

    def begin_at(self, point: str, fault: Fault, kind: str) -> None:
        """Let the storage fail from a point on. Personal mails are announced in a batch, official ones one by one."""
        if point == "claim":
            fault.begin()
        elif point == "announce" and kind == "personal":
            worker = Noticing(self.outbox.app)
            worker.has_claimed = fault.begin
            self.outbox.worker = worker
        else:
            wanted = Step.RCPT if point == "announce" else Step.STORED
            self.relay.hook = lambda step: self._come_to(step, wanted, fault)

    def _come_to(self, step: Step, wanted: Step, fault: Fault) -> bool:
        if step is wanted:
            fault.begin()
        return False

    def work_while_it_lasts(self, fault: Fault) -> None:
        """Go round as a sender does, which outlives what goes wrong; what has gone must not go again."""
        quietly(self.outbox.worker.work_off)
        copies = self.relay.copies
        for _ in range(3):
            quietly(self.outbox.worker.work_off)
        if fault.is_on:
            assert self.relay.copies == copies, "it sent although it could not write"
        fault.end()
        self.relay.hook = None

    def copies(self) -> dict[str, int]:
        """Count what the relay has, by mail."""
        return {name: self.relay.copies[f"<{name}@example.org>"] for name in self.outbox.states()}


@pytest.fixture
def scene(either_app: Flask, relay: Relay) -> Iterator[Scene]:
    exchange(either_app, outgoing_mail=init_connection(either_app, MailRelay.from_url(relay.url)))
    scene = Scene(Outbox(either_app), relay)
    yield scene
    scene.outbox.worker.close()


@pytest.mark.parametrize(("either_app", "fault"), STORAGE, indirect=["either_app"])
@pytest.mark.parametrize("kind", ["personal", "official"])
@pytest.mark.parametrize("point", ["claim", "announce", "settle"])
def test_storage_that_fails_for_long_costs_no_copy_and_no_certainty(
    scene: Scene, fault: str, point: str, kind: str
) -> None:
    """A worker that lives on keeps in mind what it could not write down."""
    storage = FAULTS[fault](scene.outbox.database.engine)
    scene.outbox.queue(**{kind: MAILS})
    scene.begin_at(point, storage, kind)
    scene.work_while_it_lasts(storage)
    scene.outbox.work()
    assert list(scene.outbox.states().values()) == [ACCEPTED] * MAILS
    assert list(scene.copies().values()) == [1] * MAILS


@pytest.mark.parametrize(("either_app", "fault"), STORAGE, indirect=["either_app"])
@pytest.mark.parametrize("kind", ["personal", "official"])
@pytest.mark.parametrize("point", ["announce", "settle"])
def test_storage_that_fails_once_costs_no_copy_and_no_certainty(
    scene: Scene, fault: str, point: str, kind: str
) -> None:
    storage = FAULTS[fault](scene.outbox.database.engine, lasts=False)
    scene.outbox.queue(**{kind: MAILS})
    scene.begin_at(point, storage, kind)
    scene.work_while_it_lasts(storage)
    assert storage.failures == 1
    scene.outbox.work()
    assert set(scene.outbox.states().values()) == {ACCEPTED}
    assert set(scene.copies().values()) == {1}


@pytest.mark.parametrize(("either_app", "fault"), LOSING, indirect=["either_app"])
@pytest.mark.parametrize("kind", ["personal", "official"])
@pytest.mark.parametrize("point", ["claim", "announce", "settle"])
@pytest.mark.parametrize("lasts", [False, True])
def test_commit_whose_answer_is_lost(scene: Scene, fault: str, point: str, kind: str, lasts: bool) -> None:
    storage = FAULTS[fault](scene.outbox.database.engine, lasts=lasts)
    scene.outbox.queue(**{kind: MAILS})
    scene.begin_at(point, storage, kind)
    scene.work_while_it_lasts(storage)
    scene.outbox.finish()
    assert set(scene.outbox.states().values()) == {ACCEPTED}
    assert set(scene.copies().values()) == {1}


# Enqueueing: what a person does on a page queues their receipt


@pytest.mark.parametrize(
    ("either_app", "fault"),
    [_on("sqlite", "full"), _on("sqlite", "locked"), _on("postgres", "torn")],
    indirect=["either_app"],
)
def test_signing_while_storage_fails_is_said_to_have_failed_and_leaves_nothing(either_app: Flask, fault: str) -> None:
    either_app.config["PROPAGATE_EXCEPTIONS"] = False
    guest = invite(either_app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    before = every_row(either_app)
    storage = FAULTS[fault](parts_of(either_app).database.engine)
    storage.begin()
    answer = guest.client.post(guest.url, data=form)
    assert storage.failures
    storage.end()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "You have signed" not in answer.text
    assert every_row(either_app) == before
    assert guest.client.post(guest.url, data=form).status_code == 303
    assert (len(guest.signatures()), guest.mails("receipt")) == (1, 1)


@pytest.mark.postgres
@pytest.mark.parametrize("either_app", ["postgres"], indirect=True)
def test_connection_that_is_torn_before_it_is_first_used_leads_to_a_kind_page(either_app: Flask) -> None:
    """Its driver fails then, before anything is asked through SQLAlchemy, which would name the error as its own."""
    either_app.config["PROPAGATE_EXCEPTIONS"] = False
    guest = invite(either_app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    engine = parts_of(either_app).database.engine

    def tear(connection: psycopg.Connection, _record: object, _proxy: object) -> None:
        with psycopg.connect(address_of(engine), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        with suppress(psycopg.OperationalError):
            connection.execute("SELECT 1")

    event.listen(engine, "checkout", tear)
    answers = [guest.client.get(guest.url), guest.client.post(guest.url, data=form), guest.client.get("/readyz")]
    event.remove(engine, "checkout", tear)
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert "Halyna" in answers[1].text
    assert guest.signatures() == []


@pytest.mark.parametrize(("either_app", "fault"), LOSING, indirect=["either_app"])
def test_signing_whose_commit_is_not_answered_is_whole_and_not_repeated(either_app: Flask, fault: str) -> None:
    either_app.config["PROPAGATE_EXCEPTIONS"] = False
    guest = invite(either_app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    storage = FAULTS[fault](parts_of(either_app).database.engine, lasts=False)
    storage.begin()
    assert guest.client.post(guest.url, data=form).status_code == 503
    assert storage.failures == 1
    assert (len(guest.signatures()), guest.mails("receipt")) == (1, 1)
    again = guest.client.post(guest.url, data=form)
    assert "You have signed" in guest.client.get(again.location or guest.url).text
    assert (len(guest.signatures()), guest.mails("receipt")) == (1, 1)


def test_disk_that_is_full_in_the_middle_of_queueing_queues_nothing(app: Flask, relay: Relay) -> None:
    exchange(app, outgoing_mail=init_connection(app, MailRelay.from_url(relay.url)))
    outbox = Outbox(app)
    storage = FAULTS["no more pages"](outbox.database.engine)
    storage.begin()
    assert quietly(lambda: outbox.queue(personal=200))
    assert outbox.rows() == {}
    storage.end()
    outbox.queue(personal=2)
    outbox.finish()
    outbox.worker.close()
    assert sorted(relay.copies.values()) == [1, 1]


def test_sender_outlives_what_its_storage_does(app: Flask, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(processes, "PAUSE_AFTER_FAILURE", 0.0)
    exchange(app, outgoing_mail=init_connection(app, MailRelay.from_url(relay.url)))
    outbox = Outbox(app)
    outbox.queue(personal=MAILS, official=MAILS)
    sender = loop.SendingLoop(app, StopFlag())
    sender.initialize()
    storage = FAULTS["full"](outbox.database.engine)
    storage.begin()
    for _ in range(5):
        sender.loop()
    assert storage.failures
    assert set(outbox.states().values()) == {QUEUED}
    storage.end()
    sender.loop()
    assert set(outbox.states().values()) == {ACCEPTED}
    sender.shutdown()


# Workers that are late, or stopped in the middle


@pytest.mark.parametrize("kind", ["personal", "official"])
def test_worker_whose_mail_another_one_holds_by_now_leaves_it_alone(scene: Scene, kind: str) -> None:
    scene.outbox.queue(**{kind: MAILS})
    late, prompt = scene.outbox.worker, Worker(scene.outbox.app)
    claims = late.claim()
    clock.advance(seconds=LEASE.total_seconds() + 1)
    prompt.sweep()
    theirs = prompt.claim()
    late.work_on(claims)
    assert not scene.relay.copies
    assert set(scene.outbox.states().values()) == {CLAIMED}
    prompt.work_on(theirs)
    prompt.close()
    assert set(scene.outbox.states().values()) == {ACCEPTED}
    assert set(scene.copies().values()) == {1}


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Let SIGINT raise, also where the tests run in a shell's background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_mail_in_hand_is_not_given_back_when_the_worker_is_interrupted(scene: Scene) -> None:
    """The server may have it: given back, an official letter would go twice."""
    scene.outbox.queue(official=MAILS)
    was_asked = threading.Event()

    def interrupt(step: Step) -> bool:
        if step is not Step.STORED or was_asked.is_set():
            return False
        was_asked.set()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        threading.Event().wait(0.2)  # the answer must not come first
        return True

    scene.relay.hook = interrupt
    with pytest.raises(KeyboardInterrupt):
        scene.outbox.work()
    assert list(scene.outbox.states().values()) == [HANDING_OVER, QUEUED, QUEUED]
    scene.outbox.finish()
    assert list(scene.outbox.states().values()) == [UNCERTAIN, ACCEPTED, ACCEPTED]
    assert set(scene.copies().values()) == {1}
