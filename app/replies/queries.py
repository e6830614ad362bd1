"""Read outcomes and replies, for the desk and for readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.locales import direction
from app.base.markdown import to_html
from app.replies.models import Outcome
from app.replies.states import NoSuchOutcome

MOST_OUTCOMES = 100


@dataclass(frozen=True)
class OutcomeShown:
    """One outcome as pages show it."""

    public_id: str
    statement_id: int | None
    language: str
    happened_on: date
    title: str
    text: str
    quotation: str
    quotation_speaker: str
    source_name: str
    source_url: str

    @property
    def html(self) -> Markup:
        """The text as safe HTML."""
        return to_html(self.text)

    @property
    def direction(self) -> str:
        """In which direction it is read."""
        return direction(self.language)


def outcomes_of(session: Session, campaign_id: int, statement_id: int | None = None) -> list[OutcomeShown]:
    """Return the outcomes of a campaign, or of one of its statements, newest first; all of them are public."""
    query = select(Outcome).where(Outcome.campaign_id == campaign_id)
    if statement_id is not None:
        query = query.where(Outcome.statement_id == statement_id)
    rows = session.scalars(query.order_by(Outcome.happened_on.desc(), Outcome.id.desc()).limit(MOST_OUTCOMES))
    return [outcome_shown(row) for row in rows]


def outcome_of(session: Session, campaign_id: int, public_id: str) -> Outcome:
    """Return one outcome of a campaign; raises NoSuchOutcome."""
    found = session.scalars(
        select(Outcome).where(Outcome.campaign_id == campaign_id, Outcome.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NoSuchOutcome
    return found


def outcome_shown(row: Outcome) -> OutcomeShown:
    """Return an outcome as pages show it."""
    return OutcomeShown(
        row.public_id, row.statement_id, row.language, row.happened_on, row.title, row.text, row.quotation,
        row.quotation_speaker, row.source_name, row.source_url,
    )  # fmt: skip
