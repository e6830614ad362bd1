"""Statements in any state, with text, demands, an addressee, an annex and a contact."""

from __future__ import annotations

import itertools
from datetime import datetime

from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.institutions.models import Institution
from app.statements import actions, drafting, queries
from app.statements.drafting import DraftText, NewAnnex
from app.statements.models import AnnexKind, Statement
from app.statements.states import StatementKind
from tests.factories.campaigns import make_campaign
from tests.factories.institutions import accept_all, make_institution
from tests.factories.kept import kept

ACTOR = "factory"
_numbers = itertools.count(1)

TITLE = "Stop abusive requests for legal assistance"
SUMMARY = "We ask the ministry to examine each request before it is carried out."
BODY = "We, the undersigned, watched **politically motivated** requests being carried out.\n\nThis must end."
DEMANDS = ("Examine every request for political motives.", "Tell those concerned before their homes are searched.")


@kept
def make_statement(
    session: Session,
    campaign: Campaign | None = None,
    *,
    opened: bool = True,
    closed: bool = False,
    delivered: bool = False,
    withdrawn: bool = False,
    language: str = "en",
    title: str = TITLE,
    demands: tuple[str, ...] = DEMANDS,
    institutions: list[Institution] | None = None,
    deadline_at: datetime | None = None,
    kind: StatementKind = StatementKind.STATEMENT,
) -> Statement:
    """Make a complete statement, open for signing unless told otherwise; its campaign accepts every recipient."""
    campaign = campaign or make_campaign(session, language=language)
    statement = actions.create_statement(session, ACTOR, campaign, title=title, language=language, kind=kind)
    drafting.save_draft(session, ACTOR, statement, language, DraftText(title, SUMMARY, BODY, demands), 1)
    bodies = institutions or [make_institution(session)]
    drafting.set_addressees(session, ACTOR, statement, [body.public_id for body in bodies])
    accept_all(session, campaign.id)
    actions.change_settings(session, ACTOR, statement, _settings(session, statement, language, deadline_at))
    if opened or closed or delivered:
        actions.open_statement(session, ACTOR, statement)
    if closed or delivered:
        actions.close_statement(session, ACTOR, statement)
    if delivered:
        actions.mark_delivered(session, ACTOR, statement)
    if withdrawn:
        actions.withdraw(session, ACTOR, statement)
    return statement


@kept
def make_annex(
    session: Session, statement: Statement, *, title: str = "Detailed report", language: str = "en"
) -> queries.AnnexRow:
    """Add a Markdown annex to a draft; each has words of its own."""
    content = f"# {title}\n\nReport {next(_numbers)}, with a note.[^1]\n\n[^1]: The note.\n".encode()
    new = NewAnnex(AnnexKind.MARKDOWN, language, title, "report.md", content)
    return drafting.add_annex(session, ACTOR, statement, new)


def sha256_of(session: Session, statement: Statement, language: str | None = None) -> str:
    """Return the hash of an opened statement's text."""
    version = queries.version_of(session, statement)
    return queries.text_of(session, version.id, language or statement.language).sha256 or ""


def _settings(
    session: Session, statement: Statement, language: str, deadline_at: datetime | None
) -> actions.StatementSettings:
    return actions.StatementSettings(
        kind=statement.kind,
        slug=queries.slug_of(session, statement),
        language=language,
        deadline_at=deadline_at,
        zone="UTC",
        goal=None,
        contact_name="Marta Kowalska",
        contact_email="marta@example.org",
    )
