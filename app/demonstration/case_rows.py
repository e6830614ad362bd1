"""Load the case: its statement is closed, signed by those who are publicly named; a stand-in can be sent its appeal."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.campaigns.states import CampaignFacts, ConvenorFacts
from app.demonstration import case
from app.demonstration.rows import (
    APPROVER,
    Draft,
    add_colleagues,
    add_people,
    count_as_asked,
    hash_of,
    invite,
    make_campaign,
    make_statement,
)
from app.directory.states import Details, GroupPlace, NewEntry
from app.institutions.actions import add_recipient, create_institution
from app.institutions.models import Institution
from app.institutions.states import InstitutionFacts, RecipientFacts
from app.replies.outcomes import OutcomeFacts, record_outcome
from app.signatures.actions import sign
from app.signatures.states import Consent
from app.statements.actions import close_statement
from app.statements.drafting import DraftText
from app.statements.states import StatementKind
from app.updates.actions import UpdateText, draft_update, publish_update
from app.visibility.states import Visibility


def load_case(session: Session, owner: Organiser) -> None:
    """Load the campaign, its statement with report and signatures, the ruling as outcome and the news of it."""
    actor = owner.public_id
    ministry = _ministry(session, actor)
    campaign = make_campaign(
        session,
        owner,
        CampaignFacts(case.TITLE, case.SUMMARY, slug=case.SLUG),
        [ConvenorFacts(name) for name in case.CONVENORS],
        case.CHRONOLOGY,
    )
    add_colleagues(session, campaign, actor, [APPROVER])
    text = DraftText(case.STATEMENT_TITLE, case.STATEMENT_SUMMARY, case.STATEMENT_BODY, case.STATEMENT_DEMANDS)
    draft = Draft(
        case.STATEMENT_SLUG,
        StatementKind.STATEMENT,
        {"en": text},
        [ministry.public_id],
        annex=(case.REPORT_TITLE, case.REPORT),
    )
    statement = make_statement(session, actor, campaign, draft)
    entries = [
        NewEntry(Details(name, credential=credential, country=country), places=(GroupPlace(case.GROUP),))
        for name, credential, country in case.SIGNATORIES
    ]
    tickets = invite(session, actor, statement, add_people(session, campaign, actor, entries))
    count_as_asked(session, statement)
    sha256 = hash_of(session, statement)
    for ticket, (name, credential, country) in zip(tickets, case.SIGNATORIES, strict=True):
        line = ", ".join(part for part in (credential, case.GROUP) if part)
        sign(session, ticket, Consent(sha256, "en", Visibility.PUBLIC, name, line, country))
    close_statement(session, actor, statement)
    outcome = OutcomeFacts(
        happened_on=case.OUTCOME_ON,
        title=case.OUTCOME_TITLE,
        text=case.OUTCOME_TEXT,
        quotation=case.QUOTATION,
        quotation_speaker=case.QUOTATION_SPEAKER,
        source_name=case.SOURCE,
    )
    record_outcome(session, actor, campaign, outcome, statement)
    update = draft_update(
        session, actor, campaign, UpdateText(case.UPDATE_TITLE, case.UPDATE_BODY, "en", source_name=case.SOURCE)
    )
    publish_update(session, actor, campaign, update, update.revision)


def _ministry(session: Session, actor: str) -> Institution:
    """Add the ministry, with a stand-in for a recipient."""
    ministry = create_institution(session, actor, InstitutionFacts(case.INSTITUTION, case.INSTITUTION_COUNTRY))
    stand_in = RecipientFacts(case.STAND_IN_OFFICE, case.STAND_IN_SALUTATION, case.STAND_IN_EMAIL)
    add_recipient(session, actor, ministry, stand_in)
    return ministry
