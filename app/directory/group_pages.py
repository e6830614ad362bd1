"""The desk's pages of groups: all of them, and one to rename, correct or remove."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other
from app.base.locales import gettext as _
from app.base.saving import accepted, saved, status_of
from app.campaigns.access import enter
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability
from app.directory.actions import add_group, edit_group, remove_group
from app.directory.forms import GroupForm
from app.directory.queries import group_row, list_groups as all_groups, words_of

blueprint = Pages("groups", __name__, url_prefix="/desk/campaigns/<campaign>/signatories/groups")


@blueprint.route("", methods=["GET", "POST"])
def list_groups(campaign: str) -> ResponseReturnValue:
    """Show the groups and add one."""
    session = reading()
    access = enter(session, campaign, Capability.SEE_PEOPLE)
    form = GroupForm(request.form)

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.ASK)
        add_group(session, access.campaign, access.organiser, form.name.words, form.website.words)

    if saved(form, act):
        flash_notice(_("The group is added."))
        return see_other(".list_groups", campaign=campaign)
    session = reading()
    page = render_template(
        "directory/list_groups.html",
        frame=frame_of(session, access, "directory.list_signatories"),
        form=form,
        groups=[
            (
                group,
                url_for("directory.list_signatories", campaign=campaign, group=group.public_id),
                url_for(".show_group", campaign=campaign, group=group.public_id),
            )
            for group in all_groups(session, access.campaign.id)
        ],
        list_url=url_for("directory.list_signatories", campaign=campaign),
        may_ask=access.may(Capability.ASK),
    )
    return page, status_of(form)


@blueprint.route("/<group>", methods=["GET", "POST"])
def show_group(campaign: str, group: str) -> ResponseReturnValue:
    """Rename a group, correct its website, or remove it while it is empty."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    form = GroupForm(request.form, data=words_of(session, group_row(session, access.campaign.id, group)))
    removing = "remove" in request.form

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.ASK)
        row = group_row(session, access.campaign.id, group)
        if removing:
            remove_group(session, access.campaign, access.organiser, row)
        else:
            edit_group(session, access.campaign, access.organiser, row, form.name.words, form.website.words)

    if accepted(form, act) if removing and request.method == "POST" else saved(form, act):
        flash_notice(_("The group is removed.") if removing else _("Saved."))
        return see_other(".list_groups", campaign=campaign)
    page = render_template(
        "directory/show_group.html",
        frame=frame_of(reading(), access, "directory.list_signatories"),
        form=form,
        back_url=url_for(".list_groups", campaign=campaign),
    )
    return page, status_of(form)
