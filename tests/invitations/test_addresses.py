"""An address that mail came back from: nothing goes there until it is corrected, or somebody says that it works."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.models import Signatory
from app.invitations.answering import hold_answer, record_answer
from app.invitations.models import Invitation
from app.invitations.states import Answer
from app.mail.addresses import is_stopped, note_bounce
from app.mail.models import Mail
from app.mail.states import MailState
from app.smtp.states import Trouble
from app.statements.models import Statement
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_member
from tests.factories.invitations import make_invitation

ADDRESS = "gone@example.org"


@dataclass(frozen=True)
class Case:
    """Somebody whose invitation came back, and a coordinator who looks into it."""

    database: Database
    client: FlaskClient
    statement: str
    invitation: str

    @property
    def person_url(self) -> str:
        return f"/desk/statements/{self.statement}/people/{self.invitation}"

    @property
    def works_url(self) -> str:
        return f"/desk/statements/{self.statement}/invitations/{self.invitation}/address/works"

    def mails(self) -> list[MailState]:
        with self.database.reading() as session:
            return list(session.scalars(select(Mail.state).where(Mail.kind == "invitation").order_by(Mail.id)))

    def is_stopped(self) -> bool:
        with self.database.reading() as session:
            return is_stopped(session, ADDRESS)


def _bounced(session: Session) -> Invitation:
    invitation = make_invitation(session, email=ADDRESS)
    session.execute(update(Mail).values(state=MailState.BOUNCED, trouble=Trouble.NO_SUCH_ADDRESS))
    note_bounce(session, ADDRESS, is_hard=True)
    return invitation


def _case(app: Flask, role: Role = Role.COORDINATOR) -> Case:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        invitation = _bounced(session)
        statement = session.get_one(Statement, invitation.statement_id)
        somebody = make_member(session, session.get_one(Campaign, statement.campaign_id), role)
    return Case(database, sign_in(app.test_client(), app, somebody), statement.public_id, invitation.public_id)


def test_person_page_says_that_nothing_is_sent(app: Flask) -> None:
    case = _case(app)
    page = case.client.get(case.person_url).text
    for part in ("Nothing is sent to this address", "This address works", "Correct the address", case.works_url):
        assert part in page
    assert "Remind them" not in page


def test_address_that_works_after_all_gets_mail_and_a_new_link(either_app: Flask) -> None:
    case = _case(either_app)
    assert case.client.post(case.works_url).status_code == 303
    assert not case.is_stopped()
    assert case.mails() == [MailState.BOUNCED, MailState.QUEUED]
    page = case.client.get(case.person_url).text
    assert "Nothing is sent to this address" not in page
    assert "said that an address works after all" in page
    with either_app.app_context(), case.database.reading() as session:
        signatory = session.scalars(select(Signatory.public_id)).one()
        assert "signatory.address_trusted" in [entry.action for entry in history_of(session, signatory)]


def test_looking_at_the_button_changes_nothing(app: Flask) -> None:
    case = _case(app)
    assert case.client.get(case.works_url).status_code == 405
    assert case.is_stopped()


def test_a_person_who_answered_gets_no_new_link(app: Flask) -> None:
    case = _case(app)
    with app.app_context(), case.database.writing() as session:
        held = hold_answer(session, case.invitation)
        record_answer(session, case.invitation, replace(held, answer=Answer.DECLINED, at=clock.now()))
    assert "Mail goes to this address again." in case.client.post(case.works_url, follow_redirects=True).text
    assert not case.is_stopped()
    assert case.mails() == [MailState.BOUNCED]


def test_corrected_address_is_another_one(app: Flask) -> None:
    case = _case(app)
    url = f"/desk/statements/{case.statement}/invitations/{case.invitation}/address"
    assert case.client.post(url, data={"email": "right@example.org"}).status_code == 303
    assert case.is_stopped()
    assert case.mails() == [MailState.BOUNCED, MailState.QUEUED]
    assert "Nothing is sent to this address" not in case.client.get(case.person_url).text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER, Role.EDITOR])
def test_others_cannot_decide_about_an_address(app: Flask, role: Role) -> None:
    case = _case(app, role)
    assert case.client.post(case.works_url).status_code == 403
    assert case.is_stopped()
