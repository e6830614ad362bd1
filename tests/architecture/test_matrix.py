"""Every address of the desk, asked for by every role: of the own campaign, of another, and with both ids mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column, Enum, insert
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.accounts.models import Organiser
from app.base.clock import now
from app.base.database import Base, Database, UtcDateTime
from app.campaigns.states import Role
from tests.architecture import rows
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.statements import make_statement

# What each argument of a route names. A new one must be added: nobody would ask for it with another campaign's id.
NAMED = {
    "annex": "annexes", "appeal": "appeals", "campaign": "campaigns", "change_id": "signature_changes",
    "convenor": "convenors", "delivery": "deliveries", "delivery_id": "deliveries", "document": "appeal_documents",
    "event": "chronology_entries", "export": "exports", "group": "groups", "institution": "institutions",
    "invitation": "invitations", "letter": "appeal_letters",
    "member": "organisers", "message": "inbound_messages", "order": "askings", "outcome": "outcomes",
    "reply": "replies", "signatory": "signatories", "statement": "statements", "update": "updates",
    "upload": "imports",
}  # fmt: skip
# They name no campaign's rows: of the house, or of one's own account.
OF_NO_CAMPAIGN = ("/desk/account", "/desk/confirm", "/desk/institutions", "/desk/mail", "/desk/organisers")
# It answers that there is nothing to stop, and stops nothing.
NOTHING_TO_DO = "/stop"
# Who may read this list may have it made for themselves.
OWN_LISTS = ("/desk/statements/<statement>/signatories.csv",)
FREE = {"language": "en", "number": "1"}
FORM = {"title": "Forged", "name": "Forged", "email": "forged@example.org", "role": "owner", "do": "save"}


@dataclass(frozen=True)
class Matrix:
    """Two campaigns: the own one with somebody in each role, and a foreign one with a row in every table."""

    app: Flask
    database: Database
    people: dict[Role, Organiser]
    own: dict[str, str]
    foreign: dict[str, str]

    def client(self, role: Role) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, self.people[role])

    def addresses(self, rule: Rule) -> Iterator[str]:
        """Yield the rule's address with foreign ids, and with each mixture of own and foreign ones."""
        names = [name for name in rule._converters if name not in FREE]
        for choice in product((self.own, self.foreign), repeat=len(names)):
            if all(world is self.own for world in choice):
                continue
            ids = {name: world.get(_table(rule, name)) for name, world in zip(names, choice, strict=True)}
            if all(ids.values()):
                yield _built(self.app, rule, {**ids, **FREE})


@pytest.fixture
def matrix(app: Flask, database: Database) -> Matrix:
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        people = {role: make_member(session, campaign, role) for role in Role}
        statement = make_statement(session, campaign)
        owner = make_organiser(session)
        other = make_campaign(session, owner)
        made: dict[str, Any] = {
            "campaigns": other, "statements": make_statement(session, other), "organisers": owner,
        }  # fmt: skip
        session.flush()
        own = {"campaigns": campaign.public_id, "statements": statement.public_id,
               "organisers": people[Role.VIEWER].public_id}  # fmt: skip
        foreign = _filled(session, {name: (row.id, row.public_id) for name, row in made.items()})
    return Matrix(app, database, people, own, foreign)


def _filled(session: Session, made: dict[str, tuple[int, str]]) -> dict[str, str]:
    """Put a row into every table, each hanging on the ones before; what is sealed in it opens nowhere."""
    ids = {name: row_id for name, (row_id, _public_id) in made.items()}
    public = {name: public_id for name, (_id, public_id) in made.items()}
    for table in rows.in_order(Base.metadata):
        if table.name not in {*made, "campaign_memberships"}:
            columns = [column for column in table.columns if not rows.is_counted(table, column)]
            values = {column.name: _value(column, ids) for column in columns}
            (ids[table.name], *_more) = session.connection().execute(
                insert(table).values(values)
            ).inserted_primary_key or (0,)
            public[table.name] = str(values.get("public_id", ""))
    return public


def _value(column: Column[Any], ids: dict[str, int]) -> object:
    if column.foreign_keys:
        (foreign,) = column.foreign_keys
        return ids.get(foreign.column.table.name)
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class))  # type: ignore[arg-type]
    if isinstance(column.type, UtcDateTime):
        return now()
    return "9" * 20 if column.name == "public_id" else rows.invented(column, 7)


def _table(rule: Rule, name: str) -> str:
    return "campaigns" if name == "public_id" else NAMED[name]


def _built(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    wanted = {name: values[name] for name in rule._converters}
    return app.url_map.bind("localhost").build(rule.endpoint, wanted).removeprefix("http://localhost")


def _rules(app: Flask) -> list[Rule]:
    """Return the desk's rules that name rows of campaigns."""
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if rule.rule.startswith("/desk/")
        and not rule.rule.startswith(OF_NO_CAMPAIGN)
        and set(rule._converters) - set(FREE)
    ]


def _asked(matrix: Matrix, role: Role) -> Iterator[tuple[str, str]]:
    """Yield what a role asks for: an owner may do most, so only they try each mixture."""
    for rule in _rules(matrix.app):
        for address in list(matrix.addresses(rule))[: None if role is Role.OWNER else 1]:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield address, method


def test_every_argument_is_known(app: Flask) -> None:
    names = {name for rule in _rules(app) for name in rule._converters}
    assert names - NAMED.keys() - FREE.keys() - {"public_id"} == set()


def test_no_role_reaches_what_is_of_another_campaign(matrix: Matrix) -> None:
    """The owner of one campaign, and everybody else in it, with ids of another: alone, and under the own one's path."""
    matrix.app.config["PROPAGATE_EXCEPTIONS"] = False
    before = rows.contents(matrix.database.engine, Base.metadata)
    reached, asked = [], 0
    for role in Role:
        client = matrix.client(role)
        for address, method in _asked(matrix, role):
            asked += 1
            answer = client.open(address, method=method, data=FORM if method == "POST" else None)
            if answer.status_code not in {403, 404} and not address.endswith(NOTHING_TO_DO):
                reached.append(f"{role} {method} {address}: {answer.status_code}")
    assert asked > 300
    assert reached == []
    after = rows.contents(matrix.database.engine, Base.metadata)
    assert set(rows.changed_tables(before, after)) <= {"organiser_sessions"}


def test_viewer_changes_nothing_of_the_own_campaign(matrix: Matrix) -> None:
    """Every form of the desk that names their campaign or its statement, sent by who may only look."""
    client, before, asked = matrix.client(Role.VIEWER), rows.contents(matrix.database.engine, Base.metadata), 0
    for rule in _rules(matrix.app):
        ids = {name: matrix.own.get(_table(rule, name), "") for name in rule._converters if name not in FREE}
        if "POST" in (rule.methods or set()) and all(ids.values()) and rule.rule not in OWN_LISTS:
            asked += 1
            status = client.post(_built(matrix.app, rule, {**ids, **FREE}), data=FORM).status_code
            assert status in {403, 404}, (rule.rule, status)
    assert asked > 25
    after = rows.contents(matrix.database.engine, Base.metadata)
    assert set(rows.changed_tables(before, after)) <= {"organiser_sessions"}
