"""/desk/campaigns/<id>/members: who works on a campaign in which role; for its owners."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import flash_notice, reading, see_other
from app.base.forms import Form
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.saving import accepted, saved, status_of
from app.campaigns import members, queries
from app.campaigns.access import Access, enter
from app.campaigns.forms import AddMemberForm, RoleForm
from app.campaigns.navigation import CampaignTab, frame_of
from app.campaigns.states import Capability, Role
from app.campaigns.vouching import ToldVouching, told, vouching_in


@dataclass(frozen=True)
class MemberStanding:
    """By whose word a member may approve, and whether the person who looks can give theirs."""

    told: ToldVouching
    may_confirm: bool


blueprint = Pages("campaigns", __name__, url_prefix="/desk/campaigns")
SIGNPOSTS = [
    CampaignTab(endpoint="campaigns.edit_campaign", label=_l("Description"), capability=Capability.EDIT, position=70),
    CampaignTab(endpoint="campaigns.list_convenors", label=_l("Convenors"), capability=Capability.VIEW, position=80),
    CampaignTab(endpoint="campaigns.show_chronology", label=_l("Chronology"), capability=Capability.VIEW, position=90),
    CampaignTab(endpoint="campaigns.list_members", label=_l("Members"), capability=Capability.MANAGE, position=100),
]
BOTH = ["GET", "POST"]


@blueprint.get("/<public_id>/members")
def list_members(public_id: str) -> ResponseReturnValue:
    """Show who works on the campaign, and the form that adds a colleague."""
    return _members_page(enter(reading(), public_id, Capability.MANAGE), AddMemberForm())


@blueprint.post("/<public_id>/members")
@asks_for_proof
def add_member(public_id: str) -> ResponseReturnValue:
    """Let a colleague work on the campaign; an unknown address gets an account and a mail."""
    enter(reading(), public_id, Capability.MANAGE)
    form = AddMemberForm(request.form)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.MANAGE)
        email, role, name = form.email.words, Role(form.role.data), form.name.words
        members.add_member(session, access.campaign, access.organiser, email, role, name=name)

    if saved(form, act):
        flash_notice(_("Your colleague is added. A mail tells them."))
        return see_other("campaigns.list_members", public_id=public_id)
    return _members_page(enter(reading(), public_id, Capability.MANAGE), form), status_of(form)


@blueprint.get("/<public_id>/members/<member>")
def show_member(public_id: str, member: str) -> ResponseReturnValue:
    """Show one member's role and what it allows."""
    access = enter(reading(), public_id, Capability.MANAGE)
    role = queries.membership(reading(), access.campaign, member).role
    return _member_page(access, member, RoleForm(data={"role": role.value}))


@blueprint.post("/<public_id>/members/<member>")
@asks_for_proof
def change_role(public_id: str, member: str) -> ResponseReturnValue:
    """Give a member another role."""
    access = enter(reading(), public_id, Capability.MANAGE)
    form = RoleForm(request.form)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.MANAGE)
        members.change_role(session, access.campaign, access.organiser, member, Role(form.role.data))

    if saved(form, act, at="role"):
        flash_notice(_("The role is changed."))
        return _after_change(public_id, access.organiser == member and form.role.data != Role.OWNER)
    return _member_page(enter(reading(), public_id, Capability.MANAGE), member, form), status_of(form)


@blueprint.post("/<public_id>/members/<member>/remove")
@asks_for_proof
def remove_member(public_id: str, member: str) -> ResponseReturnValue:
    """Let an organiser work on the campaign no longer."""
    access = enter(reading(), public_id, Capability.MANAGE)
    form = RoleForm()

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.MANAGE)
        members.remove_member(session, access.campaign, access.organiser, member)

    if not accepted(form, act):
        access = enter(reading(), public_id, Capability.MANAGE)
        form.role.data = queries.membership(reading(), access.campaign, member).role.value
        return _member_page(access, member, form), status_of(form)
    flash_notice(_("They no longer work on this campaign. Their account stays."))
    return _after_change(public_id, access.organiser == member)


def _after_change(public_id: str, is_owner_no_more: bool) -> ResponseReturnValue:
    """Lead back to the list, or to one's account where the list is closed now."""
    if is_owner_no_more:
        return see_other("accounts.show_account")
    return see_other("campaigns.list_members", public_id=public_id)


def _standing(session: Session, access: Access) -> dict[str, MemberStanding]:
    """Say of every member by whose word they are here, and from when on those who may approve are second persons."""
    vouching = vouching_in(session, access.campaign.id)
    known = vouching.approvers
    names = names_of(session, {who for each in known.values() for who in each.named if who})
    return {
        organiser: MemberStanding(told(each, names), vouching.may_confirm(access.organiser, organiser))
        for organiser, each in known.items()
    }


def _members_page(access: Access, form: AddMemberForm) -> str:
    session = reading()
    return render_template(
        "campaigns/list_members.html",
        form=form,
        frame=frame_of(session, access),
        members=queries.members_of(session, access.campaign),
        standing=_standing(session, access),
        campaign=access.campaign.public_id,
        me=access.organiser,
    )


def _member_page(access: Access, member: str, form: Form) -> str:
    session = reading()
    queries.membership(session, access.campaign, member)
    (shown,) = (each for each in queries.members_of(session, access.campaign) if each.public_id == member)
    return render_template(
        "campaigns/show_member.html",
        form=form,
        frame=frame_of(session, access),
        member=shown,
        standing=_standing(session, access).get(member),
        campaign=access.campaign.public_id,
        is_me=member == access.organiser,
    )
