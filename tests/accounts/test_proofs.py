"""What sends, hands out names or changes rights is open to people who have just shown that it is them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Organiser
from app.accounts.passwords import hash_password
from app.base import clock
from app.base.blueprints import is_proof_asked
from tests.accounts.factor_scene import code_of, set_up
from tests.architecture.forms_in_pages import forms_in
from tests.factories.accounts import PASSWORD, make_organiser, sign_in
from tests.statements.desks import Desk, shown, sit_down, value_of

GUARDED = {
    # The release of an appeal.
    "/desk/appeals/<appeal>/approval", "/desk/appeals/<appeal>/release", "/desk/deliveries/<delivery>/again",
    # Exports with names.
    "/desk/statements/<statement>/people.csv", "/desk/statements/<statement>/signatories.csv",
    "/desk/campaigns/<campaign>/exports/<export>/file",
    "/desk/campaigns/<campaign>/signatories/export.csv",
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/left-out.csv",
    "/desk/institutions/lists/<register>/left-out.csv",
    # Roles and members.
    "/desk/campaigns/<public_id>/members/<member>", "/desk/campaigns/<public_id>/members/<member>/remove",
    # Keys and factors.
    "/desk/account/second-factor/app", "/desk/account/second-factor/recovery-codes",
    "/desk/account/second-factor/passkeys/new", "/desk/account/second-factor/passkeys/<factor>/remove",
    # Accounts.
    "/desk/organisers/<public_id>/disable", "/desk/organisers/<public_id>/enable",
    "/desk/organisers/<public_id>/campaigns", "/desk/organisers/<public_id>/second-factor",
    "/desk/organisers/<public_id>/administration", "/desk/confirmations/<campaign>/<member>",
}  # fmt: skip
# They are guarded where they are posted to only.
GUARDED_POSTS = {"/desk/campaigns/<public_id>/members", "/desk/organisers/new"}
# What a route of such a kind is called. A new one must stand above, or below with the reason.
TELLING = re.compile(r"release|approval|\.csv|members|disable|enable|/campaigns$|second-factor|passkey|roles?$|again$")
OPEN = {
    "/desk/account/second-factor",  # shows how many codes are left
    "/desk/account/second-factor/picture.png",  # draws what its page was given
    "/desk/campaigns/<public_id>/members/<member>",  # looking at a member
}


@pytest.fixture
def desk(app: Flask) -> Desk:
    desk = sit_down(app)
    clock.freeze(clock.now())
    return desk


def _members(desk: Desk) -> str:
    return f"/desk/campaigns/{desk.campaign}/members"


def _stale(desk: Desk) -> None:
    clock.advance(minutes=5, seconds=1)


def _with_password(desk: Desk) -> Organiser:
    """Give everybody a password, and return who sits at the desk."""
    with desk.app.app_context(), desk.database.writing() as session:
        session.execute(update(Organiser).values(password_hash=hash_password(PASSWORD)))
        return session.scalars(select(Organiser).order_by(Organiser.id.desc()).limit(1)).one()


def test_every_such_route_asks_for_a_proof_and_no_other_does(app: Flask) -> None:
    asked = {rule.rule for rule in app.url_map.iter_rules() if is_proof_asked(app.view_functions[rule.endpoint])}
    assert asked == GUARDED | GUARDED_POSTS
    addresses = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk")}
    telling = {address for address in addresses if TELLING.search(address)}
    assert telling - asked - OPEN == set()
    for rule in app.url_map.iter_rules():
        if rule.rule in GUARDED and rule.rule not in OPEN:
            assert is_proof_asked(app.view_functions[rule.endpoint]), (rule.rule, rule.methods)


def test_recent_sign_in_is_a_proof_and_an_old_one_is_not(app: Flask, desk: Desk) -> None:
    assert desk.get("/people.csv").status_code == 200
    _stale(desk)
    away = desk.get("/people.csv")
    assert (away.status_code, away.location) == (303, f"/desk/confirm?next={desk.path('/people.csv')}")
    assert desk.get().status_code == 200  # what only shows things goes on as before


def test_password_proves_where_there_is_no_second_factor(app: Flask, desk: Desk) -> None:
    _with_password(desk)
    _stale(desk)
    confirm = f"/desk/confirm?next={desk.path('/people.csv')}"
    assert "Password" in desk.client.get(confirm).text
    refused = desk.client.post("/desk/confirm", data={"password": "guess", "next": desk.path()})
    assert (refused.status_code, "not your current password" in refused.text) == (422, True)
    assert desk.client.post("/desk/confirm", data={"password": PASSWORD, "next": desk.path()}).location == desk.path()
    assert "nothing has been done yet" in desk.get().text
    file = desk.path("/people.csv")
    begins = desk.client.get(desk.client.post("/desk/confirm", data={"password": PASSWORD, "next": file}).location)
    assert (begins.status_code, begins.headers["Refresh"]) == (200, f"0; url={file}")
    assert desk.client.get(f"/desk/confirm/download?next={desk.path()}").location == desk.path()
    assert desk.client.get("/desk/confirm/download?next=https://example.org/x.csv").location == "/desk"
    assert desk.get("/people.csv").status_code == 200
    _stale(desk)
    assert desk.get("/people.csv").status_code == 303


def test_where_there_is_a_second_factor_the_password_proves_nothing(app: Flask, desk: Desk) -> None:
    me = _with_password(desk)
    set_up(app, me)
    _stale(desk)
    assert desk.client.post("/desk/confirm", data={"password": PASSWORD}).status_code == 422
    assert desk.client.post("/desk/confirm", data={"code": code_of(app, me)}).status_code == 303
    assert desk.get("/people.csv").status_code == 200


def test_typed_words_come_back_after_the_proof_and_nothing_is_done_before(app: Flask, desk: Desk) -> None:
    _with_password(desk)
    page = desk.client.get(_members(desk))
    mark = value_of(page, "typed_by")
    _stale(desk)
    typed = {"email": "cem@coalition.example.org", "name": "Cem & Colleague", "role": "viewer", "typed_by": mark}
    asked = desk.client.post(_members(desk), data=typed)
    assert (asked.status_code, asked.headers["Cache-Control"]) == (401, "no-store")
    assert "Cem" not in asked.text
    (form,) = [each for each in forms_in(asked.text, _members(desk)) if each.action == _members(desk)]
    given = {each.name: each.value for each in form.inputs}
    wrong = desk.client.post(_members(desk), data=given | {"password": "guess"})
    assert wrong.status_code == 422
    back = desk.client.post(_members(desk), data=given | {"password": PASSWORD})
    assert back.status_code == 422
    assert "You have shown that it is you. Nothing has been saved" in shown(back)
    assert value_of(back, "email") == typed["email"]
    assert "Cem" not in desk.client.get(f"/desk/campaigns/{desk.campaign}/history").text
    assert desk.client.post(_members(desk), data=typed).status_code == 303


def test_bare_button_leads_to_the_proof_and_back_to_where_it_stands(app: Flask, desk: Desk) -> None:
    with app.app_context(), desk.database.writing() as session:
        session.execute(update(Organiser).values(is_administrator=True))
        colleague = make_organiser(session)
    _stale(desk)
    page = f"/desk/organisers/{colleague.public_id}"
    away = desk.client.post(f"{page}/disable")
    assert (away.status_code, away.location) == (303, f"/desk/confirm?next={page}")
    with desk.database.reading() as session:
        assert session.get_one(type(colleague), colleague.id).disabled_at is None


def test_proof_leads_nowhere_but_to_the_desk(app: Flask, desk: Desk) -> None:
    _with_password(desk)
    for wanted in ("https://evil.example/desk", "//evil.example", "/verify"):
        assert desk.client.post("/desk/confirm", data={"password": PASSWORD, "next": wanted}).location == "/desk"


def test_proof_is_of_one_browser(app: Flask, desk: Desk) -> None:
    me = _with_password(desk)
    other = sign_in(app.test_client(), app, me)
    _stale(desk)
    desk.client.post("/desk/confirm", data={"password": PASSWORD})
    assert desk.get("/people.csv").status_code == 200
    assert other.get(desk.path("/people.csv")).status_code == 303
