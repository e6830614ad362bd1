"""Fill a database through the product's own actions: 10,000 invited to one statement, and more to sign another."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.accounts.actions import create_organiser
from app.accounts.models import Organiser
from app.accounts.sessions import start_session
from app.accounts.states import FIRST_RIGHTS
from app.base.database import Database
from app.base.keys import create_key_file
from app.base.links import LinkPurpose, make_token
from app.base.migrating import upgrade
from app.base.parts import parts_of
from app.campaigns.actions import create_campaign
from app.campaigns.models import Campaign
from app.campaigns.states import CampaignFacts
from app.directory.actions import add_signatories
from app.directory.models import Signatory
from app.directory.states import Details, NewEntry
from app.institutions.actions import add_recipient, create_institution
from app.institutions.states import InstitutionFacts, RecipientFacts
from app.invitations.actions import ask, prepare
from app.invitations.models import Invitation
from app.invitations.queries import not_yet_invited
from app.signatures.actions import Ticket, decline, sign
from app.signatures.queries import details_of_many
from app.signatures.states import Consent
from app.statements import actions, drafting
from app.statements.drafting import DraftText
from app.statements.models import Statement
from app.statements.queries import slug_of, text_of, version_of
from app.statements.states import StatementKind
from app.visibility.states import Visibility
from config import Settings

ACTOR = "bench"
INVITED = 10_000
SIGNED, DECLINED = 1_000, 200
CHUNK = 1_000
PARAGRAPHS = 12
COUNTRIES = ("UA", "KZ", "FR", "BY", "GE", "AM", "TR", "IR", "VN", "NG")
SURNAMES = ("Ковальчук", "Nguyễn", "Ахметов", "García Márquez", "خسروی", "Papadopoulou", "მელაძე", "Okonkwo")


@dataclass(frozen=True)
class Scene:
    """What the requests of the bench are about."""

    readers_slug: str  # the statement with 10,000 invited
    readers_public_id: str
    signing_public_id: str  # the statement that is signed in the runs
    invitation_paths: tuple[str, ...]
    cookie: str

    @property
    def public_path(self) -> str:
        """The page that readers see."""
        return f"/statements/{self.readers_slug}"

    @property
    def dashboard_path(self) -> str:
        """The page that coordinators see."""
        return f"/desk/statements/{self.readers_public_id}/dashboard"


def settings_for(folder: Path, database_url: str, port: int) -> Settings:
    """Give the product's settings for one server of the bench."""
    key_file = folder / "key"
    if not key_file.exists():
        create_key_file(key_file)
    return Settings(
        database_url=database_url,
        key_file=key_file,
        public_url=f"http://127.0.0.1:{port}",
        mail_url="smtp://127.0.0.1:1",
        mail_from="appeals@example.org",
        state_directory=folder,
    )


@contextmanager
def product(settings: Settings) -> Iterator[Flask]:
    """Join the product over these settings in this process, with its tables made."""
    app = create_app(settings)
    database: Database = parts_of(app).database
    upgrade(database.engine, None)
    with app.app_context():
        yield app
    database.engine.dispose()


def prepare_scene(app: Flask, to_sign: int, readers: int = INVITED) -> Scene:
    """Fill the database; `to_sign` more are invited to a second statement, each to sign once.

    Without readers nobody is invited to the first, or has signed it.
    """
    database: Database = parts_of(app).database
    with database.writing() as session:
        owner = create_organiser(session, ACTOR, "Bench Owner", "owner@example.org", rights=FIRST_RIGHTS)
        facts = CampaignFacts(title="Legal assistance", summary="A cause of the bench.", language="en", slug="")
        campaign = create_campaign(session, owner, facts)
        reading, signing = (_opened_statement(session, campaign, number) for number in (1, 2))
    if readers:
        _invite(database, campaign.id, reading.id, readers)
        _answer(database, reading)
    _invite(database, campaign.id, signing.id, to_sign)
    with database.writing() as session:
        secret = start_session(session, session.get_one(Organiser, owner.id), is_complete=True)
    return Scene(
        readers_slug=reading.slug,
        readers_public_id=reading.public_id,
        signing_public_id=signing.public_id,
        invitation_paths=tuple(_links(database, signing)),
        cookie=_cookie(app, secret),
    )


