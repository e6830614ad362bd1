"""Where answers to a letter go: to an address of our own with the letter's mark, or to the contact."""

from __future__ import annotations

import email
import email.policy

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.actions import rewrite_letter
from app.appeals.emails import Cover
from app.appeals.models import Appeal, AppealLetter
from app.appeals.queries import frozen_letter, letters_of
from app.base.parts import parts_of
from app.mail.return_paths import read_reply_mark
from app.statements.queries import contact_of
from tests.factories.accounts import sign_in
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.ports import carry, exchange_ports


@pytest.fixture
def with_address(session: Session) -> Session:
    carry(session, reply_address="replies+{}@example.org")
    return session


def reply_to(session: Session, letter: str) -> tuple[str, str]:
    message = email.message_from_bytes(frozen_letter(session, letter, "test").message, policy=email.policy.default)
    (address,) = message["Reply-To"].addresses
    return address.display_name, address.addr_spec


def test_each_letter_has_a_reply_address_of_its_own(with_address: Session) -> None:
    session = with_address
    scene = make_scene(session, recipients=2)
    letters = letters_of(session, make_appeal(session, scene).id, "test")
    found = [reply_to(session, letter.public_id) for letter in letters]
    assert {name for name, _address in found} == {contact_of(session, scene.statement).name}
    assert [read_reply_mark(session, address) for _name, address in found] == [one.public_id for one in letters]


def test_reply_address_is_of_the_approved_bytes_and_survives_rewording(with_address: Session) -> None:
    session = with_address
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    (letter,) = letters_of(session, appeal.id, "test")
    before, manifest = reply_to(session, letter.public_id), appeal.manifest_sha256
    actor = scene.coordinator.public_id
    rewrite_letter(session, actor, appeal.public_id, letter.public_id, Cover("New", "Words"), letter.sha256)
    assert reply_to(session, letter.public_id) == before
    sha256 = session.scalars(select(AppealLetter.message_sha256)).one()
    assert sha256.encode() in session.scalars(select(Appeal.manifest)).one()
    assert session.scalars(select(Appeal.manifest_sha256)).one() != manifest


def test_without_the_setting_answers_go_to_the_contact(session: Session) -> None:
    scene = make_scene(session)
    (letter,) = letters_of(session, make_appeal(session, scene).id, "test")
    contact = contact_of(session, scene.statement)
    assert reply_to(session, letter.public_id) == (contact.name, contact.email)


def test_letter_page_shows_where_answers_go(app: Flask, client: FlaskClient) -> None:
    exchange_ports(parts_of(app).database, reply_address="replies+{}@example.org")
    with app.app_context(), parts_of(app).database.writing() as session:
        scene: Scene = make_scene(session)
        appeal = make_appeal(session, scene)
        (letter,) = letters_of(session, appeal.id, "test")
        _name, address = reply_to(session, letter.public_id)
        url = f"/desk/appeals/{appeal.public_id}/letters/{letter.public_id}"
    assert address in sign_in(client, app, scene.coordinator).get(url).text
