"""An organiser with an app that shows codes, and browsers in networks of their own."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.factors import actions
from app.accounts.factors.models import RecoveryCode, SecondFactor
from app.accounts.factors.queries import app_of, secret_of
from app.accounts.factors.states import STEP_SECONDS, read_codes
from app.accounts.factors.totp import code_at, current_step
from app.accounts.models import Organiser
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from tests.factories.accounts import PASSWORD
from tests.factories.ports import exchange_ports

EMAIL = "ines@coalition.example.org"
OFFICE, ELSEWHERE, HOSTILE = "192.0.2.10", "198.51.100.7", "203.0.113.66"


def database_of(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def want_second_factors(app: Flask) -> None:
    """Let the house be one outside the demonstration: a password alone opens nothing."""
    exchange_ports(database_of(app), password_alone=False)


def browser_in(app: Flask, network: str) -> FlaskClient:
    """A browser of somebody in a network, who has never been here."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = network
    return client


def try_password(client: FlaskClient, password: str = PASSWORD, code: str = "", email: str = EMAIL) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password, "code": code})


def set_up(app: Flask, organiser: Organiser) -> list[str]:
    """Give an organiser an app whose latest code is two minutes old, and return their recovery codes."""
    with app.app_context(), database_of(app).writing() as session:
        seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        codes = actions.set_up_app(session, organiser, seed, read_codes(code_at(seed, current_step())),
                                   may_replace=True)  # fmt: skip
        session.flush()
        factor = app_of(session, organiser.id)
        assert factor is not None
        factor.spent_until -= 4
    return codes


def code_of(app: Flask, organiser: Organiser, *steps: int) -> str:
    """What the app shows now, or so many steps from now; one after the other."""
    with app.app_context(), database_of(app).reading() as session:
        factor = session.scalars(select(SecondFactor).where(SecondFactor.organiser_id == organiser.id)).first()
        assert factor is not None
        seed = secret_of(session, factor, "test")["seed"]
    return " ".join(code_at(seed, current_step() + step) for step in steps or (0,))


def codes_left(app: Flask) -> int:
    with database_of(app).reading() as session:
        return session.scalar(select(func.count()).select_from(RecoveryCode)) or 0


def to_the_next_step() -> None:
    """Stop the clock in the middle of the next half minute."""
    clock.freeze(clock.now())
    clock.advance(seconds=STEP_SECONDS)


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field of a page."""
    tag = next(each for each in re.findall(r"<input[^>]*>", page.text) if f'name="{name}"' in each)
    found = re.search(r'value="([^"]*)"', tag)
    assert found is not None
    return found[1]
