"""Law 2, where people sign: a signature names version and language by hash, and no other text is slipped under it."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.base import clock
from app.base.parts import parts_of
from app.invitations.models import Invitation
from app.invitations.states import Answer
from app.signatures.actions import sign
from app.signatures.states import SignedTextChanged
from app.statements import drafting
from app.statements.actions import open_statement
from app.statements.models import Statement, Version, VersionText
from app.statements.queries import canonical_of, version_of
from tests.factories.signatures import consent_of, ticket_of
from tests.factories.statements import make_statement
from tests.signatures.scene import every_row, invite


def _replace_text(app: Flask, statement_id: int) -> None:
    """Put a second version in force, as a material change does."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, statement_id)
        old = version_of(session, statement)
        new = Version(statement_id=statement.id, number=2, frozen_at=clock.now())
        session.add(new)
        session.flush()
        session.add(VersionText(
            version_id=new.id, language="en", title="Another text", body="We say something else.", saved_at=clock.now(),
            canonical=b"another", sha256=hashlib.sha256(b"another").hexdigest(),
        ))  # fmt: skip
        assert old.id != new.id
        session.execute(update(Statement).where(Statement.id == statement.id).values(current_version_id=new.id))


def test_a_signature_names_the_exact_bytes(app: Flask) -> None:
    guest = invite(app)
    guest.sign()
    (signed,) = guest.signatures()
    with app.app_context(), parts_of(app).database.reading() as session:
        canonical = canonical_of(session, signed.version_id, signed.language)
    assert signed.text_sha256 == hashlib.sha256(canonical).hexdigest()
    assert signed.text_sha256 in guest.client.get(guest.url).text.replace("</span><wbr><span>", "")


def test_a_text_replaced_while_it_was_read_is_shown_anew_and_nothing_recorded(app: Flask) -> None:
    guest = invite(app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna", "public_line": "Kept"}
    _replace_text(app, guest.statement_id)
    before = every_row(app)
    answer = guest.client.post(guest.url, data=form)
    assert answer.status_code == 409
    assert "The text was changed while you were reading" in answer.text
    assert "We say something else." in answer.text
    assert 'value="Kept"' in answer.text
    assert 'value="sign" checked' not in answer.text
    assert " checked" not in answer.text.split('name="choice"')[1].split("</div>")[0]
    assert every_row(app) == before


@pytest.mark.parametrize("choice", ["decline", "ask change"])
def test_declining_and_asking_are_about_a_text_too(app: Flask, choice: str) -> None:
    guest = invite(app)
    form = {**guest.form(), "choice": choice, "words": "Because."}
    _replace_text(app, guest.statement_id)
    assert guest.client.post(guest.url, data=form).status_code == 409
    assert guest.reply().answer is Answer.NONE


def test_a_forged_hash_is_refused(app: Flask) -> None:
    guest = invite(app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna", "sha256": "0" * 64}
    assert guest.client.post(guest.url, data=form).status_code == 422
    assert guest.signatures() == []


def test_the_action_itself_refuses_another_text(app: Flask) -> None:
    guest = invite(app)
    with app.app_context(), parts_of(app).database.writing() as session:
        invitation = session.scalars(select(Invitation)).one()
        consent = consent_of(session, invitation)
        ticket = ticket_of(invitation)
    _replace_text(app, guest.statement_id)
    with app.app_context(), parts_of(app).database.writing() as session, pytest.raises(SignedTextChanged):
        sign(session, ticket, consent)


def test_an_old_signature_keeps_naming_the_text_it_was_given_to(app: Flask) -> None:
    guest = invite(app)
    guest.sign()
    before = guest.signatures()[0].text_sha256
    _replace_text(app, guest.statement_id)
    assert guest.signatures()[0].text_sha256 == before


def test_each_language_has_its_own_hash(app: Flask) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session, opened=False)
        drafting.add_language(session, "test", statement, "fa")
        draft = drafting.DraftText("متن", "خلاصه", "ما امضاکنندگان.", ("یک", "دو"))
        drafting.save_draft(session, "test", statement, "fa", draft, 1)
        open_statement(session, "test", statement)
    guest = invite(app, statement, language="fa")
    page = guest.client.get(guest.url).text
    assert "ما امضاکنندگان" in page
    assert 'lang="fa" dir="rtl"' in page
    english = guest.client.get(f"{guest.url}/en").text
    assert "politically motivated" in english
    form = {"choice": "sign", "visibility": "public", "name": "مریم"}
    hidden = guest.form()
    # The hash of the Persian text does not count for the English page.
    assert guest.client.post(f"{guest.url}/en", data={**hidden, **form}).status_code == 422
    assert guest.client.post(f"{guest.url}/fa", data={**hidden, **form}).status_code == 303
    (signed,) = guest.signatures()
    assert (signed.language, signed.text_sha256) == ("fa", hidden["sha256"])
