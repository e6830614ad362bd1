"""Somebody who was asked to sign, with the browser they open their link in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.base.database import Base
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.invitations.models import Invitation
from app.invitations.queries import answers_to, words_of
from app.invitations.states import InvitationAnswer
from app.mail.models import Mail
from app.signatures.emails import manage_token
from app.signatures.jobs import tell_signatories
from app.signatures.models import Signature
from app.signatures.queries import Signed, every_signature
from app.statements.models import Statement
from tests.factories.invitations import make_invitation
from tests.factories.statements import make_statement

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Invited:
    """One invited person."""

    app: Flask
    client: FlaskClient
    statement_id: int
    invitation: str
    token: str

    @property
    def url(self) -> str:
        return f"/i/{self.token}"

    def form(self) -> dict[str, str]:
        """Open the page and return the hidden fields of its form."""
        return dict(HIDDEN.findall(self.client.get(self.url).text))

    def send(self, **fields: Any) -> TestResponse:
        """Open the page, fill the form in and send it."""
        return self.client.post(self.url, data={**self.form(), **fields})

    def sign(self, visibility: str = "public", **fields: Any) -> TestResponse:
        values = {"choice": "sign", "visibility": visibility, "name": "Halyna Kovalenko", **fields}
        return self.send(**values)

    def signatures(self) -> list[Signed]:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return every_signature(session, self.statement_id)

    def reply(self) -> InvitationAnswer:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return answers_to(session, [self.invitation])[self.invitation]

    def words(self) -> str:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return words_of(session, self.invitation)

    def mails(self, kind: str) -> int:
        tell_signatories(self.app)
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return len(session.scalars(select(Mail).where(Mail.kind == kind)).all())

    def manage_url(self) -> str:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            (signed,) = every_signature(session, self.statement_id)
            return f"/m/{manage_token(session, signed, 1)}"


def invite(app: Flask, statement: Statement | None = None, **named: Any) -> Invited:
    """Invite somebody to sign a statement, an open one of their own unless one is given."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.merge(statement) if statement is not None else make_statement(session)
        invitation = make_invitation(session, statement, **named)
        token = make_token(session, LinkPurpose.INVITATION, invitation.public_id, invitation.link_generation)
        return Invited(app, app.test_client(), statement.id, invitation.public_id, token)


def every_row(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, raw, to be compared."""
    with parts_of(app).database.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f'SELECT * FROM "{name}"'))), key=repr)
            for name in Base.metadata.tables
        }


def raw_rows(app: Flask) -> tuple[list[Any], list[Any]]:
    """Return the raw rows of invitations and signatures."""
    with app.app_context(), parts_of(app).database.reading() as session:
        return list(session.execute(select(Invitation.__table__))), list(session.execute(select(Signature.__table__)))