def invite_more(app: Flask, scene: Scene, number: int) -> None:
    """Put people into the directory and ask them to sign the second statement."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        statement = session.scalars(select(Statement).where(Statement.public_id == scene.signing_public_id)).one()
    _invite(database, statement.campaign_id, statement.id, number)


def _opened_statement(session: Session, campaign: Campaign, number: int) -> Statement:
    title = f"Examine every request for legal assistance ({number})"
    body = "\n\n".join(
        f"## Part {part}\n\n" + "We, the undersigned, ask that it be examined. " * 20 for part in range(PARAGRAPHS)
    )
    demands = (
        "Examine every request for political motives.",
        "Tell those concerned.",
        "Publish the figures each year.",
    )
    statement = actions.create_statement(
        session, ACTOR, campaign, title=title, language="en", kind=StatementKind.STATEMENT
    )
    drafting.save_draft(session, ACTOR, statement, "en", DraftText(title, "What we ask and why.", body, demands), 1)
    body_asked = create_institution(
        session, ACTOR, InstitutionFacts(f"Ministry of Justice {number}", "FR"), is_another=True
    )
    facts = RecipientFacts(
        office="Office of the Minister",
        person="",
        salutation="Dear Minister",
        email="office@example.org",
        language="en",
    )
    add_recipient(session, ACTOR, body_asked, facts)
    drafting.set_addressees(session, ACTOR, statement, [body_asked.public_id])
    settings = actions.StatementSettings(
        kind=statement.kind,
        slug=slug_of(session, statement),
        language="en",
        deadline_at=None,
        zone="UTC",
        goal=None,
        contact_name="Bench Owner",
        contact_email="owner@example.org",
    )
    actions.change_settings(session, ACTOR, statement, settings)
    actions.open_statement(session, ACTOR, statement)
    return statement


def somebody(number: int) -> NewEntry:
    surname, country = SURNAMES[number % len(SURNAMES)], COUNTRIES[number % len(COUNTRIES)]
    return NewEntry(
        Details(
            name=f"Amina {surname} {number % 10_000}",  # a longer number is refused as that of a telephone
            email=f"amina{number}@example.net",
            credential="Journalist",
            affiliation="Open Files",
            country=country,
            language="en",
        )
    )


def _invite(database: Database, campaign_id: int, statement_id: int, number: int) -> None:
    for start in range(0, number, CHUNK):
        with database.writing() as session:
            statement = session.get_one(Statement, statement_id)
            campaign = session.get_one(Campaign, campaign_id)
            entries = [somebody(statement.id * 1_000_000 + each) for each in range(start, min(start + CHUNK, number))]
            added = add_signatories(session, campaign, ACTOR, entries)
            wanted = set(added)
            open_ids = [row for row, public_id in not_yet_invited(session, statement) if public_id in wanted]
            prepare(session, ACTOR, statement, open_ids)
            asked = select(Invitation.public_id).where(
                Invitation.statement_id == statement.id, Invitation.signatory_id.in_(open_ids)
            )
            ask(session, ACTOR, statement, list(session.scalars(asked)))


def _answer(database: Database, statement: Statement) -> None:
    """Let some of the invited answer, a fixed choice at random."""
    with database.reading() as session:
        version = version_of(session, statement)
        sha256 = text_of(session, version.id, "en").sha256 or ""
        invitations = session.execute(
            select(Invitation.public_id, Invitation.link_generation, Signatory.public_id)
            .join(Signatory, Signatory.id == Invitation.signatory_id)
            .where(Invitation.statement_id == statement.id)
        ).all()
        chosen = random.Random(7).sample(list(invitations), SIGNED + DECLINED)
        # Whoever signs by another name than they were asked by is not listed before a coordinator has looked.
        known = details_of_many(session, [signatory for _invitation, _generation, signatory in chosen])
    choices = (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.PUBLIC, Visibility.INSTITUTION, Visibility.COUNTED)
    with database.writing() as session:
        for number, (public_id, generation, signatory) in enumerate(chosen):
            ticket = Ticket(public_id, statement.id, generation)
            if number < SIGNED:
                consent = Consent(
                    sha256,
                    "en",
                    choices[number % len(choices)],
                    name=known[signatory].name,
                    public_line="Journalist, Open Files",
                    country=COUNTRIES[number % len(COUNTRIES)],
                    pseudonym="",
                )
                sign(session, ticket, consent)
            else:
                decline(session, ticket, sha256, "en", "")


def _links(database: Database, statement: Statement) -> Iterator[str]:
    with database.reading() as session:
        wanted = select(Invitation.public_id, Invitation.link_generation).where(Invitation.statement_id == statement.id)
        for public_id, generation in session.execute(wanted.order_by(Invitation.id)):
            yield f"/i/{make_token(session, LinkPurpose.INVITATION, public_id, generation)}"


def _cookie(app: Flask, secret: str) -> str:
    """Sign a browser in without the password: only its cookie matters to the dashboard's speed."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
    name = app.config["SESSION_COOKIE_NAME"]
    held = client.get_cookie(name)
    return f"{name}={held.value}" if held else ""
