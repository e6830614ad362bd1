"""Campaigns for tests, with the people they need."""

from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.campaigns.actions import create_campaign
from app.campaigns.members import join
from app.campaigns.models import Campaign
from app.campaigns.states import CampaignFacts, Role
from tests.factories.accounts import make_organiser

_numbers = count(1)


def make_campaign(
    session: Session, owner: Organiser | None = None, *, title: str = "", slug: str = "", language: str = "en"
) -> Campaign:
    """Create a campaign; without an owner it gets one of its own."""
    facts = CampaignFacts(
        title=title or f"Keep the archive open {next(_numbers)}",
        summary="The city wants to close its archive of the trials.",
        language=language,
        slug=slug,
    )
    return create_campaign(session, owner or make_organiser(session), facts)


def make_member(session: Session, campaign: Campaign, role: Role, organiser: Organiser | None = None) -> Organiser:
    """Let an organiser work on a campaign in a role and return them; without one, a new one is made."""
    organiser = organiser or make_organiser(session, may_create_campaigns=False)
    join(session, campaign, organiser, role)
    return organiser
