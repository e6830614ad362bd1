"""Looking changes nothing (design law 1): every page that links lead to is visited, and every table is as it was."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organiser
from app.base.database import Base, Database
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.demonstration.load import load
from app.invitations.models import Invitation
from app.signatures.models import SignatureChange
from config import Settings
from tests.architecture import plans, rows
from tests.architecture.crawling import Visit, crawl
from tests.factories.accounts import sign_in
from tests.factories.statements import make_annex, make_statement
from tests.servers.smtp import SmtpServer

# Addresses to which no page of the demonstration links. A new page that nobody can reach is not in here, and fails.
UNLINKED = {
    # Led to by the door and the guard; passkeys, once there is an app.
    "/sign-in/code",
    "/sign-in/second-factor",
    "/sign-in/second-factor/picture.png",
    "/desk/confirm",
    "/desk/account/second-factor/passkeys/new",
    # For machines.
    "/healthz",
    "/readyz",
    # Linked in mails only, or reached by a form.
    "/desk/confirm/download",
    "/password/<token>",
    "/u/<token>",
    "/u/reminders/<token>",
    "/desk/campaigns/<public_id>/text",
    # Linked where there is a second language, or more names than one page holds.
    "/campaigns/<slug>/<language>",
    "/i/<token>/<language>",
    "/statements/<slug>/signatories",
    "/statements/<slug>/<language>/signatories",
    # Linked where a list is longer than what is handed out at once.
    "/desk/campaigns/<campaign>/exports/<export>",
    "/desk/campaigns/<campaign>/exports/<export>/file",
    # Linked while an import, a release or a draft of news is under way; an appeal's PDF once per language.
    "/desk/campaigns/<campaign>/signatories/imports/<upload>",
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/columns",
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/left-out.csv",
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/review",
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/undo",
    "/desk/campaigns/<campaign>/updates/<update>/publish",
    "/desk/appeals/<appeal>/letters/<letter>/edit",
    "/desk/appeals/<appeal>/release",
    "/statements/<slug>/appeal.pdf",
    # Linked while a list of institutions is under way, or where there are groups of recipients.
    "/desk/institutions/lists/<register>",
    "/desk/institutions/lists/<register>/columns",
    "/desk/institutions/lists/<register>/left-out.csv",
    "/desk/institutions/lists/<register>/review",
    "/desk/statements/<statement>/addressees/<institution>/groups",
}


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    """Settings with a relay that takes mail: the demonstration hands an appeal over."""
    return replace(settings, mail_url=smtp_server.url)


@pytest.fixture
def lively(either_app: Flask) -> Flask:
    """The application with the demonstration and a draft: statements, invitations and answers in every state."""
    load(either_app)
    with either_app.app_context(), _database(either_app).writing() as session:
        campaign = session.scalars(select(Campaign).order_by(Campaign.id)).first()
        make_annex(session, make_statement(session, campaign, opened=False))
    # The context ends here: inside one, all requests would share the first one's visitor.
    return either_app


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _invitation_links(app: Flask) -> list[str]:
    with _database(app).reading() as session:
        wanted = select(Invitation.public_id, Invitation.link_generation).order_by(Invitation.id)
        return [f"/i/{make_token(session, LinkPurpose.INVITATION, *row)}" for row in session.execute(wanted)]


def _change_links(app: Flask) -> list[str]:
    """Return the links of the mails that tell of a changed signature."""
    with _database(app).reading() as session:
        ids = session.scalars(select(SignatureChange.public_id)).all()
        assert ids
        return [f"/m/changes/{make_token(session, LinkPurpose.CHANGE, public_id, 1)}" for public_id in ids]


def _owner_client(app: Flask) -> FlaskClient:
    with _database(app).reading() as session:
        owner = session.scalars(select(Organiser).order_by(Organiser.id)).first()
        assert owner is not None
        return sign_in(app.test_client(), app, owner)


def _visits(app: Flask) -> tuple[list[Visit], list[str], dict[str, plans.Asked]]:
    """Visit all that a stranger, the invited and the owner can reach; name the tables that changed meanwhile.

    What the database was asked for it is returned as well.
    """
    owner, stranger, invited = _owner_client(app), app.test_client(), [*_invitation_links(app), *_change_links(app)]
    before = rows.contents(_database(app).engine, Base.metadata)
    with plans.noting(_database(app).engine) as asked:
        visits = [*crawl(app, stranger, ["/", "/verify", "/sign-in", *invited]), *crawl(app, owner, ["/desk"])]
    after = rows.contents(_database(app).engine, Base.metadata)
    return visits, rows.changed_tables(before, after), asked


def test_looking_changes_nothing_and_leads_somewhere(lively: Flask) -> None:
    visits, changed, asked = _visits(lively)
    assert changed == []
    assert [visit for visit in visits if visit.status >= 500 or visit.status in {400, 404, 405}] == []
    visited = {visit.rule for visit in visits}
    every = {rule.rule for rule in lively.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert " ".join(sorted(every - visited - UNLINKED)) == ""
    _check_plans(lively, asked)


def _check_plans(app: Flask, asked: dict[str, plans.Asked]) -> None:
    """Every statement on any page goes by an index wherever there is much; one index less would be noticed."""
    assert len(asked) > 150
    found, spoilt = plans.walks(_database(app).engine, asked)
    assert not found, "\n\n".join(f"{walk}: {statement}" for statement, walk in found.items())
    assert spoilt
