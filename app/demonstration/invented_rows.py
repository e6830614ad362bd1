"""Load the invented campaign: one statement open with people in every state, one delivered and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.appeals.actions import approve, assemble
from app.appeals.dossier import prepare_dossier
from app.base import clock
from app.campaigns.members import add_member
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import CampaignFacts, ConvenorFacts, Role
from app.deliveries.actions import hand_over, note_delivered
from app.deliveries.queries import deliveries_of, delivery
from app.demonstration import invented
from app.demonstration.invented import PEOPLE, InventedPerson
from app.demonstration.rows import (
    APPROVER,
    Draft,
    add_colleagues,
    add_people,
    hash_of,
    invite,
    make_campaign,
    make_statement,
)
from app.directory.states import Details, GroupPlace, NewEntry, SignatoryKind
from app.institutions.actions import add_recipient, create_institution
from app.institutions.states import InstitutionFacts, RecipientFacts
from app.invitations.actions import ask, cancel
from app.replies.actions import ReplyFacts, record_reply
from app.replies.models import ReplyKind
from app.replies.outcomes import OutcomeFacts, record_outcome
from app.signatures.actions import Ticket, ask_for_change, decline, sign, withdraw
from app.signatures.states import Consent
from app.signatures.wishes import wish_line
from app.statements.actions import close_statement
from app.statements.drafting import DraftText
from app.statements.models import Statement
from app.statements.queries import statement_by_slug
from app.statements.states import StatementKind, StatementState
from app.updates.actions import UpdateText, draft_update, publish_update
from app.visibility.states import Visibility

COLLEAGUES = (
    ("Pavel Dorn", "coordinator@example.org", Role.COORDINATOR),
    APPROVER,
    ("Tomoko Ashdown", "editor@example.org", Role.EDITOR),
    ("Ruben Vale", "viewer@example.org", Role.VIEWER),
)
# Let in just now: the owner who did can't confirm her, and until somebody else has she can't approve.
NEWCOMER = ("Sunniva Aas", "newcomer@example.org", Role.APPROVER)
OPEN_FOR = timedelta(days=12)
NOT_ASKED = frozenset({"prepared"})


@dataclass(frozen=True)
class Stage:
    """What both statements of the campaign stand on."""

    campaign: Campaign
    actor: str
    institutions: Sequence[str]
    signatories: Sequence[int]


def load_invented(session: Session, owner: Organiser) -> None:
    """Load the campaign, its people, and its two statements."""
    stage = _stage(session, owner)
    _load_open(session, stage)
    _load_delivered(session, stage)


def finish_invented(session: Session) -> None:
    """Record what came back once the appeal has been handed over; does nothing if it is recorded already."""
    statement = statement_by_slug(session, invented.DELIVERED_SLUG)
    if statement.state is not StatementState.CLOSED:
        return
    actor, campaign = _actor_and_campaign(session, statement)
    note_delivered(session, actor, statement)
    today = clock.now().date()
    director, *_others = deliveries_of(session, statement.id, "load the demonstration")
    facts = ReplyFacts(ReplyKind.ANSWER, today, invented.ANSWER, invented.ANSWER_SUMMARY)
    record_reply(session, actor, delivery(session, director.public_id), facts)
    outcome = OutcomeFacts(
        today,
        invented.OUTCOME_TITLE,
        invented.OUTCOME_TEXT,
        invented.OUTCOME_QUOTATION,
        invented.OUTCOME_SPEAKER,
    )
    record_outcome(session, actor, campaign, outcome, statement)
    update = draft_update(session, actor, campaign, UpdateText(invented.UPDATE_TITLE, invented.UPDATE_BODY, "en"))
    publish_update(session, actor, campaign, update, update.revision)


def _stage(session: Session, owner: Organiser) -> Stage:
    actor = owner.public_id
    facts = CampaignFacts(invented.TITLE, invented.SUMMARY, slug=invented.SLUG, press_contact=invented.PRESS_CONTACT)
    convenors = [ConvenorFacts(*convenor) for convenor in invented.CONVENORS]
    campaign = make_campaign(session, owner, facts, convenors, invented.CHRONOLOGY)
    add_colleagues(session, campaign, actor, COLLEAGUES)
    newcomer, email, role = NEWCOMER
    add_member(session, campaign, actor, email, role, name=newcomer)
    signatories = add_people(session, campaign, actor, [_entry(person) for person in PEOPLE])
    return Stage(campaign, actor, _institutions(session, actor), signatories)


def _institutions(session: Session, actor: str) -> list[str]:
    names = (invented.INSTITUTION, invented.SECOND_INSTITUTION)
    bodies = [create_institution(session, actor, InstitutionFacts(name)) for name in names]
    for number, office, person, salutation, email, language in invented.RECIPIENTS:
        add_recipient(session, actor, bodies[number], RecipientFacts(office, salutation, email, person, language))
    return [body.public_id for body in bodies]


def _entry(person: InventedPerson) -> NewEntry:
    details = Details(
        person.name,
        email=person.email,
        credential=person.credential,
        country=person.country,
        language=person.language,
        representative=person.representative,
    )
    kind = SignatoryKind.ORGANISATION if person.organisation else SignatoryKind.PERSON
    places = (GroupPlace(invented.GROUP, person.role),) if person.role else ()
    return NewEntry(details, kind, person.prominent, places)


def _load_open(session: Session, stage: Stage) -> None:
    english = DraftText(invented.OPEN_TITLE, invented.OPEN_SUMMARY, invented.OPEN_BODY, invented.OPEN_DEMANDS)
    arabic = DraftText(invented.ARABIC_TITLE, invented.ARABIC_SUMMARY, invented.ARABIC_BODY, invented.ARABIC_DEMANDS)
    draft = Draft(
        invented.OPEN_SLUG,
        StatementKind.LETTER,
        {"en": english, "ar": arabic},
        [stage.institutions[1]],
        deadline_at=clock.now() + OPEN_FOR,
        goal=40,
    )
    statement = make_statement(session, stage.actor, stage.campaign, draft)
    tickets = invite(session, stage.actor, statement, stage.signatories)
    asked = [t.invitation for t, p in zip(tickets, PEOPLE, strict=True) if p.becomes not in NOT_ASKED]
    ask(session, stage.actor, statement, asked)
    for ticket, person in zip(tickets, PEOPLE, strict=True):
        _answer(session, stage.actor, statement, ticket, person)


def _load_delivered(session: Session, stage: Stage) -> None:
    text = DraftText(
        invented.DELIVERED_TITLE, invented.DELIVERED_SUMMARY, invented.DELIVERED_BODY, invented.DELIVERED_DEMANDS
    )
    draft = Draft(
        invented.DELIVERED_SLUG,
        StatementKind.APPEAL,
        {"en": text},
        [stage.institutions[0]],
        annex=(invented.DELIVERED_ANNEX_TITLE, invented.DELIVERED_ANNEX),
    )
    statement = make_statement(session, stage.actor, stage.campaign, draft)
    signing = [
        (row, person) for row, person in zip(stage.signatories, PEOPLE, strict=True) if person.becomes == "signed"
    ]
    tickets = invite(session, stage.actor, statement, [row for row, _person in signing])
    ask(session, stage.actor, statement, [ticket.invitation for ticket in tickets])
    sha256 = hash_of(session, statement)
    for ticket, (_row, person) in zip(tickets, signing, strict=True):
        sign(session, ticket, replace(_consent(person, sha256), language="en"))
    close_statement(session, stage.actor, statement)
    appeal = assemble(session, stage.actor, statement, prepare_dossier(session, statement))
    approver = find_by_address(session, APPROVER[1])
    assert approver is not None
    approve(
        session, approver.public_id, appeal.public_id, appeal.manifest_sha256, "Read from the first page to the last."
    )
    hand_over(session, stage.actor, appeal.public_id, appeal.manifest_sha256)


def _actor_and_campaign(session: Session, statement: Statement) -> tuple[str, Campaign]:
    row = session.execute(
        select(Organiser.public_id, Campaign)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .join(Campaign, Campaign.id == Membership.campaign_id)
        .where(Campaign.id == statement.campaign_id, Membership.role == Role.OWNER)
        .limit(1)
    ).one()
    return row[0], row[1]


def _answer(session: Session, actor: str, statement: Statement, ticket: Ticket, person: InventedPerson) -> None:
    sha256 = hash_of(session, statement, person.language)
    if person.becomes == "cancelled":
        cancel(session, actor, statement, ticket.invitation)
    elif person.becomes == "declined":
        decline(session, ticket, sha256, person.language, person.words)
    elif person.becomes == "change asked":
        ask_for_change(session, ticket, sha256, person.language, person.words)
    elif person.becomes in {"signed", "withdrawn"}:
        signature = sign(session, ticket, _consent(person, sha256))
        if person.becomes == "withdrawn":
            withdraw(session, signature.signature)
        if person.wishes_name:
            consent = _consent(person, sha256)
            wish_line(session, signature.signature, person.wishes_name, consent.public_line, consent.country)


def _consent(person: InventedPerson, sha256: str) -> Consent:
    line = ", ".join(part for part in (person.role and f"{person.role}, {invented.GROUP}", person.credential) if part)
    return Consent(
        sha256,
        person.language,
        Visibility(person.visibility),
        person.name,
        line,
        person.country,
        person.pseudonym,
        person.representative,
        person.wants_news,
    )
