"""Record what changed in the world, correct it, remove it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.campaigns.models import Campaign
from app.replies.models import Outcome
from app.replies.states import NotYetHappened, QuotationNeedsSpeaker
from app.statements.models import Statement


@dataclass(frozen=True)
class OutcomeFacts:
    """An outcome as a form or a demonstration hands it over. A quotation needs its speaker."""

    happened_on: date
    title: str
    text: str = ""
    quotation: str = ""
    quotation_speaker: str = ""
    source_name: str = ""
    source_url: str = ""
    language: str = "en"


def record_outcome(
    session: Session, actor: str, campaign: Campaign, facts: OutcomeFacts, statement: Statement | None = None
) -> Outcome:
    """Record an outcome of a campaign or of one of its statements; readers see it at once.

    Raises QuotationNeedsSpeaker and NotYetHappened.
    """
    _check(facts)
    outcome = Outcome(
        campaign_id=campaign.id,
        statement_id=statement.id if statement is not None else None,
        created_at=clock.now(),
        **asdict(facts),
    )
    session.add(outcome)
    session.flush()
    record(session, actor, "outcome.recorded", outcome.public_id, campaign.public_id)
    return outcome


def change_outcome(
    session: Session, actor: str, campaign: Campaign, outcome: Outcome, facts: OutcomeFacts, statement: Statement | None
) -> None:
    """Correct an outcome; what was there before is in no page any more, and the audit tells that it changed."""
    _check(facts)
    for name, value in asdict(facts).items():
        setattr(outcome, name, value)
    outcome.statement_id = statement.id if statement is not None else None
    record(session, actor, "outcome.changed", outcome.public_id, campaign.public_id)


def remove_outcome(session: Session, actor: str, campaign: Campaign, outcome: Outcome) -> None:
    """Take an outcome off the pages."""
    session.delete(outcome)
    record(session, actor, "outcome.removed", outcome.public_id, campaign.public_id)


def _check(facts: OutcomeFacts) -> None:
    if facts.quotation and not facts.quotation_speaker:
        raise QuotationNeedsSpeaker
    # Somewhere on earth it is already tomorrow.
    if facts.happened_on > clock.now().date() + timedelta(days=1):
        raise NotYetHappened
