"""What people do in masses: how many statements of SQL it takes at most, and that each goes by an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.statements.models import Statement
from tests.architecture import plans
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_member
from tests.factories.crowds import many_signatures
from tests.factories.statements import make_statement
from tests.mail.sending.pacing import statements_of
from tests.signatures.scene import Invited, invite


@dataclass
class Crowded:
    """An open statement that many have signed, somebody who is asked to, and its coordinator."""

    app: Flask
    statement: Statement
    guest: Invited
    desk: FlaskClient

    def __post_init__(self) -> None:
        self.form = {**self.guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna Kovalenko"}

    @property
    def deeds(self) -> dict[str, tuple[int, Callable[[], TestResponse]]]:
        """What is done, and how many statements it may take."""
        reader, slug = self.app.test_client(), self.statement.slug
        desk = f"/desk/statements/{self.statement.public_id}"
        return {
            "front page": (6, lambda: reader.get("/")),
            "statement, cold": (16, lambda: reader.get(f"/statements/{slug}")),
            "statement, kept": (1, lambda: reader.get(f"/statements/{slug}")),
            "list of names": (7, lambda: reader.get(f"/statements/{slug}/signatories?kind=people")),
            "invitation": (5, lambda: self.guest.client.get(self.guest.url)),
            "signing": (8, lambda: self.guest.client.post(self.guest.url, data=self.form)),
            "receipt": (6, lambda: self.guest.client.get(self.guest.url)),
            "desk": (26, lambda: self.desk.get("/desk")),
            "dashboard": (26, lambda: self.desk.get(f"{desk}/dashboard")),
            "people": (21, lambda: self.desk.get(f"{desk}/people")),
            "signatories": (12, lambda: self.desk.get(f"{desk}/signatories")),
        }


@pytest.fixture
def crowded(either_app: Flask) -> Crowded:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement = make_statement(session)
        many_signatures(session, statement, 300)
        coordinator = make_member(session, session.get_one(Campaign, statement.campaign_id), Role.COORDINATOR)
    desk = sign_in(either_app.test_client(), either_app, coordinator)
    return Crowded(either_app, statement, invite(either_app, statement), desk)


def test_hot_pages_take_few_statements_and_no_walks(crowded: Crowded) -> None:
    engine = parts_of(crowded.app).database.engine
    taken: dict[str, tuple[int, int]] = {}
    with plans.noting(engine) as asked:
        for name, (most, do) in crowded.deeds.items():
            with statements_of(engine) as noted:
                assert do().status_code in {200, 303}, name
            taken[name] = len(noted), most
    assert {name: numbers for name, numbers in taken.items() if numbers[0] > numbers[1]} == {}
    found, _spoilt = plans.walks(engine, asked)
    assert not found, "\n\n".join(f"{walk}: {statement}" for statement, walk in found.items())
