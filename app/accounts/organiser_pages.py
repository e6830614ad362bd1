"""/desk/organisers: who has an account and which rights in the house; for administrators."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import actions, queries, rights
from app.accounts.factors.queries import has_factor
from app.accounts.forms import InvitationForm
from app.accounts.sessions import current_organiser_id
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _
from app.base.saving import saved, status_of

blueprint = Pages("organisers", __name__, url_prefix="/desk/organisers", is_for_administrators=True)


@blueprint.get("")
def list_organisers() -> ResponseReturnValue:
    """Show every account to those who keep them."""
    return render_template(
        "accounts/list_organisers.html", people=queries.all_people(reading()), me=current_organiser_id()[1]
    )


@blueprint.route("/new", methods=["GET", "POST"])
@asks_for_proof
def new_organiser() -> ResponseReturnValue:
    """Show the form that invites a colleague; create their account and mail them."""
    form = InvitationForm(request.form)
    if saved(form, lambda session: rights.invite_with_rights(
        session, _me(), form.name.words, form.email.words, form.rights()
    )):  # fmt: skip
        flash_notice(
            _("%(name)s has an account now. A mail with a link to set a password is on its way.", name=form.name.words)
        )
        return see_other(".list_organisers")
    return render_template("accounts/new_organiser.html", form=form), status_of(form)


@blueprint.get("/<public_id>")
def show_organiser(public_id: str) -> ResponseReturnValue:
    """Show one account and what can be done with it."""
    person = queries.person(reading(), public_id, "one account")
    is_set_up = has_factor(reading(), queries.organiser(reading(), public_id).id)
    return render_template("accounts/show_organiser.html", person=person, has_factor=is_set_up)


@blueprint.post("/<public_id>/invitation")
def invite_again(public_id: str) -> ResponseReturnValue:
    """Mail a colleague who has no password yet another link."""
    with writing() as session:
        actions.invite_again(session, _me(), public_id)
    flash_notice(_("A new link is on its way; the older one no longer works."))
    return see_other(".list_organisers")


@blueprint.post("/<public_id>/disable")
@asks_for_proof
def disable_organiser(public_id: str) -> ResponseReturnValue:
    """Close an account."""
    with writing() as session:
        rights.disable_organiser(session, _me(), public_id)
    flash_notice(_("The account is disabled and signed out everywhere."))
    return see_other(".list_organisers")


@blueprint.post("/<public_id>/enable")
@asks_for_proof
def enable_organiser(public_id: str) -> ResponseReturnValue:
    """Open an account again."""
    with writing() as session:
        rights.enable_organiser(session, _me(), public_id)
    flash_notice(_("The account works again."))
    return see_other(".list_organisers")


@blueprint.post("/<public_id>/campaigns")
@asks_for_proof
def let_create_campaigns(public_id: str) -> ResponseReturnValue:
    """Let an organiser create campaigns, or no longer."""
    is_allowed = request.form.get("allowed") == "yes"
    with writing() as session:
        rights.let_create_campaigns(session, _me(), public_id, allowed=is_allowed)
    allowed = _("The account may create campaigns now.")
    flash_notice(allowed if is_allowed else _("The account may not create campaigns any more."))
    return see_other(".list_organisers")


@blueprint.post("/<public_id>/administration")
@asks_for_proof
def make_administrator(public_id: str) -> ResponseReturnValue:
    """Make an organiser an administrator, or no longer; who stepped down themselves is led to their account."""
    is_allowed, me = request.form.get("allowed") == "yes", _me()
    with writing() as session:
        rights.make_administrator(session, me, public_id, is_administrator=is_allowed)
    allowed = _("They are an administrator now.")
    flash_notice(allowed if is_allowed else _("They are not an administrator any more."))
    if public_id == me and not is_allowed:
        return see_other("accounts.show_account")
    return see_other(".list_organisers")


@blueprint.post("/<public_id>/second-factor")
@asks_for_proof
def reset_factor(public_id: str) -> ResponseReturnValue:
    """Take a lost second factor off."""
    with writing() as session:
        rights.reset_factor(session, _me(), public_id)
    flash_notice(_("The second factor is taken off. They are told, and set up a new one when they next sign in."))
    return see_other(".list_organisers")


def _me() -> str:
    return current_organiser_id()[1]
