"""Forged requests: every page of a campaign, asked for by every role it is not for."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organiser
from app.base.clock import now
from app.base.database import Base, Database
from app.base.parts import parts_of
from app.campaigns.actions import add_convenor, add_event
from app.campaigns.states import ConvenorFacts, EventFacts, Role
from tests.architecture import rows
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member

READ = {Role.OWNER, Role.EDITOR, Role.COORDINATOR, Role.APPROVER, Role.VIEWER}
EDIT = {Role.OWNER, Role.EDITOR}
MANAGE = {Role.OWNER}
# Rule, who may GET it, who may POST to it.
DOORS: dict[str, tuple[set[Role], set[Role]]] = {
    "edit": (EDIT, EDIT),
    "text": (EDIT, set()),
    "text/<language>": (EDIT, EDIT),
    "text/<language>/remove": (set(), EDIT),
    "convenors": (READ, set()),
    "convenors/new": (EDIT, EDIT),
    "convenors/<convenor>": (EDIT, EDIT),
    "convenors/<convenor>/up": (set(), EDIT),
    "convenors/<convenor>/remove": (set(), EDIT),
    "chronology": (READ, set()),
    "chronology/new": (EDIT, EDIT),
    "chronology/<event>": (EDIT, EDIT),
    "chronology/<event>/remove": (set(), EDIT),
    "members": (MANAGE, MANAGE),
    "members/<member>": (MANAGE, MANAGE),
    "members/<member>/remove": (set(), MANAGE),
}
FORM = {
    "title": "Forged", "language": "en", "slug": "forged", "name": "Forged", "date": "2020", "text": "Forged",
    "email": "forged@example.org", "role": "owner", "mark": "",
}  # fmt: skip


class Scene:
    """A campaign with one of everything, and somebody in each role."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        with app.app_context(), database.writing() as session:
            owner = make_organiser(session)
            campaign = make_campaign(session, owner)
            self.people: dict[Role | None, Organiser] = {role: make_member(session, campaign, role) for role in Role}
            stranger = make_organiser(session)
            make_campaign(session, stranger)
            self.people[None] = stranger
            convenor = add_convenor(session, campaign, owner.public_id, ConvenorFacts("House"))
            event = add_event(session, campaign, owner.public_id, EventFacts(now().date(), "It happened."))
            target = make_member(session, campaign, Role.VIEWER)
            self.campaign = campaign.public_id
        self.values = {
            "<language>": "fr", "<convenor>": convenor.public_id, "<event>": event.public_id,
            "<member>": target.public_id,
        }  # fmt: skip

    def path(self, rule: str) -> str:
        for name, value in self.values.items():
            rule = rule.replace(name, value)
        return f"/desk/campaigns/{self.campaign}/{rule}"

    def client(self, role: Role | None) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, self.people[role])


@pytest.fixture
def scene(app: Flask, database: Database) -> Scene:
    return Scene(app, database)


def _own_rules(app: Flask) -> dict[str, set[str]]:
    prefix = "/desk/campaigns/<public_id>/"
    rules: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("campaigns.") and rule.rule.startswith(prefix):
            rules.setdefault(rule.rule.removeprefix(prefix), set()).update((rule.methods or set()) & {"GET", "POST"})
    return rules


def test_every_page_is_listed_here(app: Flask) -> None:
    listed = {
        rule: {method for method, roles in zip(("GET", "POST"), may, strict=True) if roles}
        for rule, may in DOORS.items()
    }
    assert _own_rules(app) == listed


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.APPROVER, Role.COORDINATOR, Role.EDITOR])
def test_a_role_reaches_what_it_may_and_no_more(scene: Scene, role: Role | None) -> None:
    client = scene.client(role)
    for rule, (readers, writers) in DOORS.items():
        for method, allowed in (("GET", readers), ("POST", writers)):
            if not allowed or (method == "POST" and role in allowed):
                continue
            code = client.open(scene.path(rule), method=method, data=FORM if method == "POST" else None).status_code
            expected = {200, 303} if role in allowed else {404} if role is None else {403}
            if rule == "text" and role in allowed:
                expected = {404}  # no language was named
            assert code in expected, (method, rule, role, code)
    page = scene.client(Role.OWNER)
    for rule in ("edit", "convenors", "chronology", "members"):
        assert "forged" not in page.get(scene.path(rule)).text.lower()


def test_what_belongs_to_another_campaign_is_not_reached(scene: Scene, app: Flask, database: Database) -> None:
    """An owner elsewhere can't reach in by naming their own campaign beside another's convenor."""
    with app.app_context(), database.writing() as session:
        mine = make_campaign(session, session.merge(scene.people[None])).public_id
    client = scene.client(None)
    for rule in DOORS:
        if "<" in rule and "<language>" not in rule:
            path = scene.path(rule).replace(scene.campaign, mine)
            assert client.post(path, data=FORM).status_code == 404, rule


def test_a_form_without_its_token_is_refused(scene: Scene, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = scene.client(Role.OWNER)
    before = rows.contents(parts_of(app).database.engine, Base.metadata)
    for rule, (_readers, writers) in DOORS.items():
        if writers:
            assert client.post(scene.path(rule), data=FORM).status_code == 422, rule
    for path in ("/desk/campaigns/new", "/desk/institutions/new", "/desk/account", "/desk/organisers/new", "/sign-out"):
        assert client.post(path, data=FORM).status_code in {403, 422}, path
    assert rows.changed_tables(before, rows.contents(parts_of(app).database.engine, Base.metadata)) == []


def test_a_form_from_another_site_is_refused(scene: Scene) -> None:
    client = scene.client(Role.OWNER)
    answer = client.post(scene.path("members"), data=FORM, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
