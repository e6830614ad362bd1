"""People who sign in a statement that is not theirs to lose: prepared, posted, and reckoned up at the end."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.form_tokens import make_form_token
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.models import Signatory
from app.invitations import actions as invitations
from app.invitations.models import Invitation
from app.invitations.queries import answers_to
from app.invitations.states import Answer
from app.mail.models import Mail
from app.mail.sending.worker import Worker, send_due
from app.mail.states import LEASE, MailState
from app.signatures.emails import RECEIPT
from app.signatures.jobs import tell_signatories
from app.signatures.queries import every_signature
from tests.crash.relay import Relay
from tests.factories.directory import make_signatories
from tests.factories.statements import make_statement, sha256_of


@dataclass(frozen=True)
class Wish:
    """One person's decision, ready to be posted."""

    invitation: str
    path: str
    body: str


def reckon(app: Flask, statement_id: int, told: set[str]) -> None:
    """A person who was told has signed; and nobody is half signed, told or not."""
    tell_signatories(app)
    with parts_of(app).database.reading() as session:
        signed = {one.invitation for one in every_signature(session, statement_id) if one.is_signed}
        asked = session.scalars(select(Invitation.public_id).where(Invitation.statement_id == statement_id)).all()
        answered = {one for one, reply in answers_to(session, asked).items() if reply.answer is Answer.SIGNED}
        receipts = session.scalar(select(func.count()).where(Mail.kind == RECEIPT.name))
    assert told <= signed
    assert answered == signed
    assert receipts == len(signed)


def reckon_receipts(app: Flask, relay: Relay) -> int:
    """Take up what died, once its lease ends: each receipt has then gone once or twice; return how many twice."""
    sent_before = len(relay.copies)
    clock.freeze(clock.now() + LEASE)
    Worker(app).sweep()
    while send_due(app):
        pass
    with parts_of(app).database.reading() as session:
        rows = session.execute(select(Mail.message_id, Mail.state).where(Mail.kind == RECEIPT.name)).all()
    assert sent_before, "the workers sent nothing while they lived"
    assert {row.state for row in rows} == {MailState.ACCEPTED}
    copies = relay.copies
    assert {copies[row.message_id] for row in rows} <= {1, 2}
    return sum(copies[row.message_id] == 2 for row in rows)


def post(port: int, wish: Wish, name: str = "localhost") -> bool:
    """Send a decision; tell whether the answer came that it is recorded."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": name}
    try:
        connection.request("POST", wish.path, wish.body, headers)
        return connection.getresponse().status == http.client.SEE_OTHER
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def invite_all(app: Flask, number: int) -> tuple[int, list[Wish]]:
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
        campaign = session.get_one(Campaign, statement.campaign_id)
        people = make_signatories(session, campaign, number)
        ids = session.scalars(select(Signatory.id).where(Signatory.public_id.in_(people))).all()
        invitations.prepare(session, "factory", statement, ids)
        rows = session.scalars(select(Invitation).where(Invitation.statement_id == statement.id)).all()
        invitations.ask(session, "factory", statement, [row.public_id for row in rows])
        session.execute(delete(Mail))  # the invitations: they would only stand in the way of the receipts
        sha256 = sha256_of(session, statement)
        return statement.id, [_wish(session, row, sha256) for row in rows]


def _wish(session: Session, row: Invitation, sha256: str) -> Wish:
    facts = (row.public_id, str(row.link_generation), sha256, "en")
    fields = {
        "form_token": make_form_token(session, "decide", *facts),
        "sha256": sha256,
        "choice": "sign",
        "visibility": "public",
        "name": f"Halyna {row.id}",
        "public_line": "Archivist",
        "country": "UA",
    }
    token = make_token(session, LinkPurpose.INVITATION, row.public_id, row.link_generation)
    return Wish(row.public_id, f"/i/{token}/en", urlencode(fields))
