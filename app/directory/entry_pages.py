"""The desk's pages of one signatory: write, show, edit, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.accounts.queries import names_of
from app.audit.queries import history_of
from app.base.blueprints import Pages
from app.base.countries import country_name
from app.base.edge import flash_notice, reading, see_other
from app.base.forms import Form
from app.base.locales import endonym, gettext as _, lazy_gettext as _l, page_language
from app.base.saving import accepted, result_of, status_of
from app.campaigns.access import Access, enter
from app.campaigns.navigation import CampaignTab, frame_of
from app.campaigns.states import Capability
from app.directory.actions import add_signatory, edit_signatory, remove_signatory
from app.directory.forms import MOST_PLACES, SignatoryForm
from app.directory.queries import DirectoryEntry, entry, groups_by_name, roles_of, signatory_row, state_of
from app.directory.sort_names import family_fields
from app.directory.states import FIELD_LABELS, EntryChanged, NewEntry

blueprint = Pages("directory", __name__, url_prefix="/desk/campaigns/<campaign>/signatories")
SIGNPOSTS = [
    CampaignTab(
        endpoint="directory.list_signatories", label=_l("Signatories"), capability=Capability.SEE_PEOPLE, position=30
    ),
]
_ACTIONS = {
    "signatory.added": _l("Added"),
    "signatory.edited": _l("Changed"),
    "signatory.imported": _l("Changed by an import"),
    "signatory.restored": _l("As before the import, which was undone"),
}


@dataclass(frozen=True)
class HistoryEvent:
    """One change in a signatory's history."""

    at: datetime
    what: str
    fields: str
    by: str


@blueprint.route("/new", methods=["GET", "POST"])
def write_signatory(campaign: str) -> ResponseReturnValue:
    """Add one by hand."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    form = SignatoryForm(_typed(), reader_language=page_language())

    def act(session: Session) -> str:
        access = enter(session, campaign, Capability.ASK)
        return add_signatory(session, access.campaign, access.organiser, form.entry())

    public_id = result_of(form, act)
    if public_id is not None:
        flash_notice(_("%(name)s is in the directory.", name=form.name.data))
        return see_other(".show_signatory", campaign=campaign, signatory=public_id)
    return _write(access, form, None)


@blueprint.get("/<signatory>")
def show_signatory(campaign: str, signatory: str) -> ResponseReturnValue:
    """Show all that is known of one signatory, and what was changed when."""
    session = reading()
    access = enter(session, campaign, Capability.SEE_PEOPLE)
    found = entry(session, access.campaign.id, signatory, "show a signatory")
    details = found.details
    return render_template(
        "directory/show_signatory.html",
        frame=frame_of(session, access, "directory.list_signatories"),
        entry=found,
        sorted_by_rule=_by_rule(found, access),
        country=country_name(details.country, page_language()) if details.country else "",
        language=endonym(details.language) if details.language else "",
        roles=roles_of(session, [found.id], "show a signatory").get(found.id, []),
        history=_history(session, signatory),
        list_url=url_for(".list_signatories", campaign=campaign),
        edit_url=url_for(".edit_signatory_details", campaign=campaign, signatory=signatory),
        remove_url=url_for(".confirm_removal", campaign=campaign, signatory=signatory),
        may_ask=access.may(Capability.ASK),
    )


def _by_rule(found: DirectoryEntry, access: Access) -> str:
    """Return what an entry without a name to sort by is sorted by, by family name; nothing where it has one."""
    if found.details.sort_name:
        return ""
    name = found.details.name
    return name if found.is_organisation else ", ".join(family_fields(name, access.campaign.language))


@blueprint.route("/<signatory>/edit", methods=["GET", "POST"])
def edit_signatory_details(campaign: str, signatory: str) -> ResponseReturnValue:
    """Change one signatory; what somebody else saved in the meantime is not overwritten."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    found = entry(session, access.campaign.id, signatory, "edit a signatory")
    form = _form_of(session, found)

    def act(session: Session) -> bool:
        access = enter(session, campaign, Capability.ASK)
        row = signatory_row(session, access.campaign.id, signatory, to_change=True)
        if request.form.get("seen") != state_of(row):
            raise EntryChanged
        return edit_signatory(session, access.campaign, access.organiser, row, form.entry())

    is_changed = result_of(form, act)
    if is_changed is not None:
        flash_notice(_("Saved.") if is_changed else _("Nothing was changed."))
        return see_other(".show_signatory", campaign=campaign, signatory=signatory)
    if isinstance(form.refusal, EntryChanged):
        theirs = entry(reading(), access.campaign.id, signatory, "edit a signatory")
        return _write(access, form, theirs, _differing(form.entry(), theirs))
    return _write(access, form, found)


