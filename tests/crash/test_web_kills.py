"""Web processes killed at fifty random points while people sign: who was told that they signed has signed."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.base.form_tokens import make_form_token
from app.base.links import LinkPurpose, make_token
from app.campaigns.models import Campaign
from app.directory.models import Signatory
from app.invitations import actions as invitations
from app.invitations.models import Invitation
from app.invitations.queries import answers_to
from app.invitations.states import Answer
from app.mail.models import Mail
from app.signatures.emails import RECEIPT
from app.signatures.queries import every_signature
from config import Settings
from tests.factories.directory import make_signatories
from tests.factories.statements import make_statement, sha256_of
from tests.journeys.house import running

# Both databases together; each takes its half.
DEATHS = int(os.environ.get("UNDERSIGNED_SOAK", "50")) // 2
SIGNERS = 3
MOST_PEOPLE = 20 * DEATHS
LONGEST_LIFE_SECONDS = 0.15


@dataclass(frozen=True)
class Wish:
    """One person's decision, ready to be posted."""

    invitation: str
    path: str
    body: str


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def web_settings(request: pytest.FixtureRequest, settings: Settings, closed_port: int) -> Settings:
    settings = replace(settings, public_url=f"http://127.0.0.1:{closed_port}")
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    return settings


@pytest.fixture
def app(web_settings: Settings) -> Iterator[Flask]:
    app = create_app(web_settings)
    yield app
    app.extensions["database"].engine.dispose()


def test_kill_web_processes_while_people_sign(app: Flask, web_settings: Settings, closed_port: int) -> None:
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
    with running(web_settings, closed_port) as process:
        for signer in signers:
            signer.start()
        deaths = _kill_children(process.pid, enough)
        for signer in signers:
            signer.join()
    assert deaths == DEATHS
    assert len(told) >= DEATHS
    _reckon(app, statement_id, told)


def _reckon(app: Flask, statement_id: int, told: set[str]) -> None:
    """Whoever was told has signed; and nobody is half signed, told or not."""
    with app.extensions["database"].reading() as session:
        signed = {one.invitation for one in every_signature(session, statement_id) if one.is_signed}
        asked = session.scalars(select(Invitation.public_id).where(Invitation.statement_id == statement_id)).all()
        answered = {one for one, reply in answers_to(session, asked).items() if reply.answer is Answer.SIGNED}
        receipts = session.scalar(select(func.count()).where(Mail.kind == RECEIPT.name))
    assert told <= signed
    assert answered == signed
    assert receipts == len(signed)


def _kill_children(master: int, enough: threading.Event) -> int:
    """Kill one of the serving processes again and again, at random moments; return how often."""
    chance, deaths, pause = random.Random(), 0, threading.Event()
    while deaths < DEATHS:
        pause.wait(0.02 + chance.random() * LONGEST_LIFE_SECONDS)
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(chance.choice(children)), signal.SIGKILL)
                deaths += 1
    enough.set()
    return deaths


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
    with app.app_context(), app.extensions["database"].writing() as session:
        statement = make_statement(session)
        campaign = session.get_one(Campaign, statement.campaign_id)
        people = make_signatories(session, campaign, MOST_PEOPLE)
        ids = session.scalars(select(Signatory.id).where(Signatory.public_id.in_(people))).all()
        invitations.prepare(session, "factory", statement, ids)
        rows = session.scalars(select(Invitation).where(Invitation.statement_id == statement.id)).all()
        invitations.ask(session, "factory", statement, [row.public_id for row in rows])
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
