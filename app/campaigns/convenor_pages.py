"""/desk/campaigns/<id>/convenors: who initiates the campaign's statements."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _
from app.base.saving import saved, status_of
from app.campaigns import actions, queries
from app.campaigns.access import enter
from app.campaigns.forms import ConvenorForm
from app.campaigns.member_pages import BOTH, blueprint
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability


@blueprint.get("/<public_id>/convenors")
def list_convenors(public_id: str) -> ResponseReturnValue:
    """Show who initiates the campaign's statements, in their order."""
    access = enter(reading(), public_id, Capability.VIEW)
    return render_template(
        "campaigns/list_convenors.html",
        frame=frame_of(reading(), access),
        convenors=queries.convenors_of(reading(), access.campaign.id),
        campaign=public_id,
        may_edit=access.may(Capability.EDIT),
    )


@blueprint.route("/<public_id>/convenors/new", methods=BOTH)
def new_convenor(public_id: str) -> ResponseReturnValue:
    """Add a convenor."""
    enter(reading(), public_id, Capability.EDIT)
    form = ConvenorForm(request.form)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        actions.add_convenor(session, access.campaign, access.organiser, form.facts())

    if saved(form, act):
        flash_notice(_("The convenor is added."))
        return see_other("campaigns.list_convenors", public_id=public_id)
    return _convenor_page(public_id, form, None), status_of(form)


@blueprint.route("/<public_id>/convenors/<convenor>", methods=BOTH)
def edit_convenor(public_id: str, convenor: str) -> ResponseReturnValue:
    """Change how a convenor is named and described."""
    access = enter(reading(), public_id, Capability.EDIT)
    found = queries.convenor(reading(), access.campaign, convenor)
    form = ConvenorForm(request.form if request.method == "POST" else None, obj=found)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        there = queries.convenor(session, access.campaign, convenor)
        actions.change_convenor(session, access.campaign, access.organiser, there, form.facts())

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other("campaigns.list_convenors", public_id=public_id)
    return _convenor_page(public_id, form, found), status_of(form)


@blueprint.post("/<public_id>/convenors/<convenor>/up")
def move_convenor_up(public_id: str, convenor: str) -> ResponseReturnValue:
    """Let a convenor stand one place earlier."""
    with writing() as session:
        access = enter(session, public_id, Capability.EDIT)
        found = queries.convenor(session, access.campaign, convenor)
        actions.move_convenor_up(session, access.campaign, access.organiser, found)
    return see_other("campaigns.list_convenors", public_id=public_id)


@blueprint.post("/<public_id>/convenors/<convenor>/remove")
def remove_convenor(public_id: str, convenor: str) -> ResponseReturnValue:
    """Take a convenor off the campaign."""
    with writing() as session:
        access = enter(session, public_id, Capability.EDIT)
        found = queries.convenor(session, access.campaign, convenor)
        actions.remove_convenor(session, access.campaign, access.organiser, found)
    flash_notice(_("The convenor is removed."))
    return see_other("campaigns.list_convenors", public_id=public_id)


def _convenor_page(public_id: str, form: ConvenorForm, convenor: queries.CampaignConvenor | None) -> str:
    frame = frame_of(reading(), enter(reading(), public_id, Capability.EDIT), "campaigns.list_convenors")
    return render_template(
        "campaigns/edit_convenor.html", form=form, frame=frame, campaign=public_id, convenor=convenor
    )
