"""The steps that both demonstration campaigns share, each through the actions that the pages call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.base import clock
from app.campaigns import actions as campaigns
from app.campaigns.members import add_member, confirm_member
from app.campaigns.models import Campaign, Membership, Precision
from app.campaigns.states import CampaignFacts, Capability, ConvenorFacts, EventFacts, Role, may
from app.directory.actions import add_signatories
from app.directory.models import Signatory
from app.directory.states import NewEntry
from app.institutions.decisions import decide
from app.institutions.proposals import recipient_standings
from app.invitations.actions import prepare
from app.invitations.models import Invitation
from app.invitations.states import InvitationStage
from app.signatures.actions import Ticket
from app.statements import actions as statements, drafting, queries
from app.statements.actions import StatementSettings
from app.statements.drafting import DraftText, NewAnnex
from app.statements.models import AnnexKind, Statement
from app.statements.states import StatementKind

CONTACT = ("Ines Talvik", "owner@example.org")
# Keeps the accounts with her, and has confirmed the people who approve.
ADMINISTRATOR = ("Mirjam Oduya", "administrator@example.org")
# The people who work on both campaigns with her: nobody sends alone.
APPROVER = ("Leila Haddad-Moreau", "approver@example.org", Role.APPROVER)
MEMBERS_FOR = timedelta(days=60)
Event = tuple[date, str, str]


@dataclass(frozen=True)
class Draft:
    """A statement as the demonstration writes it; texts by language, the authoritative one first."""

    slug: str
    kind: StatementKind
    texts: Mapping[str, DraftText]
    institutions: Sequence[str]  # public ids
    annex: tuple[str, str] | None = None  # title, Markdown
    deadline_at: datetime | None = None
    goal: int | None = None


def make_campaign(
    session: Session,
    owner: Organiser,
    facts: CampaignFacts,
    convenors: Sequence[ConvenorFacts],
    events: Sequence[Event],
) -> Campaign:
    """Create a campaign with its convenors and chronology."""
    campaign = campaigns.create_campaign(session, owner, facts)
    for convenor in convenors:
        campaigns.add_convenor(session, campaign, owner.public_id, convenor)
    for happened_on, precision, words in events:
        event = EventFacts(happened_on, words, Precision(precision))
        campaigns.add_event(session, campaign, owner.public_id, event)
    return campaign


def add_colleagues(
    session: Session, campaign: Campaign, actor: str, colleagues: Iterable[tuple[str, str, Role]]
) -> None:
    """Let colleagues work on a campaign; the administrator confirms those who may approve, as both did long ago.

    Only the times are set back: the campaign is told as one that has been worked on for a while.
    """
    administrator = find_by_address(session, ADMINISTRATOR[1])
    assert administrator is not None
    for name, email, role in colleagues:
        add_member(session, campaign, actor, email, role, name=name)
        colleague = find_by_address(session, email)
        if colleague is not None and may(role, Capability.APPROVE):
            confirm_member(session, campaign, administrator.public_id, colleague.public_id)
    confirm_member(session, campaign, administrator.public_id, actor)
    long_ago = clock.now() - MEMBERS_FOR
    members = update(Membership).where(Membership.campaign_id == campaign.id)
    session.execute(members.values(created_at=long_ago))
    session.execute(members.where(Membership.approves_since.is_not(None)).values(approves_since=long_ago))
    session.execute(members.where(Membership.confirmed_at.is_not(None)).values(confirmed_at=long_ago))


def make_statement(session: Session, actor: str, campaign: Campaign, draft: Draft) -> Statement:
    """Write a statement, address it, annex its report and open it for signing."""
    language, text = next(iter(draft.texts.items()))
    statement = statements.create_statement(
        session, actor, campaign, title=text.title, language=language, kind=draft.kind
    )
    for other in list(draft.texts)[1:]:
        drafting.add_language(session, actor, statement, other, draft.texts[other].title)
    for each, words in draft.texts.items():
        drafting.save_draft(session, actor, statement, each, words, seen_revision=1)
    drafting.set_addressees(session, actor, statement, draft.institutions)
    _accept_recipients(session, actor, statement)
    if draft.annex is not None:
        title, markdown = draft.annex
        annex = NewAnnex(AnnexKind.MARKDOWN, language, title, "report.md", markdown.encode())
        drafting.add_annex(session, actor, statement, annex)
    settings = StatementSettings(
        draft.kind, draft.slug, language, draft.deadline_at, "UTC", draft.goal, contact_name=CONTACT[0],
        contact_email=CONTACT[1],
    )  # fmt: skip
    statements.change_settings(session, actor, statement, settings)
    statements.open_statement(session, actor, statement)
    return statement


def _accept_recipients(session: Session, actor: str, statement: Statement) -> None:
    """Accept every recipient for the campaign, as somebody does who has looked at each."""
    version_id = queries.version_of(session, statement).id
    institutions = [row.institution_id for row in queries.addressees_of(session, version_id)]
    for standing in recipient_standings(session, statement.campaign_id, institutions):
        version = standing.latest.public_id
        decide(session, actor, statement.campaign_id, institutions, version, accept=True)


def add_people(session: Session, campaign: Campaign, actor: str, entries: Sequence[NewEntry]) -> list[int]:
    """Add signatories to the directory and return their row ids in order."""
    public_ids = add_signatories(session, campaign, actor, entries)
    rows = session.execute(select(Signatory.public_id, Signatory.id).where(Signatory.public_id.in_(public_ids)))
    ids = {row.public_id: row.id for row in rows}
    return [ids[public_id] for public_id in public_ids]


def invite(session: Session, actor: str, statement: Statement, signatories: Sequence[int]) -> list[Ticket]:
    """Prepare invitations and return, in order, what each one's link leads to."""
    prepare(session, actor, statement, signatories)
    rows = session.execute(
        select(Invitation.signatory_id, Invitation.public_id, Invitation.link_generation).where(
            Invitation.statement_id == statement.id, Invitation.signatory_id.in_(signatories)
        )
    )
    tickets = {row.signatory_id: Ticket(row.public_id, statement.id, row.link_generation) for row in rows}
    return [tickets[signatory] for signatory in signatories]


def count_as_asked(session: Session, statement: Statement) -> None:
    """Treat everybody prepared as asked, without a mail: the case's signatories were asked elsewhere, long ago."""
    session.execute(
        update(Invitation)
        .where(Invitation.statement_id == statement.id)
        .values(stage=InvitationStage.ASKED, asked_at=clock.now())
    )


def hash_of(session: Session, statement: Statement, language: str | None = None) -> str:
    """Return the hash of an open statement's text in a language."""
    version = queries.version_of(session, statement)
    return queries.text_of(session, version.id, language or statement.language).sha256 or ""
