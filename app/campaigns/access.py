"""The door of every desk page: which campaign, who is there, in which role, and may they."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.sessions import current_organiser_id
from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import (
    AUDIENCES,
    Capability,
    HouseTooNarrow,
    MayNotCreate,
    Role,
    RoleTooNarrow,
    may,
    roles_that_may,
)
from app.visibility.states import Audience

MOST_CAMPAIGNS = 500


@dataclass(frozen=True)
class Access:
    """A campaign entered by an organiser. `organiser` is their public id, the actor of every audit entry."""

    campaign: Campaign
    organiser: str
    role: Role

    @property
    def audience(self) -> Audience:
        """The audience as which this organiser sees signatories."""
        return AUDIENCES[self.role]

    def may(self, capability: Capability) -> bool:
        """Tell whether the role includes a capability, to show or hide what leads there."""
        return may(self.role, capability)


@dataclass(frozen=True)
class HouseAccess:
    """What an organiser may do with what all campaigns share, such as institutions."""

    organiser_id: int
    organiser: str
    may_write: bool
    sees_addresses: bool


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


def access_of(session: Session, campaign_id: int, organiser: str, capability: Capability) -> Access:
    """Let a worker do what an organiser (public id) ordered, as their role is now; raises as `enter` does."""
    row = session.execute(
        select(Campaign, Membership.role)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Campaign.id == campaign_id, Organiser.public_id == organiser, Organiser.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NoSuchCampaign
    if not may(row.role, capability):
        raise RoleTooNarrow(row.role)
    return Access(row[0], organiser, row.role)


def enter_as_founder(session: Session) -> Organiser:
    """Return the organiser at the desk if they may create campaigns; raises MayNotCreate."""
    organiser = session.scalars(select(Organiser).where(Organiser.id == current_organiser_id()[0])).one()
    if not organiser.may_create_campaigns:
        raise MayNotCreate
    return organiser


def enter_to_confirm(session: Session, campaign_public_id: str) -> tuple[Campaign, str]:
    """Enter a campaign, for its members' confirmation only: its owners, and the administrators of the house.

    Returns it with the public id of who enters; raises NoSuchCampaign. Whose word counts, `vouching` knows.
    """
    organiser_id, organiser = current_organiser_id()
    owns = select(Membership.campaign_id).where(
        Membership.organiser_id == organiser_id, Membership.role.in_(roles_that_may(Capability.MANAGE))
    )
    keeps = select(Organiser.id).where(Organiser.id == organiser_id, Organiser.is_administrator.is_(True)).exists()
    found = session.scalar(
        select(Campaign).where(Campaign.public_id == campaign_public_id, or_(Campaign.id.in_(owns), keeps))
    )
    if found is None:
        raise NoSuchCampaign
    return found, organiser


def owns_campaigns(session: Session) -> bool:
    """Tell whether the person at the desk owns any campaign."""
    owned = select(Membership.id).where(
        Membership.organiser_id == current_organiser_id()[0], Membership.role.in_(roles_that_may(Capability.MANAGE))
    )
    return session.scalar(owned.limit(1)) is not None


def campaigns_to_confirm_in(session: Session) -> list[Campaign]:
    """Return the campaigns whose members the person at the desk may be asked to confirm, the newest first."""
    organiser_id, _organiser = current_organiser_id()
    is_keeper = session.scalar(select(Organiser.is_administrator).where(Organiser.id == organiser_id))
    query = select(Campaign).order_by(Campaign.id.desc()).limit(MOST_CAMPAIGNS)
    if not is_keeper:
        query = query.join(Membership, Membership.campaign_id == Campaign.id).where(
            Membership.organiser_id == organiser_id, Membership.role.in_(roles_that_may(Capability.MANAGE))
        )
    return list(session.scalars(query))


def enter_house(session: Session, *, writing: bool = False) -> HouseAccess:
    """Enter what campaigns share; raises HouseTooNarrow for writing without a role that reaches so far.

    Organisers who edit or coordinate any campaign, or may create one, keep institutions; approvers see what they
    approve; viewers see names of bodies only.
    """
    organiser_id, organiser = current_organiser_id()
    may_create = session.scalar(select(Organiser.may_create_campaigns).where(Organiser.id == organiser_id))
    roles = session.scalars(select(Membership.role).where(Membership.organiser_id == organiser_id).distinct()).all()
    may_write = bool(may_create) or any(may(role, Capability.EDIT) or may(role, Capability.ASK) for role in roles)
    if writing and not may_write:
        raise HouseTooNarrow
    return HouseAccess(
        organiser_id, organiser, may_write, may_write or any(may(role, Capability.APPROVE) for role in roles)
    )


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
