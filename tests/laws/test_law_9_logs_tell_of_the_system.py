"""Law 9: no name, address, token or unpublished text reaches a log, at DEBUG, while things go right and wrong."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import create_app
from app.base.database import Database
from app.base.links import LinkPurpose, make_token
from app.base.logs import init_logs, redacted
from app.base.parts import parts_of
from app.inbox.models import InboundMessage
from app.inbox.sorting import sort_new
from app.inbox.states import InboundSource, InboundState
from app.inbox.storage import store
from app.mail.sending.worker import send_due
from app.replies.jobs import match_replies
from config import Settings
from tests.factories.inbound import write_message
from tests.factories.invitations import make_invitation
from tests.factories.statements import make_statement
from tests.inbox.messages import broken, message, names
from tests.servers.smtp import SmtpServer

NAME, ADDRESS, WORDS = "Canaria Quillfeather", "canaria.quillfeather@example.org", "a canary reason for declining"
DRAFT = "An unpublished canary sentence"


@pytest.fixture
def logging_app(settings: Settings, smtp_server: SmtpServer) -> Iterator[Flask]:
    """An application whose test sets the logs up as an operator does who looks for a fault."""
    handlers, level, raising = logging.root.handlers[:], logging.root.level, logging.raiseExceptions
    app = create_app(replace(settings, mail_url=smtp_server.url, log_level="DEBUG"))
    app.config.update(WTF_CSRF_ENABLED=False)
    yield app
    logging.root.handlers[:], logging.root.level, logging.raiseExceptions = handlers, level, raising
    parts_of(app).database.engine.dispose()


def _link(app: Flask) -> str:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        make_statement(session, opened=False, title=DRAFT)
        statement = make_statement(session)
        invitation = make_invitation(session, statement, asked=True, name=NAME, email=ADDRESS)
        return make_token(session, LinkPurpose.INVITATION, invitation.public_id, invitation.link_generation)


def test_nothing_personal_is_logged(
    logging_app: Flask, smtp_server: SmtpServer, capfd: pytest.CaptureFixture[str]
) -> None:
    init_logs("DEBUG")
    token = _link(logging_app)
    smtp_server.answer("RCPT", f"550 5.1.1 <{ADDRESS}> unknown here", times=1)
    send_due(logging_app)
    visitor = logging_app.test_client()
    assert visitor.get(f"/i/{token}").status_code == 200
    assert visitor.get(f"/i/{token}x").status_code == 404
    visitor.post(f"/i/{token}", data={"choice": "decline", "words": WORDS})
    visitor.post("/sign-in", data={"email": ADDRESS, "password": f"{NAME} password"})
    visitor.post("/password/forgotten", data={"email": ADDRESS})
    send_due(logging_app)
    logging.getLogger("somebody else's").warning("could not write to %s about %s", ADDRESS, token)
    said = "".join(capfd.readouterr())
    assert "somebody else's" in said, "the logs were captured"
    found = [each for each in (NAME, ADDRESS, WORDS, DRAFT, token, token[-24:]) if each in said]
    assert found == [], [line for line in said.splitlines() if any(each in line for each in found)]


def test_nothing_of_mail_that_comes_in_is_logged(logging_app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    init_logs("DEBUG")
    database: Database = parts_of(logging_app).database
    wicked = f"X-Failed-Recipients: {ADDRESS}\nFrom: MAILER-DAEMON <{ADDRESS}>\nSubject: {NAME}\n\n{WORDS}".encode()
    came = [
        write_message(sender=f"{NAME} <{ADDRESS}>", subject=DRAFT, text=WORDS, files={f"{NAME}.pdf": WORDS.encode()}),
        write_message(sender=ADDRESS, subject=NAME, text=WORDS, automatic=True),
        wicked,
        *(message(name).replace(b"ada@institution.example", ADDRESS.encode()) for name in names()),
        *(broken(random.Random(number), [wicked]) for number in range(50)),
    ]
    for raw in came:
        with database.writing() as session:
            store(session, raw, InboundSource.PIPE, ADDRESS)
    assert sort_new(logging_app) > len(names())
    with database.writing() as session:  # one that can't be matched, and whose note can't be opened
        first = session.scalars(select(InboundMessage.id).where(InboundMessage.state == InboundState.WAITING)).first()
        session.execute(update(InboundMessage).where(InboundMessage.id == first).values(summary_sealed=b"no envelope"))
    match_replies(logging_app)
    said = "".join(capfd.readouterr())
    assert "inbound_sorted" in said
    assert "note_broken" in said
    found = [each for each in (NAME, ADDRESS, WORDS, DRAFT, "institution.example", "Ada") if each in said]
    assert found == [], [line for line in said.splitlines() if any(each in line for each in found)]


def test_crash_is_logged_without_what_was_typed(logging_app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    init_logs("DEBUG")
    token = _link(logging_app)
    logging_app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_arguments: object, **_named: object) -> str:
        raise RuntimeError(f"{NAME} {ADDRESS} {token}")

    logging_app.view_functions["signatures.show_invitation"] = fail
    assert logging_app.test_client().get(f"/i/{token}").status_code == 500
    said = "".join(capfd.readouterr())
    assert "show_invitation" in said
    assert [each for each in (NAME, ADDRESS, token) if each in said] == []


def test_redaction_knows_addresses_and_links() -> None:
    assert redacted("<ada@example.org>: почта@пример.укр failed") == "<[address]>: [address] failed"
    token = "23456789abcdefghjkmn-1-" + "a" * 24
    assert redacted(f"GET /i/{token}/en") == "GET /i/[link]/en"
