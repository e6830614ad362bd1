"""Appeals in any state, with the people whom law 6 asks for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Organiser
from app.appeals import actions
from app.appeals.dossier import prepare_dossier
from app.appeals.jobs import work_on_appeals
from app.appeals.models import Appeal
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.institutions.models import Institution
from app.signatures.models import Signature
from app.statements.actions import close_statement
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.accounts import make_organiser
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import make_institution
from tests.factories.kept import kept
from tests.factories.signatures import make_signature
from tests.factories.statements import TITLE, make_statement

NAMES = {
    Visibility.PUBLIC: "Ana Public",
    Visibility.INSTITUTION: "Ines Institution",
    Visibility.COUNTED: "Carl Counted",
    Visibility.PSEUDONYM: "Petra Pseudonym",
}


@dataclass(frozen=True)
class Scene:
    """A closed statement, the people who signed it, and those who work on it."""

    campaign: Campaign
    statement: Statement
    institution: Institution
    owner: Organiser
    coordinator: Organiser
    approver: Organiser
    signatures: dict[Visibility, Signature]


@kept
def make_scene(
    session: Session, *, closed: bool = True, recipients: int = 1, language: str = "en", title: str = TITLE
) -> Scene:
    """Make a statement signed in each of the four ways, and the people who may bring it out."""
    owner = make_organiser(session)
    campaign = make_campaign(session, owner, language=language)
    institution = make_institution(session, recipients=recipients)
    statement = make_statement(session, campaign, institutions=[institution], language=language, title=title)
    signatures = {
        visibility: make_signature(session, statement, visibility=visibility, name=name)
        for visibility, name in NAMES.items()
    }
    if closed:
        close_statement(session, owner.public_id, statement)
        session.refresh(statement)
    coordinator = make_member(session, campaign, Role.COORDINATOR)
    approver = make_member(session, campaign, Role.APPROVER)
    return Scene(campaign, statement, institution, owner, coordinator, approver, signatures)


@kept
def make_appeal(
    session: Session, scene: Scene | None = None, *, approved: bool = False, released: bool = False
) -> Appeal:
    """Assemble an appeal as the coordinator; `approved` by the approver, `released` by the coordinator."""
    scene = scene or make_scene(session)
    appeal = actions.assemble(
        session, scene.coordinator.public_id, scene.statement, prepare_dossier(session, scene.statement)
    )
    if approved or released:
        actions.approve(session, scene.approver.public_id, appeal.public_id, appeal.manifest_sha256)
    if released:
        actions.release(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)
    return session.scalars(
        select(Appeal).where(Appeal.public_id == appeal.public_id).execution_options(populate_existing=True)
    ).one()


def order_and_make(app: Flask, client: FlaskClient, url: str, **form: str) -> TestResponse:
    """Post an order about an appeal, and do at once in this process what a worker would; return the answer."""
    answer = client.post(url, data=form)
    with app.app_context():
        work_on_appeals(app)
    return answer
