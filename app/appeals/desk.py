"""The door of every desk page of an appeal: its statement's, and who may read what the addressee reads."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.appeals.queries import appeal
from app.campaigns.states import Capability, RoleTooNarrow
from app.statements.desk import Entered, entered
from app.statements.queries import statement_by_id


def entered_appeal(session: Session, public_id: str, capability: Capability) -> tuple[Appeal, Entered]:
    """Enter an appeal through its statement; raises NoSuchAppeal, NoSuchCampaign, RoleTooNarrow."""
    found = appeal(session, public_id)
    statement = statement_by_id(session, found.statement_id)
    return found, entered(session, statement.public_id, capability)


def sees_letters(doer: Entered) -> bool:
    """Tell whether somebody may read what only the addressee reads: who assembles, and who approves."""
    return doer.access.may(Capability.ASSEMBLE) or doer.access.may(Capability.APPROVE)


def check_sees_letters(doer: Entered) -> None:
    """Raise RoleTooNarrow for people who may not read letters and addressees' documents."""
    if not sees_letters(doer):
        raise RoleTooNarrow(doer.access.role)
