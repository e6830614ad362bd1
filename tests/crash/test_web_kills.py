"""Web processes killed at fifty random points while people sign, and senders too: people who were told so have signed.

Two workers send the receipts meanwhile; each receipt goes once or twice and never not at all.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import create_app
from app.base import clock
from app.base.form_tokens import make_form_token
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.models import Signatory
from app.invitations import actions as invitations
from app.invitations.models import Invitation
from app.invitations.queries import answers_to
from app.invitations.states import Answer
from app.mail.models import Mail
from app.mail.sending.worker import Worker, send_due
from app.mail.states import LEASE, MailState
from app.signatures.emails import RECEIPT
from app.signatures.jobs import tell_signatories
from app.signatures.queries import every_signature
from config import Settings
from tests.background.worker_processes import await_line, await_true, begin, work_while_others_die
from tests.crash.relay import Relay
from tests.factories.directory import make_signatories
from tests.factories.statements import make_statement, sha256_of
from tests.journeys.house import running

Recorder = Callable[[str, object], None]

# Both databases together; each takes its half.
DEATHS = int(os.environ.get("UNDERSIGNED_SOAK", "50")) // 2
SIGNERS = 3
MOST_PEOPLE = 20 * DEATHS
LONGEST_LIFE_SECONDS = 0.15
SENDER_DEATHS = 0.3  # for each death of a web process


@dataclass(frozen=True)
class Wish:
    """One person's decision, ready to be posted."""

    invitation: str
    path: str
    body: str


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
    statement_id, wishes = _invite_all(app)
    waiting, told = iter(wishes), set[str]()
    lock, enough = threading.Lock(), threading.Event()

    def sign_on() -> None:
        while not enough.is_set():
            with lock:
                wish = next(waiting, None)
            if wish is None:
                return
            if _post(closed_port, wish):
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
    _reckon(app, statement_id, told)
    doubles = _reckon_receipts(app, relay)
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


def _reckon(app: Flask, statement_id: int, told: set[str]) -> None:
    """A person who was told has signed; and nobody is half signed, told or not."""
    tell_signatories(app)
    with parts_of(app).database.reading() as session:
        signed = {one.invitation for one in every_signature(session, statement_id) if one.is_signed}
        asked = session.scalars(select(Invitation.public_id).where(Invitation.statement_id == statement_id)).all()
        answered = {one for one, reply in answers_to(session, asked).items() if reply.answer is Answer.SIGNED}
        receipts = session.scalar(select(func.count()).where(Mail.kind == RECEIPT.name))
    assert told <= signed
    assert answered == signed
    assert receipts == len(signed)


def _reckon_receipts(app: Flask, relay: Relay) -> int:
    """Take up what died, once its lease ends: each receipt has then gone once or twice; return how many twice."""
    sent_before = len(relay.copies)
    clock.freeze(clock.now() + LEASE)
    Worker(app).sweep()
    while send_due(app):
        pass
    with parts_of(app).database.reading() as session:
        rows = session.execute(select(Mail.message_id, Mail.state).where(Mail.kind == RECEIPT.name)).all()
    assert sent_before, "the workers sent nothing while they lived"
    assert {row.state for row in rows} == {MailState.ACCEPTED}
    copies = relay.copies
    assert {copies[row.message_id] for row in rows} <= {1, 2}
    return sum(copies[row.message_id] == 2 for row in rows)


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


def _post(port: int, wish: Wish) -> bool:
    """Send a decision; tell whether the answer came that it is recorded."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", wish.path, wish.body, headers)
        return connection.getresponse().status == http.client.SEE_OTHER
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _invite_all(app: Flask) -> tuple[int, list[Wish]]:
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
        campaign = session.get_one(Campaign, statement.campaign_id)
        people = make_signatories(session, campaign, MOST_PEOPLE)
        ids = session.scalars(select(Signatory.id).where(Signatory.public_id.in_(people))).all()
        invitations.prepare(session, "factory", statement, ids)
        rows = session.scalars(select(Invitation).where(Invitation.statement_id == statement.id)).all()
        invitations.ask(session, "factory", statement, [row.public_id for row in rows])
        session.execute(delete(Mail))  # the invitations: they would only stand in the way of the receipts
        sha256 = sha256_of(session, statement)
        return statement.id, [_wish(session, row, sha256) for row in rows]


def _wish(session: Session, row: Invitation, sha256: str) -> Wish:
    facts = (row.public_id, str(row.link_generation), sha256, "en")
    fields = {
        "form_token": make_form_token(session, "decide", *facts),
        "sha256": sha256,
        "choice": "sign",
        "visibility": "public",
        "name": f"Halyna {row.id}",
        "public_line": "Archivist",
        "country": "UA",
    }
    token = make_token(session, LinkPurpose.INVITATION, row.public_id, row.link_generation)
    return Wish(row.public_id, f"/i/{token}/en", urlencode(fields))
