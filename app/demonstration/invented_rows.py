"""Load the invented campaign: one statement open with people in every state, one delivered and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.base import clock
from app.campaigns.members import add_member
from app.campaigns.models import Campaign
from app.campaigns.queries import CampaignFacts, ConvenorFacts
from app.campaigns.states import Role
from app.demonstration import invented
from app.demonstration.invented import PEOPLE, Person
from app.demonstration.rows import Draft, add_people, hash_of, invite, make_campaign, make_statement
from app.directory.states import Details, GroupPlace, NewEntry, SignatoryKind
from app.institutions.actions import add_recipient, create_institution
from app.institutions.queries import InstitutionFacts, RecipientFacts
from app.invitations.actions import ask, cancel
from app.signatures.actions import Ticket, ask_for_change, decline, sign, withdraw
from app.signatures.states import Consent
from app.statements.drafting import DraftText
from app.statements.models import Statement
from app.statements.states import StatementKind
from app.visibility.states import Visibility

COLLEAGUES = (
    ("Pavel Dorn", "coordinator@example.org", Role.COORDINATOR),
    ("Leila Haddad-Moreau", "approver@example.org", Role.APPROVER),
    ("Tomoko Ashdown", "editor@example.org", Role.EDITOR),
    ("Ruben Vale", "viewer@example.org", Role.VIEWER),
)
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


def _stage(session: Session, owner: Organiser) -> Stage:
    actor = owner.public_id
    facts = CampaignFacts(invented.TITLE, invented.SUMMARY, slug=invented.SLUG, press_contact=invented.PRESS_CONTACT)
    convenors = [ConvenorFacts(*convenor) for convenor in invented.CONVENORS]
    campaign = make_campaign(session, owner, facts, convenors, invented.CHRONOLOGY)
    for name, email, role in COLLEAGUES:
        add_member(session, campaign, actor, email, role, name=name)
    signatories = add_people(session, campaign, actor, [_entry(person) for person in PEOPLE])
    return Stage(campaign, actor, _institutions(session, actor), signatories)


def _institutions(session: Session, actor: str) -> list[str]:
    names = (invented.INSTITUTION, invented.SECOND_INSTITUTION)
    bodies = [create_institution(session, actor, InstitutionFacts(name)) for name in names]
    for number, office, person, salutation, email, language in invented.RECIPIENTS:
        add_recipient(session, actor, bodies[number], RecipientFacts(office, salutation, email, person, language))
    return [body.public_id for body in bodies]


def _entry(person: Person) -> NewEntry:
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


def _answer(session: Session, actor: str, statement: Statement, ticket: Ticket, person: Person) -> None:
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


def _consent(person: Person, sha256: str) -> Consent:
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
