"""An organiser at the desk, with a campaign and a statement to work on."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse, encode_multipart

from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.states import Role
from app.statements import drafting, queries
from app.statements.drafting import DraftText
from app.statements.models import Statement
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.statements import make_statement


@dataclass
class Desk:
    """A signed-in organiser's browser."""

    app: Flask
    client: FlaskClient
    campaign: str
    statement: str

    @property
    def database(self) -> Database:
        """The application's database."""
        found: Database = parts_of(self.app).database
        return found

    def path(self, tail: str = "") -> str:
        """The address of one of the statement's pages."""
        return f"/desk/statements/{self.statement}{tail}"

    def get(self, tail: str = "") -> TestResponse:
        """Look at one of the statement's pages."""
        return self.client.get(self.path(tail))

    def post(self, tail: str, **fields: Any) -> TestResponse:
        """Send a form of one of the statement's pages."""
        boundary, body = encode_multipart(fields)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(self.path(tail), data=body, content_type=kind)

    def stored(self, session: Session) -> Statement:
        """The statement as it is saved."""
        return queries.statement_by_public_id(session, self.statement)

    def text(self, language: str = "en") -> DraftText:
        """The text as it is saved."""
        with self.app.app_context(), self.database.reading() as session:
            version = queries.version_of(session, self.stored(session))
            return drafting.draft_of(queries.text_of(session, version.id, language))

    def annexes(self) -> list[queries.AnnexRow]:
        """The annexes as they are saved."""
        with self.app.app_context(), self.database.reading() as session:
            return queries.annexes_of(session, queries.version_of(session, self.stored(session)).id)


def sit_down(app: Flask, role: Role = Role.OWNER, **states: Any) -> Desk:
    """Seat an organiser in a role at a new campaign with one statement; it is a draft unless told otherwise."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        organiser = make_member(session, campaign, role)
        statement = make_statement(session, campaign, **{"opened": False, **states})
    return Desk(app, sign_in(app.test_client(), app, organiser), campaign.public_id, statement.public_id)


def shown(page: TestResponse) -> str:
    """The words of a page, without markup."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page.text))


def value_of(page: TestResponse, name: str) -> str:
    """What stands in a field of a page's form."""
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\r?\n?(.*?)</textarea>', page.text, re.DOTALL)
    if area:
        return html.unescape(area[1])
    field = next(found for found in re.findall(r"<input[^>]*>", page.text) if f'name="{name}"' in found)
    found = re.search(r'value="([^"]*)"', field)
    return html.unescape(found[1]) if found else ""
