"""The reader of a former address hears that our mails go elsewhere: no organiser can quietly give a signature away."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.models import AddressChange, Signatory
from app.imports.actions import apply_import, save_answers, save_columns
from app.imports.keeping import keep_review
from app.imports.queries import dry_run, plan_of
from app.invitations.jobs import tell_of_moves
from app.invitations.moves import MAILS_A_DAY
from app.statements.models import Statement
from tests.accounts.outbox import rendered_mails
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_member
from tests.factories.directory import make_import, make_signatory
from tests.signatures.scene import Invited, invite

OLD, NEW = "old.halyna@example.net", "thief@example.org"


@pytest.fixture
def owner(app: Flask) -> Invited:
    return invite(app, name="Halyna Kovalenko", email=OLD)


def _statement(owner: Invited) -> tuple[str, str, str]:
    """Return the public ids of the statement, its campaign and the one signatory."""
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        statement = session.get_one(Statement, owner.statement_id)
        campaign = session.get_one(Campaign, statement.campaign_id)
        return statement.public_id, campaign.public_id, session.scalars(select(Signatory.public_id)).one()


def _desk(owner: Invited) -> FlaskClient:
    with owner.app.app_context(), parts_of(owner.app).database.writing() as session:
        statement = session.get_one(Statement, owner.statement_id)
        organiser = make_member(session, session.get_one(Campaign, statement.campaign_id), Role.COORDINATOR)
    return sign_in(owner.app.test_client(), owner.app, organiser)


def _correct(owner: Invited, address: str = NEW) -> None:
    statement, _campaign, _signatory = _statement(owner)
    url = f"/desk/statements/{statement}/invitations/{owner.invitation}/address"
    assert _desk(owner).post(url, data={"email": address}).status_code == 303


def _edit(owner: Invited) -> None:
    _statement_id, campaign, signatory = _statement(owner)
    url, desk = f"/desk/campaigns/{campaign}/signatories/{signatory}/edit", _desk(owner)
    seen = desk.get(url).text.split('name="seen" value="')[1].split('"')[0]
    fields = {"kind": "person", "name": "Halyna Kovalenko", "email": NEW, "seen": seen}
    assert desk.post(url, data=fields).status_code == 303


def _import(owner: Invited) -> None:
    with owner.app.app_context(), parts_of(owner.app).database.writing() as session:
        statement = session.get_one(Statement, owner.statement_id)
        campaign = session.get_one(Campaign, statement.campaign_id)
        row = make_import(session, campaign, f"name;email\nHalyna Kovalenko;{NEW}\n")
        save_columns(session, campaign, "olga", row, plan_of(session, row))
        (asked,) = dry_run(session, campaign.id, row).review.rows
        save_answers(session, row, {asked.number: asked.possible[0].answer}, {})
        keep_review(session, row, dry_run(session, campaign.id, row))
        apply_import(session, campaign, "olga", row)


@pytest.mark.parametrize("way", [_correct, _edit, _import])
@pytest.mark.parametrize("signed", [True, False])
def test_a_changed_address_is_told_to_the_former_one_by_every_way(owner: Invited, way: object, signed: bool) -> None:
    if signed:
        owner.sign("counted", name="Halyna Kovalenko")
    way(owner)  # type: ignore[operator]
    tell_of_moves(owner.app)
    tell_of_moves(owner.app)
    (mail,) = rendered_mails(owner.app, "address_changed")
    assert (mail.to_address, mail.to_name) == (OLD, "")
    for part in (mail.subject, mail.text, mail.html):
        assert not [word for word in ("Halyna", NEW, "sign", OLD) if word in part]
    assert mail.reply_to
    with parts_of(owner.app).database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AddressChange)) == 0


def test_nobody_is_told_who_was_never_written_to(owner: Invited) -> None:
    with owner.app.app_context(), parts_of(owner.app).database.writing() as session:
        statement = session.get_one(Statement, owner.statement_id)
        campaign = session.get_one(Campaign, statement.campaign_id)
        unasked = make_signatory(session, campaign, name="Nobody Asked").public_id
    desk, url = _desk(owner), f"/desk/campaigns/{campaign.public_id}/signatories/{unasked}/edit"
    seen = desk.get(url).text.split('name="seen" value="')[1].split('"')[0]
    desk.post(url, data={"kind": "person", "name": "Nobody Asked", "email": NEW, "seen": seen})
    tell_of_moves(owner.app)
    assert rendered_mails(owner.app, "address_changed") == []


def test_an_address_that_was_put_back_is_told_nothing(owner: Invited) -> None:
    _correct(owner)
    tell_of_moves(owner.app)
    _correct(owner, OLD)
    tell_of_moves(owner.app)
    assert [mail.to_address for mail in rendered_mails(owner.app, "address_changed")] == [NEW]


def test_an_address_that_goes_in_and_out_is_not_flooded(owner: Invited) -> None:
    for number in range(MAILS_A_DAY + 2):
        _correct(owner)
        _correct(owner, OLD if number <= MAILS_A_DAY else "third@example.net")
        tell_of_moves(owner.app)
    mails = [mail.to_address for mail in rendered_mails(owner.app, "address_changed")]
    assert mails.count(NEW) == MAILS_A_DAY
