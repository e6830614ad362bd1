"""What the dashboards' pages share: their blueprint, what stands around a statement, and ways to other stages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.locales import lazy_gettext as _l
from app.base.parts import parts
from app.base.signposts import Landmark
from app.campaigns.navigation import OVERVIEW, CampaignTab
from app.campaigns.states import Capability
from app.dashboards.remembered import Remembered
from app.statements.desk import BEGUN, Entered, Here, StatementTab, entered, here

blueprint = Pages("dashboards", __name__, url_prefix="/desk")

_CAMPAIGN, _DASHBOARD, _PEOPLE, _SIGNATORIES = (
    f"dashboards.{page}" for page in ("show_campaign", "show_dashboard", "list_people", "list_signatories")
)
SIGNPOSTS = [
    Landmark(name=OVERVIEW, endpoint=_CAMPAIGN),
    CampaignTab(endpoint=_CAMPAIGN, label=_l("Overview"), position=10),
    StatementTab(endpoint=_DASHBOARD, label=_l("Dashboard"), states=BEGUN, position=30, covers=frozenset({_DASHBOARD})),
    StatementTab(
        endpoint=_PEOPLE,
        label=_l("People"),
        capability=Capability.SEE_PEOPLE,
        states=BEGUN,
        position=40,
        covers=frozenset({_PEOPLE, "dashboards.show_person"}),
    ),
    StatementTab(
        endpoint=_SIGNATORIES, label=_l("Signatories"), states=BEGUN, position=50, covers=frozenset({_SIGNATORIES})
    ),
]


_REMEMBERED = "dashboards"


def remembered() -> Remembered:
    """Return what this process has in mind of what dashboards opened."""
    found: Remembered = parts().remembered.setdefault(_REMEMBERED, Remembered())
    return found


@dataclass(frozen=True)
class StatementFrame:
    """What stands around a page about one statement."""

    here: Here


def statement_frame(session: Session, found: Entered) -> StatementFrame:
    """Return what stands around a page about one statement."""
    return StatementFrame(here(session, found))


def enter_statement(session: Session, statement: str, capability: Capability) -> Entered:
    """Enter a statement by its public id; raises NotFound and RoleTooNarrow."""
    return entered(session, statement, capability)
