"""Invitations in any state."""

from __future__ import annotations

import itertools
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.directory.actions import add_signatories, add_signatory
from app.directory.models import Signatory
from app.directory.states import Details, NewEntry, SignatoryKind
from app.invitations import actions
from app.invitations.models import Invitation
from app.statements.models import Statement
from tests.factories.kept import kept
from tests.factories.statements import make_statement

ACTOR = "factory"
_numbers = itertools.count(1)


def details_of_somebody() -> Details:
    """Return details of a person nobody else is."""
    number = next(_numbers)
    return Details(
        name=f"Halyna Kovalenko {number}",
        email=f"halyna{number}@example.net",
        credential="Archivist",
        affiliation="Centre for Open Files",
        country="UA",
        language="en",
    )


@kept
def make_invitation(
    session: Session,
    /,
    statement: Statement | None = None,
    *,
    asked: bool = True,
    cancelled: bool = False,
    details: Details | None = None,
    kind: SignatoryKind = SignatoryKind.PERSON,
    **changed: str,
) -> Invitation:
    """Invite somebody new to sign; without a statement an open one is made. `changed` are fields of Details."""
    statement = statement or make_statement(session)
    campaign = session.get_one(Campaign, statement.campaign_id)
    entry = NewEntry(replace(details or details_of_somebody(), **changed), kind)
    public_id = add_signatory(session, campaign, ACTOR, entry)
    signatory_id = session.scalars(select(Signatory.id).where(Signatory.public_id == public_id)).one()
    actions.prepare(session, ACTOR, statement, [signatory_id])
    invitation = session.scalars(select(Invitation).where(
        Invitation.signatory_id == signatory_id, Invitation.statement_id == statement.id
    )).one()  # fmt: skip
    if asked or cancelled:
        actions.ask(session, ACTOR, statement, [invitation.public_id])
    if cancelled:
        actions.cancel(session, ACTOR, statement, invitation.public_id)
    session.refresh(invitation)
    return invitation


@kept
def make_crowd(
    session: Session, number: int, statement: Statement | None = None, *, prepared: bool = True
) -> Statement:
    """Put many people with addresses into a directory and prepare an invitation for each; return the open statement."""
    statement = statement or make_statement(session)
    campaign = session.get_one(Campaign, statement.campaign_id)
    add_signatories(session, campaign, ACTOR, [NewEntry(details_of_somebody()) for _ in range(number)])
    if prepared:
        everybody = session.scalars(select(Signatory.id).where(Signatory.campaign_id == campaign.id)).all()
        actions.prepare(session, ACTOR, statement, everybody)
    return statement
