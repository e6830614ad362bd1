"""Organisers for tests, and a way to sit a test client at the desk as one of them."""

from __future__ import annotations

from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.actions import create_organiser
from app.accounts.models import Organiser
from app.accounts.passwords import hash_password
from app.accounts.sessions import start_session
from app.accounts.states import HouseRights
from app.base.parts import parts_of
from tests.factories.kept import kept

PASSWORD = "seven lanterns under the bridge"
_numbers = count(1)


@kept
def make_organiser(
    session: Session,
    name: str = "",
    email: str = "",
    *,
    with_password: bool = False,
    may_create_campaigns: bool = True,
    is_administrator: bool = False,
    language: str = "en",
) -> Organiser:
    """Create an organiser with a name and address of their own; `with_password` lets them sign in with PASSWORD."""
    number = next(_numbers)
    organiser = create_organiser(
        session,
        "system",
        name or f"Orsolya Organiser {number}",
        email or f"organiser{number}@coalition.example.org",
        language=language,
        rights=HouseRights(may_create_campaigns, is_administrator),
    )
    if with_password:
        organiser.password_hash = hash_password(PASSWORD)
    session.flush()
    return organiser


def sign_in(client: FlaskClient, app: Flask, organiser: Organiser) -> FlaskClient:
    """Sign a client in as an organiser who has been committed, without password and code; returns the client.

    For the next five minutes they have shown that it is them.
    """
    with app.app_context(), parts_of(app).database.writing() as session:
        secret = start_session(session, organiser, is_complete=True)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
    return client
