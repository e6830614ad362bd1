"""Who takes lists of offices in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organiser
from app.base.database import Database
from tests.factories.accounts import make_organiser, sign_in


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session)


@pytest.fixture
def desk(client: FlaskClient, app: Flask, organiser: Organiser) -> FlaskClient:
    return sign_in(client, app, organiser)
