"""Whose confirmation awaits the person at the desk, in all campaigns where they may be asked."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.accounts.sessions import current_organiser_id
from app.campaigns.access import campaigns_to_confirm_in
from app.campaigns.models import Campaign
from app.campaigns.vouching import Vouching, vouching_of


def unconfirmed(session: Session) -> Iterator[tuple[Campaign, str, Vouching]]:
    """Yield each member who awaits confirmation: the campaign, their public id, and who stands for whom there."""
    campaigns = campaigns_to_confirm_in(session)
    known = vouching_of(session, [each.id for each in campaigns])
    for campaign in campaigns:
        for public_id, vouched in known[campaign.id].approvers.items():
            if not vouched.is_confirmed:
                yield campaign, public_id, known[campaign.id]


def count_to_confirm(session: Session) -> int:
    """Count the members whom the person at the desk could confirm now."""
    me = current_organiser_id()[1]
    return sum(vouching.may_confirm(me, public_id) for _campaign, public_id, vouching in unconfirmed(session))
