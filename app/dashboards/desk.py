"""What the dashboards' pages share: their blueprint, what stands around a statement, and ways to other stages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, url_for
from sqlalchemy.orm import Session

from app.campaigns.states import Capability
from app.statements.desk import Entered, Here, entered, here

blueprint = Blueprint("dashboards", __name__, url_prefix="/desk")


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


def url_of(endpoint: str, **values: str | None) -> str:
    """Return the address of a page of any stage; nothing where this installation has no such page."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **values)  # type: ignore[arg-type]
