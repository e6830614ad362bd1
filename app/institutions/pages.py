"""/desk/institutions/…: the bodies that appeals are addressed to, and who receives them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.base.blueprints import Pages
from app.base.countries import country_name
from app.base.edge import flash_notice, reading, see_other
from app.base.locales import endonym, gettext as _
from app.base.saving import result_of, saved, status_of
from app.base.signposts import way_to
from app.campaigns.access import HouseAccess, enter_house
from app.campaigns.queries import title_in
from app.campaigns.states import WRITERS
from app.institutions import actions, queries
from app.institutions.actions import add_recipient, change_institution, change_recipient, note_recipient
from app.institutions.decisions import accept_own
from app.institutions.desk import IMPORT_OFFICES
from app.institutions.forms import InstitutionForm, ProposingForm, RecipientForm, RemovalForm
from app.institutions.groups import group_names, groups_of
from app.institutions.history import history
from app.institutions.models import Institution, InstitutionVersion, Recipient, RecipientVersion
from app.institutions.proposals import campaigns_to_accept_for
from app.institutions.states import LikelyDouble, RecipientGroupKind
from app.institutions.versions import RecipientContact


@dataclass(frozen=True)
class ShownRecipient:
    """A recipient on the page of their institution, with what they belong to and what else is known of them."""

    contact: RecipientContact
    language: str
    groups: tuple[str, ...]
    notes: str


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
        import_url=way_to(IMPORT_OFFICES) if house.may_write else "",
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
    """Show an institution with its recipients, all or those of a group, and what they were before."""
    session = reading()
    house = enter_house(session)
    institution = queries.institution(session, public_id)
    groups = groups_of(session, [institution.id])
    group = next((each for each in groups if each.public_id == request.args.get("group")), None)
    after = _after()
    contacts, next_after = queries.recipients_page(session, institution, after, group.id if group else None)
    here = partial(url_for, ".show_institution", public_id=public_id)
    narrowed: dict[str, Any] = {"group": group.public_id} if group else {}
    is_whole = group is None and not after
    return render_template(
        "institutions/show_institution.html",
        institution=institution,
        country=country_name(institution.country, _language()) if institution.country else "",
        recipients=_shown(session, institution, contacts, sees_addresses=house.sees_addresses),
        number=queries.count_recipients(session, institution.id),
        groups=[
            (kind.label, [(each, each.called(_language())) for each in groups if each.kind is kind])
            for kind in RecipientGroupKind
            if any(each.kind is kind for each in groups)
        ],
        group=group.called(_language()) if group else "",
        all_url=here() if group else "",
        next_url=here(after=next_after, **narrowed) if next_after else None,
        first_url=here(**narrowed) if after else None,
        may_write=house.may_write,
        sees_addresses=house.sees_addresses,
        history=history(session, institution, _language()) if house.sees_addresses and is_whole else [],
    )


def _after() -> int:
    given = request.args.get("after", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _shown(
    session: Session, institution: Institution, contacts: Sequence[RecipientContact], *, sees_addresses: bool
) -> list[ShownRecipient]:
    notes = queries.notes_by_id(session, [each.recipient_id for each in contacts]) if sees_addresses else {}
    belongs = group_names(session, institution.id) if contacts else {}
    return [
        ShownRecipient(
            each, endonym(each.language), _named(belongs.get(each.recipient_id, {})), notes.get(each.recipient_id, "")
        )
        for each in contacts
    ]


def _named(names: Mapping[RecipientGroupKind, Sequence[str]]) -> tuple[str, ...]:
    return tuple(
        country_name(name, _language()) if kind is RecipientGroupKind.COUNTRY else name
        for kind in RecipientGroupKind
        for name in names.get(kind, ())
    )


@blueprint.route("/<public_id>/edit", methods=BOTH)
def edit_institution(public_id: str) -> ResponseReturnValue:
    """Change an institution's name, country or website: a proposal to the campaigns that address it."""
    house = enter_house(reading(), writing=True)
    institution = queries.institution(reading(), public_id)
    form = InstitutionForm(_posted(), obj=institution, language=_language())
    _offer(form, house, institution)

    def act(session: Session) -> bool:
        house = enter_house(session, writing=True)
        changed = queries.institution(session, public_id)
        facts, is_another = form.facts(), form.is_another.data
        version = change_institution(session, house.organiser, changed, facts, is_another=is_another)
        _accept(session, form, house, changed, version)
        return version is not None

    is_changed = result_of(form, act)
    if is_changed is not None:
        flash_notice(_saved(form) if is_changed else _unchanged())
        return see_other("institutions.show_institution", public_id=public_id)
    return _institution_form(form, public_id), status_of(form)


