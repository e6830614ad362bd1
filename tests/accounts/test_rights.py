"""The house's three roles, and every address of the accounts: none of them includes another."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Organiser
from app.accounts.rights import add_from_command_line
from app.accounts.states import HouseRights
from app.base import migrating
from app.base.blueprints import is_proof_asked
from app.base.database import Database
from app.campaigns.states import Role
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member

ROLES = ["nothing", "administrator", "operator", "campaign creator", "owner of a campaign"]
# Which of the roles gets in where; everybody else is refused.
ADMINISTRATION = [
    ("GET", "/desk/organisers"),
    ("GET", "/desk/organisers/new"),
    ("POST", "/desk/organisers/new"),
    ("GET", "/desk/organisers/{target}"),
    ("POST", "/desk/organisers/{target}/invitation"),
    ("POST", "/desk/organisers/{target}/disable"),
    ("POST", "/desk/organisers/{target}/enable"),
    ("POST", "/desk/organisers/{target}/campaigns"),
    ("POST", "/desk/organisers/{target}/administration"),
    ("POST", "/desk/organisers/{target}/second-factor"),
]
OTHERS = [("GET", "/desk/mail", "operator"), ("GET", "/desk/campaigns/new", "campaign creator")]
NEEDS_STEP_UP = {
    "organisers.disable_organiser", "organisers.enable_organiser", "organisers.let_create_campaigns",
    "organisers.make_administrator", "organisers.new_organiser", "organisers.reset_factor",
}  # fmt: skip


def _somebody(database: Database, app: Flask, role: str) -> Organiser:
    with app.app_context(), database.writing() as session:
        found = make_organiser(
            session, may_create_campaigns=role == "campaign creator", is_administrator=role == "administrator"
        )
        found.is_operator = role == "operator"
        if role == "owner of a campaign":
            make_member(session, make_campaign(session), Role.OWNER, found)
        return found


def _rights(database: Database) -> list[tuple[object, ...]]:
    columns = (Organiser.public_id, Organiser.is_administrator, Organiser.may_create_campaigns, Organiser.is_operator,
               Organiser.disabled_at)  # fmt: skip
    with database.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Organiser.id))]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_of_the_house_reaches_its_own_pages_only(app: Flask, database: Database, role: str) -> None:
    visitor = _somebody(database, app, role)
    with app.app_context(), database.writing() as session:
        keeper = make_organiser(session, is_administrator=True)
        keeper.is_operator = True
        target, keeper_id = make_organiser(session, may_create_campaigns=False).public_id, keeper.public_id
    client, before = sign_in(app.test_client(), app, visitor), _rights(database)
    for method, path in ADMINISTRATION:
        for whom in (target, keeper_id, visitor.public_id):
            answer = client.open(path.format(target=whom), method=method, data={"allowed": "yes"})
            assert (answer.status_code == 403) == (role != "administrator"), f"{role}: {method} {path}"
    assert (_rights(database) == before) == (role != "administrator")
    again = sign_in(app.test_client(), app, visitor)
    for method, path, whose in OTHERS if role != "administrator" else []:
        assert (again.open(path, method=method).status_code == 200) == (role == whose), f"{role}: {method} {path}"
    assert ("Organisers" in again.get("/desk").text) == (role == "administrator") or role == "administrator"


def test_the_matrix_knows_every_address_of_the_accounts(app: Flask) -> None:
    rules = {
        (method, rule.rule.replace("<public_id>", "{target}"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("organisers.")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert rules == set(ADMINISTRATION)


def test_an_administrator_sees_no_campaign_and_no_mail(app: Flask, database: Database) -> None:
    visitor = _somebody(database, app, "administrator")
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session, title="Not yours").public_id
    client = sign_in(app.test_client(), app, visitor)
    assert "Organisers" in client.get("/desk").text
    assert client.get(f"/desk/campaigns/{campaign}/convenors").status_code == 404
    assert client.get("/desk/mail").status_code == 403
    assert client.get("/desk/campaigns/new").status_code == 403


def test_who_changes_rights_has_to_show_who_they_are(app: Flask) -> None:
    wanted = {name for name, view in app.view_functions.items() if is_proof_asked(view)}
    assert wanted >= NEEDS_STEP_UP


def test_the_first_account_may_begin_and_the_next_what_was_said(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        first = add_from_command_line(session, "Ada First", "ada@example.org", HouseRights())
        second = add_from_command_line(session, "Ben Second", "ben@example.org", HouseRights())
        third = add_from_command_line(session, "Cem Third", "cem@example.org", HouseRights(is_administrator=True))
    assert (first.is_administrator, first.may_create_campaigns, first.is_operator) == (True, True, False)
    assert (second.is_administrator, second.may_create_campaigns) == (False, False)
    assert (third.is_administrator, third.may_create_campaigns, third.administrator_by) == (True, False, "system")


def test_the_upgrade_makes_the_first_open_account_the_only_administrator(tmp_path: Path) -> None:
    engine = Database(f"sqlite:///{tmp_path / 'older.db'}").engine
    migrating.migrate(engine, "0039")
    organiser = (
        "INSERT INTO organisers (id, public_id, identity_sealed, email_key, password_generation, language,"
        " may_create_campaigns, is_operator, disabled_at, created_at)"
        " VALUES (:id, :id, :key, :key, 1, 'en', :may_create, false, :closed, '2026-01-01')"
    )
    accounts = [(1, True, "2026-02-01"), (2, False, None), (3, True, None), (4, True, None)]
    with engine.begin() as connection:
        for number, may_create, closed in accounts:
            row = {"id": number, "key": bytes([number]) * 16, "may_create": may_create, "closed": closed}
            connection.execute(text(organiser), row)
    migrating.migrate(engine, "head")
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, is_administrator, may_create_campaigns, created_by FROM organisers ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [
            (1, False, True, "system"), (2, False, False, None), (3, True, True, None), (4, False, True, None),
        ]  # fmt: skip
    engine.dispose()
