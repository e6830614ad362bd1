"""What the desk's pages about statements share: who enters, what stands around a page, and what was typed too late."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.base.blueprints import Pages
from app.base.locales import InOneLanguage, gettext as _, lazy_gettext as _l
from app.base.moments import Moment, moment_of
from app.base.signposts import Signpost, address, signposts
from app.campaigns.access import Access, enter_by_id
from app.campaigns.navigation import CampaignFrame, CampaignTab, Tab, frame_of
from app.campaigns.states import WRITERS, Capability, Role
from app.statements import queries
from app.statements.models import Statement, Version
from app.statements.states import StatementState

blueprint = Pages("statements", __name__, url_prefix="/desk")

BEGUN = frozenset(StatementState) - {StatementState.DRAFTING}


@dataclass(frozen=True, kw_only=True)
class StatementTab(Signpost):
    """A page of every statement that a stage puts up, in the order of a statement's life.

    It is shown to roles with its capability, once the statement has come to one of its states. `covers` names pages
    that lie below it; without any, all pages of its blueprint do.
    """

    label: object  # lazy: in the language of its reader
    capability: Capability = Capability.VIEW
    states: frozenset[StatementState] = frozenset(StatementState)
    covers: frozenset[str] = frozenset()

    def is_current(self, endpoint: str) -> bool:
        """Tell whether the page at an endpoint is this one or lies below it."""
        if self.covers:
            return endpoint == self.endpoint or endpoint in self.covers
        return endpoint.partition(".")[0] == self.endpoint.partition(".")[0]


SIGNPOSTS = [
    CampaignTab(endpoint="statements.list_statements", label=_l("Statements"), position=20),
    StatementTab(endpoint="statements.show_statement", label=_l("Statement"), position=10),
]
# Places of later stages' pages.
READERS_STATEMENT = "a statement as readers see it"
APPEAL = "a statement's appeal"
DELIVERIES = "a statement's deliveries"
RELEASE = "an appeal's release"
RECORD_REPLY = "an answer to a delivery"


@dataclass(frozen=True)
class Here(InOneLanguage):
    """A statement's page: what stands around it, and what its visitor may do."""

    frame: CampaignFrame
    tabs: tuple[Tab, ...]
    public_id: str
    slug: str
    title: str
    language: str
    state: StatementState
    kind: str
    version_number: int
    zone: str
    deadline: Moment | None
    deadline_passed: bool
    may_edit: bool
    may_set: bool
    may_open: bool

    @property
    def is_draft(self) -> bool:
        """Tell whether it can still be written."""
        return self.state is StatementState.DRAFTING

    @property
    def is_open(self) -> bool:
        """Tell whether it is open and was not closed yet, whatever the deadline."""
        return self.state is StatementState.OPEN

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The way back to the statement."""
        return [(self.title or _("Statement"), url_for("statements.show_statement", statement=self.public_id))]


@dataclass(frozen=True)
class Entered:
    """A statement that an organiser entered with the capability that the page needs."""

    access: Access
    statement: Statement
    version: Version

    @property
    def actor(self) -> str:
        """The organiser who changes something here."""
        return self.access.organiser


def entered(session: Session, public_id: str, capability: Capability) -> Entered:
    """Enter a statement; raises NoSuchStatement, NoSuchCampaign, RoleTooNarrow."""
    statement = queries.statement_by_public_id(session, public_id)
    access = enter_by_id(session, statement.campaign_id, capability)
    return Entered(access, statement, queries.version_of(session, statement))


def here(session: Session, found: Entered) -> Here:
    """Return what surrounds a page of this statement."""
    statement, access = found.statement, found.access
    languages = queries.languages_of(session, found.version.id)
    title = next((row.title for row in languages if row.language == statement.language), "")
    return Here(
        frame=frame_of(session, access, "statements.list_statements"),
        tabs=_tabs(statement, access),
        public_id=statement.public_id,
        slug=queries.slug_of(session, statement),
        title=title,
        language=statement.language,
        state=statement.state,
        kind=statement.kind.label,
        version_number=found.version.number,
        zone=statement.zone,
        deadline=moment_of(statement.deadline_at, statement.zone),
        deadline_passed=queries.deadline_passed(statement),
        may_edit=access.may(Capability.EDIT) and statement.state is StatementState.DRAFTING,
        may_set=access.may(Capability.EDIT) and statement.state is not StatementState.WITHDRAWN,
        may_open=access.may(Capability.OPEN),
    )


def sees_recipients(found: Entered) -> bool:
    """Tell whether somebody may see whom the letters go to: who writes, and who approves."""
    return found.access.role in {*WRITERS, Role.APPROVER}


def recipients_url(found: Entered) -> str:
    """Return the page of whom the letters go to, for those who may see it."""
    return url_for("statements.list_recipients", statement=found.statement.public_id) if sees_recipients(found) else ""


def posted() -> MultiDict[str, str] | None:
    """Return what a form was sent with; None where the page is only looked at, so that saved values are shown."""
    return request.form if request.method == "POST" else None


def _tabs(statement: Statement, access: Access) -> tuple[Tab, ...]:
    """Return the pages of a statement that its state has come to and that the role reaches."""
    return tuple(
        Tab(address(tab.endpoint, statement.public_id), str(tab.label), tab.is_current(request.endpoint or ""))
        for tab in signposts().of(StatementTab)
        if access.may(tab.capability) and statement.state in tab.states
    )
