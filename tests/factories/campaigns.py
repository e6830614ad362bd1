"""Campaigns for tests, with the people they need."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.audit.actions import SYSTEM
from app.base import clock
from app.campaigns.actions import create_campaign
from app.campaigns.members import join
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import CampaignFacts, Role
from tests.factories.accounts import make_organiser
from tests.factories.kept import kept

LONG_AGO = timedelta(days=60)
_numbers = count(1)


@kept
def make_campaign(
    session: Session, owner: Organiser | None = None, *, title: str = "", slug: str = "", language: str = "en"
) -> Campaign:
    """Create a campaign; without an owner it gets one of its own, known to others for long."""
    facts = CampaignFacts(
        title=title or f"Keep the archive open {next(_numbers)}",
        summary="The city wants to close its archive of the trials.",
        language=language,
        slug=slug,
    )
    owner = owner or make_organiser(session)
    campaign = create_campaign(session, owner, facts)
    settle(session, campaign, owner)
    return campaign


@kept
def make_member(
    session: Session,
    campaign: Campaign,
    role: Role,
    organiser: Organiser | None = None,
    *,
    by: str = SYSTEM,
    is_settled: bool = True,
) -> Organiser:
    """Let an organiser work on a campaign in a role and return them; without one, a new one is made.

    They are confirmed and long there, as a person who approves has to be, unless `is_settled` says otherwise.
    """
    organiser = organiser or make_organiser(session, may_create_campaigns=False)
    join(session, campaign, organiser, role, by)
    if is_settled:
        settle(session, campaign, organiser)
    return organiser


def settle(session: Session, campaign: Campaign, organiser: Organiser) -> None:
    """Let a member have come long ago, and the person who keeps the machine have confirmed them; nobody is told."""
    long_ago = clock.now() - LONG_AGO
    mine = (Membership.campaign_id == campaign.id) & (Membership.organiser_id == organiser.id)
    has_role = Membership.approves_since.is_not(None)
    session.execute(
        update(Membership).where(mine).values(created_at=long_ago, confirmed_by=SYSTEM, confirmed_at=long_ago)
    )
    session.execute(update(Membership).where(mine, has_role).values(approves_since=long_ago))
