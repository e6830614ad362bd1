"""Web processes killed at fifty random points while people sign, and senders too: people who were told so have signed.

Two workers send the receipts meanwhile; each receipt goes once or twice and never not at all.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.base.parts import parts_of
from app.signatures.jobs import tell_signatories
from config import Settings
from tests.background.worker_processes import await_line, await_true, begin, work_while_others_die
from tests.crash.relay import Relay
from tests.crash.signers import invite_all, post, reckon, reckon_receipts
from tests.journeys.house import running

Recorder = Callable[[str, object], None]

# Both databases together; each takes its half.
DEATHS = int(os.environ.get("UNDERSIGNED_SOAK", "50")) // 2
SIGNERS = 3
MOST_PEOPLE = 20 * DEATHS
LONGEST_LIFE_SECONDS = 0.15
SENDER_DEATHS = 0.3  # for each death of a web process


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def web_settings(request: pytest.FixtureRequest, settings: Settings, closed_port: int, relay: Relay) -> Settings:
    # Seats are held for a while after a death; here that is no subject.
    settings = replace(
        settings, public_url=f"http://127.0.0.1:{closed_port}", mail_url=relay.url, mail_connections=1000,
        domain_connections=1000,
    )  # fmt: skip
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    return settings


@pytest.fixture
def app(web_settings: Settings) -> Iterator[Flask]:
    app = create_app(web_settings)
    yield app
    parts_of(app).database.engine.dispose()


def test_kill_web_processes_and_senders_while_people_sign(
    app: Flask, web_settings: Settings, closed_port: int, relay: Relay, record_property: Recorder
) -> None:
    statement_id, wishes = invite_all(app, MOST_PEOPLE)
    waiting, told = iter(wishes), set[str]()
    lock, enough = threading.Lock(), threading.Event()

    def sign_on() -> None:
        while not enough.is_set():
            with lock:
                wish = next(waiting, None)
            if wish is None:
                return
            if post(closed_port, wish):
                told.add(wish.invitation)

    signers = [threading.Thread(target=sign_on) for _ in range(SIGNERS)]
    with running(web_settings, closed_port) as process, _workers(web_settings) as workers:
        for signer in signers:
            signer.start()
        senders_dead = _kill_children(app, process.pid, workers, told)
        await_true(lambda: bool(relay.copies))
        enough.set()
        for signer in signers:
            signer.join()
    assert len(told) >= DEATHS
    reckon(app, statement_id, told)
    doubles = reckon_receipts(app, relay)
    record_property("deaths of web processes", DEATHS)
    record_property("deaths of senders", senders_dead)
    record_property("people told that they signed", len(told))
    record_property("receipts that went twice", doubles)


@contextmanager
def _workers(settings: Settings) -> Iterator[list[int]]:
    """Run two workers for the block, and end them without a word; their process ids are given."""
    logs = [settings.state_directory / f"worker{number}.log" for number in range(2)]
    processes = [begin(log, work_while_others_die, settings) for log in logs]
    try:
        for log in logs:
            await_line(log, "worker.started")
        yield [process.pid or 0 for process in processes]
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _kill_children(app: Flask, master: int, workers: list[int], told: set[str]) -> int:
    """Kill a serving process again and again, at random moments, and senders as well; return how many of those.

    Somebody gets through between two deaths, however slow the machine is; what they are told is queued after each, as
    the workers' job does every few seconds, so that senders die with receipts in their hands.
    """
    chance, deaths, senders_dead, pause = random.Random(), 0, 0, threading.Event()

    def is_somebody_through() -> bool:
        return len(told) > deaths

    while deaths < DEATHS:
        await_true(is_somebody_through)
        pause.wait(chance.random() * LONGEST_LIFE_SECONDS)
        deaths += _kill_one(master, chance)
        tell_signatories(app)
        if chance.random() < SENDER_DEATHS:
            senders_dead += _kill_one(chance.choice(workers), chance)
    return senders_dead


def _kill_one(parent: int, chance: random.Random) -> bool:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    if children:
        with suppress(ProcessLookupError):
            os.kill(int(chance.choice(children)), signal.SIGKILL)
            return True
    return False
