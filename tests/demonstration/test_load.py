"""The demonstration: complete, mailed nowhere but here, sealed like the rest, inventing nothing about the real."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from app import create_app
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.counts.queries import totals
from app.deliveries.models import Delivery
from app.demonstration import case
from app.demonstration.invented import PEOPLE
from app.demonstration.load import load, owner_link
from app.invitations.queries import answers_of
from app.mailroom.mailbox import list_mails, start_mailbox
from app.statements.models import Statement
from app.statements.queries import statement_by_slug
from app.statements.states import StatementState
from config import Settings
from tests.servers.databases import files_of


@pytest.fixture
def loaded(settings: Settings, closed_port: int) -> Iterator[Flask]:
    settings = replace(settings, demonstration=True, mail_url=f"smtp://127.0.0.1:{closed_port}")
    app = create_app(settings)
    mailbox = start_mailbox(settings.state_directory / "mailbox", closed_port)
    try:
        assert load(app)
        yield app
    finally:
        mailbox.stop()
        parts_of(app).database.engine.dispose()


def test_demonstration_shows_every_state_and_nothing_invented(loaded: Flask, tmp_path: Path) -> None:
    database: Database = parts_of(loaded).database
    assert not load(loaded), "a second start loads nothing again"
    with loaded.app_context(), database.reading() as session:
        states = dict(iter(session.execute(select(Statement.slug, Statement.state))))
        assert states == {
            case.STATEMENT_SLUG: StatementState.CLOSED,
            "read-before-you-close": StatementState.OPEN,
            "reading-room": StatementState.DELIVERED,
        }
        real = statement_by_slug(session, case.STATEMENT_SLUG)
        assert totals(session, real.id).total == len(case.SIGNATORIES)
        assert {reply.answer for reply in answers_of(session, real.id).values()} == {"signed"}
        delivered = session.scalar(select(func.count()).select_from(Delivery))
        assert delivered == 2
        assert session.scalar(select(func.count()).select_from(Campaign)) == 2
    mails = list_mails(tmp_path / "mailbox")
    assert mails
    real_names = {name for name, _credential, _country in case.SIGNATORIES}
    assert not [mail for mail in mails if any(name in mail.to for name in real_names)]
    assert all("example.org" in mail.to for mail in mails)


def test_demonstration_is_sealed(loaded: Flask) -> None:
    database: Database = parts_of(loaded).database
    secrets = {person.email for person in PEOPLE if person.email}
    secrets |= {person.words for person in PEOPLE if person.words}
    secrets |= {person.name for person in PEOPLE if person.visibility != "public" or person.becomes != "signed"}
    raw = b"".join(path.read_bytes() for path in files_of(database))
    database.engine.dispose()
    raw += b"".join(path.read_bytes() for path in files_of(database))
    assert b"Keep the River Archive open" in raw, "what is public is in the clear, so the search does find things"
    found = {secret for secret in secrets if secret.encode() in raw or secret.encode("utf-16-le") in raw}
    assert found == set()


def test_printed_appeal_says_that_it_was_made_in_a_demonstration(loaded: Flask) -> None:
    answer = loaded.test_client().get("/statements/reading-room/appeal.pdf")
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert "Made in a demonstration: nobody was handed it" in " ".join(words.split())


def test_owner_gets_a_link_until_the_password_is_set(loaded: Flask) -> None:
    first, second = owner_link(loaded), owner_link(loaded)
    assert first is not None
    assert second is not None
    assert first != second, "an older link ends when a newer one is printed"
    visitor = loaded.test_client()
    assert visitor.get(first.removeprefix("http://localhost")).status_code in {404, 410}
    assert visitor.get(second.removeprefix("http://localhost")).status_code == 200
