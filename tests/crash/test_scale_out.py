"""Two web servers and two workers of one house, over PgBouncer and behind nginx: some die, one is cut off.

Nobody who was told that they signed is lost, nobody signs twice, and no letter goes twice.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.base.parts import parts_of
from app.counts.queries import totals
from app.mail.models import Mail
from app.mail.states import LEASE, MailState
from app.signatures.jobs import tell_signatories
from app.signatures.queries import every_signature
from config import Settings
from tests.background.worker_processes import await_line, await_true as await_shortly
from tests.crash import kinds
from tests.crash.machines import Machine, machines, serve, work
from tests.crash.relay import Relay, Step
from tests.crash.signers import Wish, invite_all, post, reckon, reckon_receipts
from tests.servers.postgres import _free_port
from tests.servers.proxies import NAME, NGINX, Places
from tests.servers.slow import ask

pytestmark = pytest.mark.postgres
# In a soak it is cut off for half a minute; a claim always ends before.
CUT_OFF_SECONDS = 30.0 if "UNDERSIGNED_SOAK" in os.environ else 4.0
LEASE_SECONDS = CUT_OFF_SECONDS * 3 / 4
USUAL_LEASE_SECONDS = LEASE.total_seconds()
PEOPLE, LETTERS, SIGNERS = 300, 8, 3
# A dozen processes share the machine.
await_true = partial(await_shortly, seconds=60.0)
BETWEEN = 8  # so many people get through between two events


@dataclass
class Crowd:
    """People who sign one after the other, through the proxy; `told` are those who were told so."""

    port: int
    wishes: list[Wish]

    def __post_init__(self) -> None:
        self.told: set[str] = set()
        self._waiting = iter(self.wishes)
        self._lock, self._enough = threading.Lock(), threading.Event()

    def await_more(self) -> None:
        """Wait until some more were told that they signed."""
        wanted = len(self.told) + BETWEEN
        await_true(lambda: len(self.told) >= wanted, lambda: f"only {len(self.told)} got through")

    @contextmanager
    def signing(self) -> Iterator[None]:
        """Let them sign for the block."""
        signers = [threading.Thread(target=self._sign_on) for _ in range(SIGNERS)]
        for signer in signers:
            signer.start()
        try:
            yield
        finally:
            self._enough.set()
            for signer in signers:
                signer.join()

    def _sign_on(self) -> None:
        while not self._enough.is_set():
            with self._lock:
                wish = next(self._waiting, None)
            if wish is None:
                return
            if post(self.port, wish, NAME):
                self.told.add(wish.invitation)
            self._enough.wait(0.3)


@pytest.fixture
def house(settings: Settings, pooled_database_url: str, relay: Relay) -> Iterator[Flask]:
    """What all machines have in common."""
    settings = replace(
        settings, database_url=pooled_database_url, mail_url=relay.url, mail_connections=1000, domain_connections=1000,
        domain_per_minute=0, trusted_proxies=1,
    )  # fmt: skip
    app = create_app(settings)
    parts_of(app).mail_kinds.register(kinds.KINDS)
    yield app
    parts_of(app).database.engine.dispose()


def test_one_of_each_dies_and_one_is_cut_off_under_load(
    house: Flask, relay: Relay, tmp_path: Path, record_property: object
) -> None:
    statement_id, wishes = invite_all(house, PEOPLE)
    settings: Settings = parts_of(house).settings
    addresses = tuple(f"127.0.0.{number}:{_free_port()}" for number in (2, 3))
    webs = [Machine(tmp_path / at, serve, settings, f"web {at}", at) for at in addresses]
    workers = [_worker(tmp_path, settings, number, LEASE_SECONDS) for number in (1, 2)]
    places = Places(_free_port(), addresses, tmp_path)
    crowd = Crowd(places.port, wishes)
    with machines(*webs, *workers), NGINX.running(places):
        for worker in workers:
            await_line(worker.log, "worker.started")
        await_true(lambda: ask(places.port, "/healthz", NAME)[0] == 200)
        with crowd.signing():
            crowd.await_more()
            webs[0].signal(signal.SIGKILL)
            crowd.await_more()
            letters = _queue_letters(house, "dear")
            _amid_a_letter(relay, workers[0], signal.SIGKILL)
            letters += _queue_letters(house, "again")
            _amid_a_letter(relay, workers[1], signal.SIGSTOP)
            crowd.await_more()
        threading.Event().wait(CUT_OFF_SECONDS)
        third = _worker(tmp_path, settings, 3, USUAL_LEASE_SECONDS)
        with machines(third):
            await_line(third.log, "worker.started")
            tell_signatories(house)
            # The last claims of the worker that died on another machine end by themselves, too.
            await_true(lambda: _are_settled(house, letters), lambda: f"{_states(house, letters)}")
            workers[1].signal(signal.SIGCONT)
            workers[1].stop()
    _reckon_letters(house, relay, letters)
    reckon(house, statement_id, crowd.told)
    reckon_receipts(house, relay)
    with parts_of(house).database.reading() as session:
        standing = [each for each in every_signature(session, statement_id) if each.is_signed]
        assert totals(session, statement_id).total == len(standing) >= len(crowd.told)


def _worker(folder: Path, settings: Settings, number: int, lease_seconds: float) -> Machine:
    return Machine(folder / f"worker {number}", work, settings, f"worker {number}", lease_seconds)


def _amid_a_letter(relay: Relay, worker: Machine, number: int) -> None:
    """End a worker, or cut it off, when the mail server has taken a letter and nobody has heard of it yet."""
    has_happened = threading.Event()

    def happen(step: Step) -> bool:
        if step is Step.STORED and not has_happened.is_set():
            worker.signal(number)
            has_happened.set()
        return False

    relay.hook = happen
    await_true(has_happened.is_set, lambda: f"no letter in which {worker.log.name} could end")
    relay.hook = None


def _queue_letters(house: Flask, name: str) -> list[str]:
    """Queue letters, and the receipts of whoever has signed by now."""
    with parts_of(house).database.writing() as session:
        letters = [kinds.queue(session, f"{name}{number}", official=True) for number in range(LETTERS)]
    tell_signatories(house)
    return letters


def _states(house: Flask, letters: list[str]) -> list[MailState]:
    with parts_of(house).database.reading() as session:
        return list(session.scalars(select(Mail.state).where(Mail.message_id.in_(letters))))


def _are_settled(house: Flask, letters: list[str]) -> bool:
    return set(_states(house, letters)) <= {MailState.ACCEPTED, MailState.UNCERTAIN}


def _reckon_letters(house: Flask, relay: Relay, letters: list[str]) -> None:
    """Each went once; of at most one for each death it is not known, and a person is asked."""
    states = _states(house, letters)
    assert len(states) == len(letters)
    assert states.count(MailState.UNCERTAIN) <= 2, states
    assert {relay.copies[letter] for letter in letters if letter in relay.copies} <= {1}
    assert sum(relay.copies[letter] for letter in letters) >= states.count(MailState.ACCEPTED)
