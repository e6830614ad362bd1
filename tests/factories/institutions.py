"""Institutions and their recipients for tests."""

from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session

from app.institutions.actions import add_recipient, create_institution
from app.institutions.decisions import decide
from app.institutions.models import Institution, Recipient
from app.institutions.proposals import waiting_institutions, waiting_recipients
from app.institutions.states import InstitutionFacts, RecipientFacts
from tests.factories.kept import kept

_numbers = count(1)


@kept
def make_institution(session: Session, name: str = "", country: str = "", *, recipients: int = 1) -> Institution:
    """Create an institution with so many recipients."""
    facts = InstitutionFacts(name or f"Ministry of Archives {next(_numbers)}", country)
    institution = create_institution(session, "system", facts, is_another=True)
    for _ in range(recipients):
        make_recipient(session, institution)
    return institution


@kept
def make_recipient(
    session: Session,
    institution: Institution,
    *,
    office: str = "Office of the Minister",
    person: str = "",
    salutation: str = "Dear Minister",
    email: str = "",
    language: str = "en",
) -> Recipient:
    """Add a recipient with an address of their own to an institution."""
    email = email or f"office{next(_numbers)}@ministry.example.org"
    facts = RecipientFacts(office=office, person=person, salutation=salutation, email=email, language=language)
    version = add_recipient(session, "system", institution, facts)
    return session.get_one(Recipient, version.recipient_id)


def accept_all(session: Session, campaign_id: int, actor: str = "system") -> None:
    """Accept for a campaign all that is proposed to it now."""
    rows = [*session.execute(waiting_recipients()), *session.execute(waiting_institutions())]
    for row in rows:
        if row.campaign_id == campaign_id:
            decide(session, actor, campaign_id, [row.institution_id], row.public_id, accept=True)
