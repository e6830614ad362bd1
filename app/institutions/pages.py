"""/desk/institutions/…: the bodies that appeals are addressed to, and who receives them there."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.countries import country_name
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import endonym, gettext as _
from app.base.saving import result_of, saved, status_of
from app.campaigns.access import enter_house
from app.institutions import actions, queries
from app.institutions.forms import InstitutionForm, RecipientForm
from app.institutions.states import LikelyDouble

blueprint = Pages("institutions", __name__, url_prefix="/desk/institutions")
BOTH = ["GET", "POST"]


@blueprint.get("")
def list_institutions() -> ResponseReturnValue:
    """Show the institutions by name."""
    house = enter_house(reading())
    page = queries.institutions_page(reading(), request.args.get("after"))
    listed = [(each, country_name(each.country, _language()) if each.country else "") for each in page.items]
    return render_template(
        "institutions/list_institutions.html",
        institutions=listed,
        next_url=url_for(".list_institutions", after=page.next_cursor) if page.next_cursor else None,
        first_url=None if page.is_first else url_for(".list_institutions"),
        may_write=house.may_write,
    )


@blueprint.route("/new", methods=BOTH)
def new_institution() -> ResponseReturnValue:
    """Add an institution; one of nearly the same name is pointed out first."""
    enter_house(reading(), writing=True)
    form = InstitutionForm(request.form, language=_language())

    def act(session: Session) -> str:
        house, is_another = enter_house(session, writing=True), form.is_another.data
        return actions.create_institution(session, house.organiser, form.facts(), is_another=is_another).public_id

    added = result_of(form, act)
    if added is not None:
        flash_notice(_("The institution is added. Now say who receives the appeal there."))
        return see_other("institutions.new_recipient", public_id=added)
    return _institution_form(form, None), status_of(form)


@blueprint.get("/<public_id>")
def show_institution(public_id: str) -> ResponseReturnValue:
    """Show an institution with its recipients."""
    house = enter_house(reading())
    institution = queries.institution(reading(), public_id)
    return render_template(
        "institutions/show_institution.html",
        institution=institution,
        country=country_name(institution.country, _language()) if institution.country else "",
        recipients=[(each, endonym(each.language)) for each in queries.recipients_of(reading(), institution)],
        may_write=house.may_write,
        sees_addresses=house.sees_addresses,
    )


@blueprint.route("/<public_id>/edit", methods=BOTH)
def edit_institution(public_id: str) -> ResponseReturnValue:
    """Change an institution's name, country or website."""
    enter_house(reading(), writing=True)
    institution = queries.institution(reading(), public_id)
    form = InstitutionForm(request.form if request.method == "POST" else None, obj=institution, language=_language())

    def act(session: Session) -> None:
        house = enter_house(session, writing=True)
        changed = queries.institution(session, public_id)
        facts, is_another = form.facts(), form.is_another.data
        actions.change_institution(session, house.organiser, changed, facts, is_another=is_another)

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other("institutions.show_institution", public_id=public_id)
    return _institution_form(form, public_id), status_of(form)


@blueprint.route("/<public_id>/recipients/new", methods=BOTH)
def new_recipient(public_id: str) -> ResponseReturnValue:
    """Add a recipient."""
    enter_house(reading(), writing=True)
    queries.institution(reading(), public_id)
    form = RecipientForm(request.form)

    def act(session: Session) -> None:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        actions.add_recipient(session, house.organiser, institution, form.facts())

    if saved(form, act):
        flash_notice(_("The recipient is added."))
        return see_other("institutions.show_institution", public_id=public_id)
    return _recipient_form(form, public_id, None), status_of(form)


@blueprint.route("/<public_id>/recipients/<recipient>", methods=BOTH)
def edit_recipient(public_id: str, recipient: str) -> ResponseReturnValue:
    """Correct a recipient; what stood there before stays in the audit."""
    enter_house(reading(), writing=True)
    found = queries.recipient(reading(), queries.institution(reading(), public_id), recipient)
    contact = queries.contacts(reading(), [found], "correction of a recipient")[0]
    form = RecipientForm(request.form if request.method == "POST" else None, obj=contact)

    def act(session: Session) -> None:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        there = queries.recipient(session, institution, recipient)
        actions.change_recipient(session, house.organiser, institution, there, form.facts())

    if saved(form, act):
        flash_notice(_("Saved. From now on, mail goes to the corrected recipient."))
        return see_other("institutions.show_institution", public_id=public_id)
    return _recipient_form(form, public_id, recipient), status_of(form)


@blueprint.post("/<public_id>/recipients/<recipient>/remove")
def remove_recipient(public_id: str, recipient: str) -> ResponseReturnValue:
    """Send nothing new to a recipient."""
    with writing() as session:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        found = queries.recipient(session, institution, recipient)
        actions.remove_recipient(session, house.organiser, institution, found)
    flash_notice(_("The recipient is removed. Past deliveries to them stay on record."))
    return see_other("institutions.show_institution", public_id=public_id)


def _institution_form(form: InstitutionForm, public_id: str | None) -> str:
    name = queries.institution(reading(), public_id).name if public_id else ""
    return render_template(
        "institutions/edit_institution.html",
        form=form,
        public_id=public_id,
        name=name,
        asks_whether_another=isinstance(form.refusal, LikelyDouble) or bool(form.is_another.data),
    )


def _recipient_form(form: RecipientForm, public_id: str, recipient: str | None) -> str:
    institution = queries.institution(reading(), public_id)
    return render_template(
        "institutions/edit_recipient.html",
        form=form,
        institution=institution.name,
        public_id=public_id,
        recipient=recipient,
    )


def _language() -> str:
    return str(get_locale() or "en")
