"""A statement with so many addressees that its invitation is a mail of about ten kilobytes, and people to be asked."""

from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts.actions import create_organiser
from app.accounts.states import FIRST_RIGHTS
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.actions import create_campaign
from app.campaigns.models import Campaign
from app.campaigns.states import CampaignFacts
from app.directory.actions import add_signatories
from app.institutions.actions import create_institution
from app.institutions.states import InstitutionFacts
from app.invitations.actions import prepare
from app.invitations.bulk_orders import order
from app.invitations.jobs import work_off_askings
from app.invitations.queries import not_yet_invited
from app.invitations.states import Errand
from app.mail.models import Mail, MailAddress, MailAttempt
from app.mail.sending.models import MailLane, MailSeat
from app.mail.states import MailState
from app.statements import actions, drafting
from app.statements.drafting import DraftText
from app.statements.models import Statement
from app.statements.queries import slug_of
from app.statements.states import StatementKind
from bench.scene import ACTOR, CHUNK, somebody

ADDRESSEES = 30


def open_wide_statement(app: Flask, owner_name: str) -> int:
    """Open a statement to many institutions, in a campaign of its own, and return its row id."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        owner = create_organiser(session, ACTOR, "Bench Owner", f"{owner_name}@example.org", rights=FIRST_RIGHTS)
        facts = CampaignFacts(title="Legal assistance", summary="A cause of the bench.", language="en", slug="")
        campaign = create_campaign(session, owner, facts)
        return _open(session, campaign).id


def _open(session: Session, campaign: Campaign) -> Statement:
    title = "Examine every request for legal assistance"
    statement = actions.create_statement(
        session, ACTOR, campaign, title=title, language="en", kind=StatementKind.STATEMENT
    )
    draft = DraftText(title, "What we ask and why.", "We ask that it be examined. " * 20, ("Examine it.",))
    drafting.save_draft(session, ACTOR, statement, "en", draft, 1)
    bodies = [
        create_institution(
            session, ACTOR, InstitutionFacts(f"Ministry of Justice, department for legal assistance {each}", "FR"),
            is_another=True,
        ).public_id
        for each in range(ADDRESSEES)
    ]  # fmt: skip
    drafting.set_addressees(session, ACTOR, statement, bodies)
    settings = actions.StatementSettings(
        kind=statement.kind, slug=slug_of(session, statement), language="en", deadline_at=None, zone="UTC",
        goal=None, contact_name="Bench Owner", contact_email="owner@example.org",
    )  # fmt: skip
    actions.change_settings(session, ACTOR, statement, settings)
    actions.open_statement(session, ACTOR, statement)
    return statement


def prepare_people(app: Flask, statement_id: int, number: int) -> None:
    """Put people into the directory and prepare an invitation for each; nobody is asked yet."""
    database: Database = parts_of(app).database
    for start in range(0, number, CHUNK):
        with database.writing() as session:
            statement = session.get_one(Statement, statement_id)
            campaign = session.get_one(Campaign, statement.campaign_id)
            entries = [somebody(each) for each in range(start, min(start + CHUNK, number))]
            add_signatories(session, campaign, ACTOR, entries)
            prepare(session, ACTOR, statement, [row for row, _public_id in not_yet_invited(session, statement)])


def ask_all(app: Flask, statement_id: int, number: int) -> None:
    """Order that everybody prepared is asked, and work the order off as the calendar's job does."""
    order_all(app, statement_id, number)
    work_off_orders(app)


def order_all(app: Flask, statement_id: int, number: int) -> None:
    """Order that everybody prepared is asked."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        order(session, ACTOR, session.get_one(Statement, statement_id), Errand.ASK, number)


def work_off_orders(app: Flask) -> None:
    """Work off every order without a rest, as nobody else wants to write."""
    work_off_askings(app, None, 0.0)


def queue_again(app: Flask) -> None:
    """Put the outbox back to how it was before anything was sent."""
    database: Database = parts_of(app).database
    with database.writing() as session:
        for table in (MailAttempt, MailAddress, MailLane, MailSeat):
            session.execute(delete(table))
        session.execute(
            update(Mail).values(
                state=MailState.QUEUED, attempts=0, handovers=0, failures=0, has_slot=False, trouble=None,
                lease_until=None, finished_at=None, due_at=clock.now(),
            )
        )  # fmt: skip
