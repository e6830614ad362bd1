"""One mail that can't be put together never stops the others of its batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.parts import parts_of
from app.mail.actions import Outgoing, enqueue
from app.mail.models import Mail
from app.mail.queries import fates_of
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.sending.worker import send_due
from app.mail.skeletons import Filled
from app.mail.states import MailClass, MailState
from app.smtp.states import Trouble
from config import Settings
from tests.servers.databases import Lend
from tests.servers.smtp import SmtpServer


def _greet(session: Session, references: References) -> RenderedMail:
    session.execute(text("SELECT nothing FROM nowhere" if "fault" in references else "SELECT 1"))
    return RenderedMail("Ада", references["to"], "Привіт", "Hello\n", "<p>Hello</p>")


def _greet_many(session: Session, many: Sequence[References]) -> list[Filled | RenderedMail | Exception]:
    if any("short" in references for references in many):
        return []
    return [_greet(session, references) for references in many]


GREETING = MailKind("test greeting", MailClass.PERSONAL, _greet)
TO_MANY = MailKind("test to many", MailClass.BULK, _greet, render_many=_greet_many)
NO_LONGER_KNOWN = MailKind("test kind of an older version", MailClass.PERSONAL, _greet)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def mailing_app(
    request: pytest.FixtureRequest, lend: Lend, settings: Settings, smtp_server: SmtpServer
) -> Iterator[Flask]:
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    with lend(replace(settings, mail_url=smtp_server.url)) as app:
        parts_of(app).mail_kinds.register([GREETING, TO_MANY])
        yield app


def _queue(app: Flask, kind: MailKind, occasion: str, **references: str) -> str:
    database: Database = parts_of(app).database
    with database.writing() as session:
        references = {"to": f"{occasion}@example.org", **references}
        return enqueue(session, Outgoing(kind, references["to"], occasion, references))


def _ends(app: Flask, *mail_ids: str) -> list[tuple[MailState, Trouble | None]]:
    send_due(app)
    with parts_of(app).database.reading() as session:
        fates = fates_of(session, mail_ids)
    return [(fates[mail_id].state, fates[mail_id].trouble) for mail_id in mail_ids]


def test_references_that_do_not_open_stop_no_other_mail(mailing_app: Flask) -> None:
    mails = [_queue(mailing_app, GREETING, str(number)) for number in range(3)]
    with parts_of(mailing_app).database.writing() as session:
        session.execute(update(Mail).where(Mail.public_id == mails[0]).values(references_sealed=b"\x01broken"))
        session.execute(update(Mail).where(Mail.public_id == mails[1]).values(references_sealed=b""))
    assert _ends(mailing_app, *mails) == [
        (MailState.DEFERRED, Trouble.NOT_RENDERED),
        (MailState.DEFERRED, Trouble.NOT_RENDERED),
        (MailState.ACCEPTED, None),
    ]


@pytest.mark.parametrize("kind", [GREETING, TO_MANY], ids=["one by one", "many at once"])
def test_statement_that_fails_while_rendering_stops_no_other_mail(mailing_app: Flask, kind: MailKind) -> None:
    """PostgreSQL refuses every further statement of a transaction in which one failed."""
    failing = _queue(mailing_app, kind, "failing", fault="yes")
    others = [_queue(mailing_app, kind, str(number)) for number in range(2)]
    ends = _ends(mailing_app, failing, *others)
    assert ends == [(MailState.DEFERRED, Trouble.NOT_RENDERED), *[(MailState.ACCEPTED, None)] * 2]


def test_renderer_that_forgets_somebody_is_not_believed(mailing_app: Flask) -> None:
    mails = [_queue(mailing_app, TO_MANY, "short", short="yes"), _queue(mailing_app, TO_MANY, "other")]
    assert _ends(mailing_app, *mails) == [(MailState.ACCEPTED, None)] * 2


def test_kind_that_is_not_known_any_more_stops_no_other_mail(mailing_app: Flask) -> None:
    mails = [_queue(mailing_app, NO_LONGER_KNOWN, "old"), _queue(mailing_app, GREETING, "new")]
    assert _ends(mailing_app, *mails) == [(MailState.DEFERRED, Trouble.NOT_RENDERED), (MailState.ACCEPTED, None)]


@pytest.mark.parametrize("to", ["", "nobody", "@", "a@", "@example.org", "a@b@", "a@..", "a b@example.org", "\n@x.org"])
def test_address_that_is_none_stops_no_other_mail(mailing_app: Flask, to: str) -> None:
    mails = [_queue(mailing_app, GREETING, "none", to=to), _queue(mailing_app, GREETING, "other")]
    first, second = _ends(mailing_app, *mails)
    assert first[0] in {MailState.DEFERRED, MailState.REFUSED}
    assert second == (MailState.ACCEPTED, None)
