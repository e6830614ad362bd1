"""The desk's pages for statements, pressed as an organiser presses them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.base.database import Database
from app.campaigns.states import Role
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member


@dataclass
class Desk:
    """A signed-in organiser and their campaign."""

    client: FlaskClient
    database: Database
    campaign: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, data=fields)


def sat_at(app: Flask, role: Role = Role.OWNER) -> Desk:
    database: Database = app.extensions["database"]
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        organiser = make_member(session, campaign, role)
    return Desk(sign_in(app.test_client(), app, organiser), database, campaign.public_id)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return sat_at(app)


def test_list_statements_begins_with_an_invitation_to_write(desk: Desk) -> None:
    page = desk.get(f"/desk/campaigns/{desk.campaign}/statements")
    assert page.status_code == 200
    assert "No statement yet" in page.text
