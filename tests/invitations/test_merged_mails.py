"""Invitations and reminders for many: read at once, filled in, and the same as one by one."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Convenor
from app.directory.states import SignatoryKind
from app.invitations import actions, answering
from app.invitations.emails import INVITATION, REMINDER
from app.invitations.models import Invitation
from app.invitations.queries import ready_to_ask
from app.invitations.states import Answer
from app.mail.composing import Sender, compose
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.skeletons import Filled
from app.mail.states import MailNotWanted
from app.statements.actions import close_statement
from app.statements.models import Statement, VersionText
from tests.factories.invitations import make_crowd, make_invitation
from tests.factories.statements import make_statement

DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE_ID = "<abcdefgh@example.org>"
NAMES = (
    "Олександра Ґонта",
    "نرگس محمدی",
    "李明 (Example)",
    'Quote " <b>Bold</b> & %(name)s',
    "Nguyễn Thị Ánh",
    "x" * 190,
)


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = parts_of(app).database.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _many(kind: MailKind, session: Session, references: list[References]) -> list[Any]:
    assert kind.render_many is not None
    return list(kind.render_many(session, references))


def _one(kind: MailKind, session: Session, references: References) -> Any:
    try:
        return kind.render(session, references)
    except MailNotWanted as unwanted:
        return unwanted


def _bytes(mail: Filled | RenderedMail) -> bytes:
    if isinstance(mail, Filled):
        return mail.skeleton.fill(mail, MESSAGE_ID, format_datetime(DATE))
    return compose(mail, Sender("Undersigned", "appeals@example.org"), MESSAGE_ID, DATE)


def _meaning(mail: Filled | RenderedMail) -> tuple[dict[str, str], list[str]]:
    read = email.message_from_bytes(_bytes(mail), policy=email.policy.default)
    headers = {name: str(value).strip() for name, value in read.items() if name not in {"Content-Type", "To"}}
    headers["To"] = read["To"].addresses[0].addr_spec + read["To"].addresses[0].display_name.replace(" ", "")
    return headers, [part.get_content() for part in read.iter_parts()]


def _references(*invitations: Invitation) -> list[References]:
    return [{"invitation": one.public_id} for one in invitations]


@pytest.mark.parametrize("kind", [INVITATION, REMINDER])
def test_filled_mails_say_what_rendered_ones_say(session: Session, kind: MailKind) -> None:
    statement = make_statement(session, deadline_at=datetime(2027, 6, 1, 18, tzinfo=UTC))
    session.add(Convenor(campaign_id=statement.campaign_id, name="Foundation <for> Archives"))
    invited = [make_invitation(session, statement, name=name) for name in NAMES]
    invited += [
        make_invitation(session, statement, kind=SignatoryKind.ORGANISATION, name="Committee", representative=name)
        for name in ("", "Kari <Nordmann>")
    ]
    mails = _many(kind, session, _references(*invited))
    assert all(isinstance(mail, Filled) for mail in mails)
    assert len({id(mail.skeleton) for mail in mails}) == 3  # a person, an organisation, one with a representative
    for mail, references in zip(mails, _references(*invited), strict=True):
        assert _meaning(mail) == _meaning(_one(kind, session, references))


def test_a_name_of_several_lines_is_rendered_whole(session: Session) -> None:
    invitation = make_invitation(session, kind=SignatoryKind.ORGANISATION, representative="One\n\n\nTwo")
    (mail,) = _many(INVITATION, session, _references(invitation))
    assert isinstance(mail, RenderedMail)


@pytest.mark.parametrize("kind", [INVITATION, REMINDER])
def test_the_same_are_not_wanted_as_one_by_one(session: Session, kind: MailKind) -> None:
    statement = make_statement(session)
    wanted, cancelled, declined, quiet = (make_invitation(session, statement) for _ in range(4))
    prepared, closed = make_invitation(session, statement, asked=False), make_invitation(session)
    actions.cancel(session, "test", statement, cancelled.public_id)
    held = answering.hold_answer(session, declined.public_id)
    answering.record_answer(session, declined.public_id, replace(held, answer=Answer.DECLINED, at=clock.now()))
    answering.leave_in_peace(session, quiet.public_id, peace=True)
    close_statement(session, "test", session.get_one(Statement, closed.statement_id))
    everybody = [*_references(wanted, cancelled, declined, quiet, prepared, closed), {"invitation": "a" * 20}]
    mails = _many(kind, session, everybody)
    single = [_one(kind, session, references) for references in everybody]
    assert [isinstance(mail, MailNotWanted) for mail in mails] == [isinstance(mail, MailNotWanted) for mail in single]
    assert isinstance(mails[0], Filled)
    assert sum(isinstance(mail, MailNotWanted) for mail in mails) == (6 if kind is REMINDER else 4)


def test_twice_as_many_take_no_more_statements(app: Flask, database: Database) -> None:
    with app.app_context():
        with database.writing() as session:
            statement = make_crowd(session, 50)
            actions.ask(session, "test", statement, ready_to_ask(session, statement.id))
        references = [{"invitation": public_id} for public_id in _public_ids(database)]
        for kind in (INVITATION, REMINDER):
            counts = []
            for number in (25, 50):
                with database.reading() as session, _statements(app) as seen:
                    assert all(isinstance(mail, Filled) for mail in _many(kind, session, references[:number]))
                counts.append(len(seen))
            assert counts[0] == counts[1] <= 9


def _public_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Invitation.public_id)))


def test_a_changed_text_or_contact_makes_another_mail(session: Session) -> None:
    invitation = make_invitation(session)
    (before,) = _many(INVITATION, session, _references(invitation))
    (again,) = _many(INVITATION, session, _references(invitation))
    assert again.skeleton is before.skeleton
    session.execute(update(VersionText).values(title="Another title altogether"))
    (after,) = _many(INVITATION, session, _references(invitation))
    assert "Another title altogether" in _meaning(after)[1][0]


def test_people_are_mixed_over_statements_and_languages(session: Session) -> None:
    first, second = make_invitation(session), make_invitation(session)
    mails = _many(INVITATION, session, _references(second, first, second))
    assert [mail.to_address for mail in mails] == [
        _one(INVITATION, session, references).to_address for references in _references(second, first, second)
    ]
