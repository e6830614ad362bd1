"""The door of every desk page: which campaign, who is there, in which role, and may they."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.sessions import current_organiser_id
from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import AUDIENCES, Capability, Role, RoleTooNarrow, may
from app.visibility.states import Audience


@dataclass(frozen=True)
class Access:
    """A campaign entered by an organiser. `organiser` is their public id, the actor of every audit entry."""

    campaign: Campaign
    organiser: str
    role: Role

    @property
    def audience(self) -> Audience:
        """As whom this organiser sees signatories."""
        return AUDIENCES[self.role]

    def may(self, capability: Capability) -> bool:
        """Tell whether the role includes a capability, to show or hide what leads there."""
        return may(self.role, capability)


class NoSuchCampaign(NotFound):
    """There is none, or the organiser is no member of it: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such campaign among yours. Ask an owner of the campaign to add you."))


def enter(session: Session, campaign_public_id: str, capability: Capability) -> Access:
    """Enter a campaign by its public id; raises NoSuchCampaign and RoleTooNarrow."""
    return _entered(session, Campaign.public_id == campaign_public_id, capability)


def enter_by_id(session: Session, campaign_id: int, capability: Capability) -> Access:
    """Enter the campaign that a row belongs to, such as a statement's; raises as `enter` does."""
    return _entered(session, Campaign.id == campaign_id, capability)


def _entered(session: Session, condition: object, capability: Capability) -> Access:
    organiser_id, organiser = current_organiser_id()
    row = session.execute(
        select(Campaign, Membership.role)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .where(condition, Membership.organiser_id == organiser_id)  # type: ignore[arg-type]
    ).one_or_none()
    if row is None:
        raise NoSuchCampaign
    campaign, role = row
    if not may(role, capability):
        raise RoleTooNarrow(role)
    return Access(campaign, organiser, role)
