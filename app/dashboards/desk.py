"""What the dashboards' pages share: their blueprint, the tabs of a statement, and ways to the other stages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, request, url_for
from sqlalchemy.orm import Session

from app.base.locales import lazy_gettext as _l
from app.campaigns.states import Capability
from app.statements.desk import Entered, Here, entered, here

blueprint = Blueprint("dashboards", __name__, url_prefix="/desk")

# The pages about the people of one statement. Those of other stages are shown where these are installed.
_TABS = (
    ("statements.show_statement", _l("Statement"), Capability.VIEW),
    ("dashboards.show_dashboard", _l("Dashboard"), Capability.VIEW),
    ("invitations.show_invitations", _l("Invite"), Capability.ASK),
    ("dashboards.list_people", _l("People"), Capability.SEE_PEOPLE),
    ("dashboards.list_signatories", _l("Signatories"), Capability.VIEW),
)
# One person's page belongs to the list of people.
_ABOVE = {"dashboards.show_person": "dashboards.list_people"}


@dataclass(frozen=True)
class Tab:
    """One page about a statement."""

    url: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class StatementFrame:
    """What stands around a page about one statement."""

    here: Here
    tabs: tuple[Tab, ...]


def statement_frame(session: Session, found: Entered) -> StatementFrame:
    """Return the campaign's frame with the tabs of one of its statements."""
    statement = found.statement.public_id
    tabs = tuple(
        Tab(url, str(label), endpoint == _ABOVE.get(request.endpoint or "", request.endpoint))
        for endpoint, label, capability in _TABS
        if found.access.may(capability) and (url := url_of(endpoint, statement=statement))
    )
    return StatementFrame(here(session, found), tabs)


def enter_statement(session: Session, statement: str, capability: Capability) -> Entered:
    """Enter a statement by its public id; raises NotFound and RoleTooNarrow."""
    return entered(session, statement, capability)


def url_of(endpoint: str, **values: str | None) -> str:
    """Return the address of a page of any stage; nothing where this installation has no such page."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **values)  # type: ignore[arg-type]
