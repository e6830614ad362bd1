"""After an appeal has left, nobody is told that an addressee doesn't hold what it holds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.appeals.public_copies import prepare_public_copies, renew_public_copies
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.states import MailState
from app.signatures import actions
from app.signatures.emails import manage_token, render_withdrawal
from app.signatures.queries import signature
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.accounts.outbox import rendered_mails
from tests.factories.appeals import NAMES, Scene, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.signatures import appear, rename

NO_NAME = "One more in the number, no name"


@dataclass
class Left:
    """An appeal that has left, and the pages of somebody in it."""

    app: Flask
    client: FlaskClient
    scene: Scene

    def url(self, visibility: Visibility) -> str:
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            signed = signature(session, self.scene.signatures[visibility].public_id)
            assert signed is not None
            return f"/m/{manage_token(session, signed, 1)}"

    def page(self, visibility: Visibility) -> str:
        return self.client.get(self.url(visibility)).text

    def seen_by_addressee(self, visibility: Visibility) -> str:
        """Return what the page says of the addressee."""
        return self.page(visibility).split(self.scene.institution.name)[1].split("</dd>")[0]

    def change(self, visibility: Visibility, wanted: Visibility) -> None:
        with self.app.app_context(), parts_of(self.app).database.writing() as session:
            appear(session, self.scene.signatures[visibility].public_id, wanted)

    def withdraw(self, visibility: Visibility) -> None:
        with self.app.app_context(), parts_of(self.app).database.writing() as session:
            actions.withdraw(session, self.scene.signatures[visibility].public_id)

    def withdrawal_mail(self, visibility: Visibility) -> tuple[str, str]:
        with self.app.test_request_context(), parts_of(self.app).database.reading() as session:
            rendered = render_withdrawal(session, {"signature": self.scene.signatures[visibility].public_id})
        return rendered.text, rendered.html or ""


def _left(app: Flask, database: Database, mail: MailState) -> Left:
    def make(session: Session) -> Scene:
        scene = make_scene(session)
        make_deliveries(session, scene, mail=mail)
        return scene

    with app.app_context(), database.writing() as session:
        return Left(app, app.test_client(), make(session))


@pytest.fixture
def left(app: Flask, database: Database) -> Left:
    return _left(app, database, MailState.ACCEPTED)


@pytest.mark.parametrize("wanted", [Visibility.COUNTED, Visibility.PSEUDONYM])
def test_hiding_after_the_hand_over_tells_what_the_addressee_holds(left: Left, wanted: Visibility) -> None:
    left.change(Visibility.INSTITUTION, wanted)
    said = left.seen_by_addressee(Visibility.INSTITUTION)
    name, _since, rest = said.partition("since ")
    assert NAMES[Visibility.INSTITUTION] in name
    assert "it can’t be taken back" in rest
    assert "In anything new:" in rest


def test_the_pages_say_so_before_anybody_notes_the_delivery(left: Left) -> None:
    page = left.page(Visibility.INSTITUTION)
    assert "it names you. What was handed over can’t be taken back." in page
    assert "Your name appears in nothing new." in page
    assert "Your name appears nowhere." not in page
    asked = left.client.get(left.url(Visibility.INSTITUTION) + "/withdraw").text
    assert "it names you. What was handed over can’t be taken back." in asked


def test_a_person_who_was_only_counted_is_told_that_no_name_left(left: Left) -> None:
    assert NO_NAME in left.seen_by_addressee(Visibility.COUNTED)
    page = left.page(Visibility.COUNTED)
    assert "It counts you and does not name you." in page
    assert "it names you" not in page


def test_a_person_who_corrected_the_line_since_is_told_that_the_old_one_was_delivered(left: Left) -> None:
    with left.app.app_context(), parts_of(left.app).database.writing() as session:
        rename(session, left.scene.signatures[Visibility.PUBLIC].public_id, "Ana Other")
    assert "What you had given by then" in left.seen_by_addressee(Visibility.PUBLIC)


def test_a_renewed_public_copy_takes_nothing_back_from_the_addressee(left: Left, database: Database) -> None:
    left.change(Visibility.PUBLIC, Visibility.COUNTED)
    coordinator = left.scene.coordinator
    with left.app.app_context(), database.writing() as session:
        appeal = session.scalars(select(Appeal)).one()
        statement = session.get_one(Statement, appeal.statement_id)
        renew_public_copies(
            session, coordinator.public_id, statement, appeal, prepare_public_copies(session, statement, appeal)
        )
    assert NAMES[Visibility.PUBLIC] in left.seen_by_addressee(Visibility.PUBLIC)


def test_the_withdrawal_page_and_mail_say_what_stays_with_the_addressee(left: Left) -> None:
    left.withdraw(Visibility.INSTITUTION)
    page = left.page(Visibility.INSTITUTION)
    assert "neither counted nor named in anything new" in page
    assert "it names you. What was handed over can’t be taken back." in page
    for part in left.withdrawal_mail(Visibility.INSTITUTION):
        assert "it names you. What was handed over can’t be taken back." in part
        assert "You are no longer counted or named" not in part


def test_the_mail_of_a_change_says_what_the_addressee_holds(left: Left) -> None:
    left.change(Visibility.PUBLIC, Visibility.COUNTED)
    *_earlier, mail = rendered_mails(left.app, "signature_change")
    for part in (mail.text, mail.html):
        assert "and it names you. What was handed over can’t be taken back." in part
        assert "A change counts for everything from now on." in part


def test_the_withdrawal_mail_of_somebody_only_counted_names_no_name(left: Left) -> None:
    left.withdraw(Visibility.COUNTED)
    for part in left.withdrawal_mail(Visibility.COUNTED):
        assert "It counts you and does not name you." in part


@pytest.mark.parametrize("mail", [MailState.QUEUED, MailState.UNCERTAIN, MailState.BOUNCED, MailState.REFUSED])
def test_without_proof_nothing_is_called_handed_over(app: Flask, database: Database, mail: MailState) -> None:
    left = _left(app, database, mail)
    left.change(Visibility.INSTITUTION, Visibility.COUNTED)
    said = left.seen_by_addressee(Visibility.INSTITUTION)
    assert NAMES[Visibility.INSTITUTION] in said
    assert "whether it has arrived is not known here" in said
    page = left.page(Visibility.INSTITUTION)
    assert "The appeal was released on" in page
    assert "handed over" not in page


def test_before_the_release_nothing_is_said(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        left = Left(app, app.test_client(), make_scene(session))
    page = left.page(Visibility.INSTITUTION)
    assert "The appeal" not in page.replace("in the appeal to", "")
    left.withdraw(Visibility.INSTITUTION)
    assert "no longer counted and no longer named" in left.page(Visibility.INSTITUTION)