@blueprint.route("/<public_id>/recipients/new", methods=BOTH)
def new_recipient(public_id: str) -> ResponseReturnValue:
    """Add a recipient: a proposal to the campaigns that address the institution."""
    house = enter_house(reading(), writing=True)
    form = RecipientForm(_posted())
    _offer(form, house, queries.institution(reading(), public_id))

    def act(session: Session) -> None:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        version = add_recipient(session, house.organiser, institution, form.facts())
        recipient = session.get_one(Recipient, version.recipient_id)
        note_recipient(session, house.organiser, recipient, form.notes.words)
        _accept(session, form, house, institution, version)

    if saved(form, act):
        flash_notice(_saved(form, _("The recipient is added.")))
        return see_other("institutions.show_institution", public_id=public_id)
    return _recipient_form(form, public_id, None), status_of(form)


@blueprint.route("/<public_id>/recipients/<recipient>", methods=BOTH)
def edit_recipient(public_id: str, recipient: str) -> ResponseReturnValue:
    """Correct a recipient: a proposal to the campaigns that address the institution; what stood there before stays."""
    house = enter_house(reading(), writing=True)
    institution = queries.institution(reading(), public_id)
    found = queries.recipient(reading(), institution, recipient)
    before = queries.latest_version(reading(), found, "correction of a recipient")
    notes = queries.notes_by_id(reading(), [found.id]).get(found.id, "")
    form = RecipientForm(_posted(), obj=before.contact, notes=notes)
    _offer(form, house, institution)

    def act(session: Session) -> bool:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        found = queries.recipient(session, institution, recipient)
        version = change_recipient(session, house.organiser, institution, found, form.facts())
        note_recipient(session, house.organiser, found, form.notes.words)
        _accept(session, form, house, institution, version)
        return version is not None

    is_changed = result_of(form, act)
    if is_changed is not None:
        flash_notice(_saved(form) if is_changed else _unchanged())
        return see_other("institutions.show_institution", public_id=public_id)
    return _recipient_form(form, public_id, recipient), status_of(form)


@blueprint.route("/<public_id>/recipients/<recipient>/remove", methods=BOTH)
def remove_recipient(public_id: str, recipient: str) -> ResponseReturnValue:
    """Propose to write to a recipient no longer."""
    house = enter_house(reading(), writing=True)
    institution = queries.institution(reading(), public_id)
    found = queries.recipient(reading(), institution, recipient)
    form = RemovalForm(_posted())
    _offer(form, house, institution)

    def act(session: Session) -> None:
        house = enter_house(session, writing=True)
        institution = queries.institution(session, public_id)
        found = queries.recipient(session, institution, recipient)
        version = actions.remove_recipient(session, house.organiser, institution, found)
        _accept(session, form, house, institution, version)

    if saved(form, act):
        flash_notice(_saved(form, _("The recipient is removed. Past deliveries to them stay on record.")))
        return see_other("institutions.show_institution", public_id=public_id)
    contact = queries.latest_version(reading(), found, "removal of a recipient").contact
    page = render_template(
        "institutions/remove_recipient.html",
        form=form,
        institution=queries.institution(reading(), public_id).name,
        public_id=public_id,
        contact=contact,
    )
    return page, status_of(form)


def _offer(form: ProposingForm, house: HouseAccess, institution: Institution) -> None:
    """Offer to accept a change at once for the campaigns that use the institution and that the organiser writes in."""
    session = reading()
    choices = campaigns_to_accept_for(session, institution.id, house.organiser_id, WRITERS)
    form.offer([(each.public_id, title_in(session, each.campaign_id, _language())) for each in choices])


def _accept(
    session: Session,
    form: ProposingForm,
    house: HouseAccess,
    institution: Institution,
    version: InstitutionVersion | RecipientVersion | None,
) -> None:
    chosen = set(form.accept_for.data or ())
    choices = campaigns_to_accept_for(session, institution.id, house.organiser_id, WRITERS)
    accept_own(session, house.organiser, version, [each.campaign_id for each in choices if each.public_id in chosen])


def _saved(form: ProposingForm, what: str = "") -> str:
    """Say what is saved, and for whom it counts by now."""
    proposed = _("Campaigns that write there decide for themselves whether they take it over.")
    if form.accept_for.data:
        proposed = _("It is accepted for the campaigns that you ticked; others decide for themselves.")
    return f"{what or _('Saved.')} {proposed}"


def _unchanged() -> str:
    return _("Nothing differs from what was there, so nothing was saved.")


def _posted() -> MultiDict[str, str] | None:
    return request.form if request.method == "POST" else None


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
