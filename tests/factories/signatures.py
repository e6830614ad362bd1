"""Signatures and the other answers, given as the invited give them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import Signatory
from app.directory.queries import entry
from app.directory.states import Details
from app.invitations.models import Invitation
from app.signatures import actions, rulings, wishes
from app.signatures.actions import Ticket
from app.signatures.changes import mark_of, waiting_for
from app.signatures.models import Signature
from app.signatures.queries import signature
from app.signatures.states import ChangeState, Consent, OwnersWord
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.invitations import make_invitation
from tests.factories.kept import kept
from tests.factories.statements import sha256_of


def ticket_of(invitation: Invitation) -> Ticket:
    """Return what the link of an invitation leads to."""
    return Ticket(invitation.public_id, invitation.statement_id, invitation.link_generation)


def consent_of(
    session: Session, invitation: Invitation, visibility: Visibility = Visibility.PUBLIC, **changed: Any
) -> Consent:
    """Return the consent that the invited person would give, with the directory's spelling."""
    statement = session.get_one(Statement, invitation.statement_id)
    signatory = session.get_one(Signatory, invitation.signatory_id)
    details = entry(session, statement.campaign_id, signatory.public_id, "test").details
    language = changed.pop("language", statement.language)
    values = {
        "name": details.name,
        "public_line": details.public_line,
        "country": details.country,
        "pseudonym": "A teacher from the north" if visibility is Visibility.PSEUDONYM else "",
        **changed,
    }
    return Consent(sha256_of(session, statement, language), language, visibility, **values)


@kept
def make_signature(
    session: Session,
    /,
    statement: Statement | None = None,
    *,
    visibility: Visibility = Visibility.PUBLIC,
    withdrawn: bool = False,
    invitation: Invitation | None = None,
    details: Details | None = None,
    **consent: Any,
) -> Signature:
    """Let somebody new, or a given invited person, sign; `consent` are fields of Consent."""
    invitation = invitation or make_invitation(session, statement, details=details)
    agreed = consent_of(session, invitation, visibility, **consent)
    outcome = actions.sign(session, ticket_of(invitation), agreed)
    _settle(session, outcome.signature)
    if withdrawn:
        actions.withdraw(session, outcome.signature)
    return session.scalars(
        select(Signature).where(Signature.public_id == outcome.signature).execution_options(populate_existing=True)
    ).one()


def appear(session: Session, public_id: str, visibility: Visibility, pseudonym: str = "") -> None:
    """Let the owner of a signature show it otherwise, and confirm it by mail where that is asked of them."""
    wishes.wish_visibility(session, public_id, visibility, pseudonym)
    _settle(session, public_id)


def rename(session: Session, public_id: str, name: str, public_line: str = "", country: str = "") -> None:
    """Let the owner of a signature correct name and line, and a coordinator accept the name where it is another."""
    wishes.wish_line(session, public_id, name, public_line, country)
    _settle(session, public_id)


def _settle(session: Session, public_id: str) -> None:
    signed = signature(session, public_id)
    assert signed is not None
    statement = session.get_one(Statement, signed.statement_id)
    for found in waiting_for(session, signed.id):
        if found.state is ChangeState.WAITS_FOR_OWNER:
            mark = mark_of(found, signed.identity)
            rulings.answer_change(session, found.public_id, OwnersWord.YES, mark)
    for found in waiting_for(session, signed.id):
        rulings.rule_on_name(session, "factory", statement, found.public_id, accepted=True, word="")


@kept
def make_decline(session: Session, statement: Statement | None = None, reason: str = "") -> Invitation:
    """Let somebody new decline."""
    invitation = make_invitation(session, statement)
    agreed = consent_of(session, invitation)
    actions.decline(session, ticket_of(invitation), agreed.text_sha256, agreed.language, reason)
    return invitation


@kept
def make_change_request(
    session: Session, statement: Statement | None = None, wish: str = "Name the law."
) -> Invitation:
    """Let somebody new ask for a change."""
    invitation = make_invitation(session, statement)
    agreed = consent_of(session, invitation)
    actions.ask_for_change(session, ticket_of(invitation), agreed.text_sha256, agreed.language, wish)
    return invitation
