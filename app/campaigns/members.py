"""Who works on a campaign in which role: add, change, remove, confirm, and never lose the last owner."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actions import end_sessions, invite_organiser
from app.accounts.models import Organiser
from app.accounts.queries import find_by_address, organiser as organiser_by_id
from app.audit.actions import SYSTEM, record
from app.base import clock
from app.base.rows import insert_into
from app.campaigns.emails import CAMPAIGN_MEMBERSHIP, CAMPAIGN_ROLE, tell_of_member
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import MOST_MEMBERS, membership
from app.campaigns.states import (
    AccountDisabled,
    AlreadyMember,
    Capability,
    LastOwner,
    ListFull,
    MemberNews,
    NoSuchEntry,
    NotToConfirm,
    Role,
    RoleTooNarrow,
    may,
)
from app.campaigns.vouching import vouching_in
from app.mail.actions import Outgoing, enqueue


def add_member(
    session: Session, campaign: Campaign, actor: str, email: str, role: Role, *, name: str = ""
) -> Membership:
    """Let a colleague work on a campaign; raises AlreadyMember, AccountDisabled and ListFull.

    An address without an account gets one, and a mail with the link that sets its password; a person with an account is
    told that they were added. `name` is for new accounts only.
    """
    _lock_members(session, campaign, actor)
    if (session.scalar(select(func.count()).where(Membership.campaign_id == campaign.id)) or 0) >= MOST_MEMBERS:
        raise ListFull(MOST_MEMBERS)
    organiser = find_by_address(session, email)
    if organiser is not None and organiser.disabled_at is not None:
        raise AccountDisabled
    is_new = organiser is None
    organiser = organiser or invite_organiser(session, actor, name or email.partition("@")[0], email)
    added = join(session, campaign, organiser, role, actor)
    if not is_new:
        references = {"organiser": organiser.public_id, "campaign": campaign.public_id, "inviter": actor}
        enqueue(session, Outgoing(CAMPAIGN_MEMBERSHIP, organiser.public_id, str(added.id), references))
    record(session, actor, "member.added", organiser.public_id, campaign.public_id, role=role)
    tell_of_member(session, campaign, actor, organiser.public_id, MemberNews.LET_IN)
    return added


def join(session: Session, campaign: Campaign, organiser: Organiser, role: Role, actor: str) -> Membership:
    """Write the membership itself; raises AlreadyMember. Callers record it."""
    now = clock.now()
    found = session.scalar(
        insert_into(session, Membership)
        .values(
            campaign_id=campaign.id, organiser_id=organiser.id, role=role, created_at=now, let_in_by=actor,
            role_given_by=actor, approves_since=now if may(role, Capability.APPROVE) else None,
        )
        .on_conflict_do_nothing(index_elements=[Membership.campaign_id, Membership.organiser_id])
        .returning(Membership.id)
    )  # fmt: skip
    if found is None:
        raise AlreadyMember
    return session.scalars(select(Membership).where(Membership.id == found)).one()


def change_role(session: Session, campaign: Campaign, actor: str, organiser: str, role: Role) -> None:
    """Give a member another role; raises LastOwner and NoSuchEntry."""
    _lock_members(session, campaign, actor)
    member = membership(session, campaign, organiser)
    if member.role == role:
        return
    before, member.role = member.role, role
    _count_anew(member, before, actor)
    _keep_an_owner(session, campaign)
    _sign_out(session, actor, organiser)
    _tell(session, campaign, actor, organiser, before, role)
    record(session, actor, "member.role changed", organiser, campaign.public_id, role=role, role_before=before)
    if member.approves_since is not None and not may(before, Capability.APPROVE):
        tell_of_member(session, campaign, actor, organiser, MemberNews.MAY_APPROVE)


def confirm_member(session: Session, campaign: Campaign, actor: str, organiser: str) -> None:
    """Give one's word, as a second owner or an administrator, that a member is somebody of their own.

    The command line's word (SYSTEM) counts as that of the machine's keeper. Confirming twice changes nothing.
    Raises NoSuchEntry, and NotToConfirm to a person who may be behind the member or in the wrong place to say.
    """
    _hold_members(session, campaign)
    member = membership(session, campaign, organiser)
    vouching = vouching_in(session, campaign.id)
    known = vouching.approvers.get(organiser)
    if known.is_confirmed if known else member.confirmed_by is not None:
        return
    if actor != SYSTEM and not vouching.may_confirm(actor, organiser):
        raise NotToConfirm
    member.confirmed_by, member.confirmed_at = actor, clock.now()
    session.flush()
    record(session, actor, "member.confirmed", organiser, campaign.public_id, role=member.role,
           let_in_by=member.let_in_by, member_since=member.created_at.isoformat())  # fmt: skip
    tell_of_member(session, campaign, actor, organiser, MemberNews.CONFIRMED)


def remove_member(session: Session, campaign: Campaign, actor: str, organiser: str) -> None:
    """Let an organiser work on the campaign no longer; raises LastOwner and NoSuchEntry. Their account stays."""
    _lock_members(session, campaign, actor)
    member = membership(session, campaign, organiser)
    session.delete(member)
    _keep_an_owner(session, campaign)
    _sign_out(session, actor, organiser)
    _tell(session, campaign, actor, organiser, member.role, None)
    record(session, actor, "member.removed", organiser, campaign.public_id, role_before=member.role)


def confirm_from_command_line(session: Session, email: str, slug: str) -> None:
    """Confirm a member as the person who keeps the machine; raises NoSuchEntry."""
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug))
    organiser = find_by_address(session, email)
    if campaign is None or organiser is None:
        raise NoSuchEntry
    confirm_member(session, campaign, SYSTEM, organiser.public_id)


def _sign_out(session: Session, actor: str, organiser: str) -> None:
    """End the sessions of a member who has another role now, unless they wished it themselves."""
    if actor != organiser:
        end_sessions(session, organiser_by_id(session, organiser))


def _tell(session: Session, campaign: Campaign, actor: str, organiser: str, before: Role, role: Role | None) -> None:
    """Mail a colleague what somebody else changed of their role."""
    if actor == organiser:
        return
    at = clock.now().isoformat()
    references = {
        "organiser": organiser, "campaign": campaign.public_id, "by": actor, "at": at, "role_before": str(before),
        "role": str(role or ""),
    }  # fmt: skip
    enqueue(session, Outgoing(CAMPAIGN_ROLE, organiser, f"{campaign.public_id} {at}", references))


def _count_anew(member: Membership, before: Role, actor: str) -> None:
    """Let the time of who just got a role that may approve begin now, unconfirmed; who had one keeps it."""
    if not may(member.role, Capability.APPROVE):
        member.approves_since = None
    elif not may(before, Capability.APPROVE):
        member.approves_since, member.role_given_by = clock.now(), actor
        member.confirmed_by = member.confirmed_at = None


def _hold_members(session: Session, campaign: Campaign) -> None:
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())


def _lock_members(session: Session, campaign: Campaign, actor: str) -> None:
    """Let changes of members happen one after the other, and check again that the actor may make them.

    Two owners who remove each other at once both passed the door; behind the lock the second finds itself removed.
    SQLite needs no row lock: its writing transactions are one after the other anyway.
    """
    _hold_members(session, campaign)
    role = session.scalar(
        select(Membership.role)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Membership.campaign_id == campaign.id, Organiser.public_id == actor)
    )
    if role is None or not may(role, Capability.MANAGE):
        raise RoleTooNarrow(role or Role.VIEWER)


def _keep_an_owner(session: Session, campaign: Campaign) -> None:
    """Refuse a change that leaves no owner who can sign in."""
    session.flush()
    owners = session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Membership.campaign_id == campaign.id, Membership.role == Role.OWNER, Organiser.disabled_at.is_(None))
    )
    if not owners:
        raise LastOwner
