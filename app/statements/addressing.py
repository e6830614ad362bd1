"""Whom statements are addressed to: how addressees are called, and what campaigns still have to decide about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Subquery, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.institutions.models import Institution, InstitutionVersion
from app.institutions.proposals import accepted_fact, waiting_institutions, waiting_recipients
from app.statements.chosen import is_meant
from app.statements.models import Addressee, Statement, Version
from app.statements.states import UNSENT


def addressed_name() -> ColumnElement[str]:
    """Return how an addressee is called, inside a query over Institution, Addressee and Statement."""
    accepted = accepted_fact(InstitutionVersion.name, Statement.campaign_id)
    return func.coalesce(Addressee.frozen_name, accepted, Institution.name)


def name_in_appeal() -> ColumnElement[str]:
    """Return how a frozen version calls an institution, whatever it is renamed to later; joined by `is_addressee`."""
    return func.coalesce(Addressee.frozen_name, Institution.name)


def is_addressee(version_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Join the addressee of a version that is the institution."""
    return (Addressee.version_id == version_id) & (Addressee.institution_id == Institution.id)


def waiting_by_statement(session: Session, statement_ids: Sequence[int]) -> dict[int, int]:
    """Count, for statements that may still be handed over, what is proposed and not decided about their addressees."""
    found: dict[int, int] = defaultdict(int)
    for counting in _counting():
        for statement_id, number in session.execute(counting, {"statement_ids": list(statement_ids)}):
            found[statement_id] += number
    return dict(found)


@cache
def _counting() -> tuple[Select[Any], ...]:
    """Count what waits of recipients and of institutions; put together once, which takes longer than asking."""
    some: BindParameter[Any] = bindparam("statement_ids", expanding=True)
    return tuple(
        addressing(Statement.id, func.count())
        .join(
            waiting,
            (waiting.c.campaign_id == Statement.campaign_id) & (waiting.c.institution_id == Addressee.institution_id),
        )
        .where(Statement.id.in_(some), Statement.state.in_(UNSENT), is_matter_of(waiting))
        .group_by(Statement.id)
        for waiting in (waiting_recipients().subquery(), waiting_institutions().subquery())
    )


def is_matter_of(waiting: Subquery) -> ColumnElement[bool]:
    """Choose, of what waits for a campaign, what its statement's letters would go by: who is in no chosen group is not.

    Inside a query that `addressing` began.
    """
    if "recipient_id" not in waiting.c:
        return true()
    return is_meant(Version.id, Addressee.institution_id, waiting.c.recipient_id)


def count_waiting(session: Session, statement_id: int) -> int:
    """Count what is proposed and not decided about one statement's addressees."""
    return waiting_by_statement(session, [statement_id]).get(statement_id, 0)


def addressing(*columns: Any) -> Select[Any]:
    """Choose from statements with the addressees of the version that is in force, or of the draft."""
    is_draft = Statement.current_version_id.is_(None) & Version.frozen_at.is_(None)
    return (
        select(*columns)
        .select_from(Statement)
        .join(
            Version,
            (Version.statement_id == Statement.id) & ((Version.id == Statement.current_version_id) | is_draft),
        )
        .join(Addressee, Addressee.version_id == Version.id)
    )