@blueprint.route("/<signatory>/remove", methods=["GET", "POST"])
def confirm_removal(campaign: str, signatory: str) -> ResponseReturnValue:
    """Ask before removing; a person who has been asked to sign stays."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    found = entry(session, access.campaign.id, signatory, "remove a signatory")
    form = Form()

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.ASK)
        row = signatory_row(session, access.campaign.id, signatory, to_change=True)
        remove_signatory(session, access.campaign, access.organiser, row)

    if request.method == "POST" and accepted(form, act):
        flash_notice(_("%(name)s is removed from the directory.", name=found.details.name))
        return see_other(".list_signatories", campaign=campaign)
    page = render_template(
        "directory/confirm_removal.html",
        frame=frame_of(reading(), access, "directory.list_signatories"),
        entry=found,
        refused=form.refusal.message if form.refusal else "",
        back_url=url_for(".show_signatory", campaign=campaign, signatory=signatory),
    )
    return page, status_of(form)


def _history(session: Session, signatory: str) -> list[HistoryEvent]:
    recorded = [item for item in history_of(session, signatory) if item.action in _ACTIONS]
    names = names_of(session, {item.actor for item in recorded})
    return [
        HistoryEvent(item.at, str(_ACTIONS[item.action]), _fields(item.detail.get("fields")), names.get(item.actor, ""))
        for item in recorded
    ]


def _fields(recorded: object) -> str:
    names = str(recorded or "").split(", ")
    return ", ".join(str(FIELD_LABELS[name]) for name in names if name in FIELD_LABELS)


def _form_of(session: Session, found: DirectoryEntry) -> SignatoryForm:
    held = roles_of(session, [found.id], "edit a signatory").get(found.id, [])
    values = found.details.as_fields() | {
        "kind": found.kind.value,
        "is_prominent": found.is_prominent,
        "places": [{"group": role.group, "role": role.role} for role in held],
    }
    return SignatoryForm(_typed(), reader_language=page_language(), data=values)


def _differing(mine: NewEntry, theirs: DirectoryEntry) -> list[tuple[str, str]]:
    """Return what stands there now where it differs from what was typed."""
    fields = mine.details.changed_to(theirs.details)
    return [(str(FIELD_LABELS[name]), getattr(theirs.details, name) or _("empty")) for name in fields]


def _write(
    access: Access, form: SignatoryForm, found: DirectoryEntry | None, theirs: Sequence[tuple[str, str]] = ()
) -> ResponseReturnValue:
    """Show the form, with one more empty line for a group than are filled in."""
    if len(form.places) < MOST_PLACES and (not form.places or form.places[-1].data["group"]):
        form.places.append_entry()
    session, campaign = reading(), access.campaign.public_id
    page = render_template(
        "directory/write_signatory.html",
        frame=frame_of(session, access, "directory.list_signatories"),
        form=form,
        entry=found,
        theirs=theirs,
        seen=state_of(signatory_row(session, access.campaign.id, found.public_id)) if found else "",
        groups=groups_by_name(session, access.campaign.id),
        back_url=url_for(".show_signatory", campaign=campaign, signatory=found.public_id)
        if found
        else url_for(".list_signatories", campaign=campaign),
    )
    return page, status_of(form)


def _typed() -> MultiDict[str, str] | None:
    """Return what was typed; nothing at a GET, where an unticked box says nothing."""
    return request.form if request.method == "POST" else None
