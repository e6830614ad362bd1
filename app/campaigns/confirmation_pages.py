"""/desk/confirmations: who may approve once somebody else said that they know them; for owners, administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.queries import OpenedOrganiser, names_of, organiser, people
from app.audit.actions import SYSTEM
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import flash_notice, reading, see_other
from app.base.locales import gettext as _
from app.base.saving import saved, status_of
from app.campaigns.access import enter_to_confirm
from app.campaigns.confirming import unconfirmed
from app.campaigns.forms import ConfirmationForm
from app.campaigns.members import confirm_member as confirm
from app.campaigns.models import Campaign
from app.campaigns.queries import membership, title_of
from app.campaigns.states import NotToConfirm
from app.campaigns.vouching import Vouching, vouching_in

blueprint = Pages("confirmations", __name__, url_prefix="/desk/confirmations")
PURPOSE = "confirm a member of a campaign"


@dataclass(frozen=True)
class Unconfirmed:
    """Somebody who may not approve yet, as a person who could confirm them sees it."""

    campaign: str
    campaign_title: str
    public_id: str
    name: str
    email: str
    role: str
    member_since: datetime
    let_in_by: str
    role_given_by: str
    let_back_by: str
    let_back_at: datetime | None
    approves_from: datetime | None
    is_confirmed: bool
    may_confirm: bool


@blueprint.get("")
def list_unconfirmed() -> ResponseReturnValue:
    """Show who awaits confirmation where one owns a campaign, or everywhere to administrators."""
    session = reading()
    found = [_unconfirmed(session, *each) for each in unconfirmed(session)]
    return render_template("campaigns/list_unconfirmed.html", people=found)


@blueprint.route("/<campaign>/<member>", methods=["GET", "POST"])
@asks_for_proof
def confirm_member(campaign: str, member: str) -> ResponseReturnValue:
    """Show who let a member in and since when, and take the word of somebody else that they know them."""
    form = ConfirmationForm(request.form)

    def act(session: Session) -> None:
        entered, actor = enter_to_confirm(session, campaign)
        confirm(session, entered, actor, member)

    entered, _actor = enter_to_confirm(reading(), campaign)
    membership(reading(), entered, member)
    if saved(form, act):
        flash_notice(_("Confirmed. They and the owners of the campaign are told by mail."))
        return see_other(".list_unconfirmed")
    session = reading()
    entered, _actor = enter_to_confirm(session, campaign)
    shown = _unconfirmed(session, entered, member, vouching_in(session, entered.id))
    page = render_template("campaigns/confirm_member.html", form=form, member=shown, refusal=NotToConfirm().message)
    return page, status_of(form)


def _unconfirmed(session: Session, campaign: Campaign, public_id: str, vouching: Vouching) -> Unconfirmed:
    row = membership(session, campaign, public_id)
    (opened,) = people(session, [organiser(session, public_id)], PURPOSE)
    vouched = vouching.approvers.get(public_id)
    back = vouched.let_back_by if vouched else None
    names = names_of(session, {each for each in (row.let_in_by, row.role_given_by, back) if each})
    _campaign, me = enter_to_confirm(session, campaign.public_id)
    return Unconfirmed(
        campaign=campaign.public_id,
        campaign_title=title_of(session, campaign),
        public_id=public_id,
        name=opened.name,
        email=opened.email,
        role=row.role.label,
        member_since=row.created_at,
        let_in_by=_named(row.let_in_by, opened, names),
        role_given_by=_named(row.role_given_by, opened, names),
        let_back_by=_("the people who run this service") if back == SYSTEM else names.get(back or "", ""),
        let_back_at=vouched.let_back_at if vouched else None,
        approves_from=vouched.approves_from if vouched else None,
        is_confirmed=vouched.is_confirmed if vouched else row.confirmed_by is not None,
        may_confirm=vouching.may_confirm(me, public_id),
    )


def _named(who: str | None, member: OpenedOrganiser, names: dict[str, str]) -> str:
    if who == member.public_id:
        return _("themselves, by founding the campaign")
    return names.get(who or "", _("not recorded"))
