"""/desk/campaigns/<id>/chronology: what happened so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import direction, gettext as _
from app.base.markdown import to_html
from app.base.saving import saved, status_of
from app.campaigns import actions, queries
from app.campaigns.access import enter
from app.campaigns.forms import EventForm, write_date
from app.campaigns.member_pages import BOTH, blueprint
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability


@dataclass(frozen=True)
class ShownEvent:
    """One event of the chronology; the pattern shows no more of the date than is known."""

    public_id: str
    happened_on: date
    iso_date: str
    pattern: str
    text: Markup
    source_url: str
    language: str
    direction: str


@blueprint.get("/<public_id>/chronology")
def show_chronology(public_id: str) -> ResponseReturnValue:
    """Show what happened so far, oldest first."""
    access = enter(reading(), public_id, Capability.VIEW)
    return render_template(
        "campaigns/show_chronology.html",
        frame=frame_of(reading(), access),
        events=[_shown_event(event) for event in queries.chronology_of(reading(), access.campaign)],
        campaign=public_id,
        may_edit=access.may(Capability.EDIT),
    )


@blueprint.route("/<public_id>/chronology/new", methods=BOTH)
def new_event(public_id: str) -> ResponseReturnValue:
    """Add an event."""
    access = enter(reading(), public_id, Capability.EDIT)
    form = EventForm(request.form if request.method == "POST" else None, language=access.campaign.language)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        actions.add_event(session, access.campaign, access.organiser, form.facts())

    if saved(form, act):
        flash_notice(_("The event is added."))
        return see_other("campaigns.show_chronology", public_id=public_id)
    return _event_page(public_id, form, None), status_of(form)


@blueprint.route("/<public_id>/chronology/<event>", methods=BOTH)
def edit_event(public_id: str, event: str) -> ResponseReturnValue:
    """Change an event."""
    access = enter(reading(), public_id, Capability.EDIT)
    found = queries.event(reading(), access.campaign, event)
    typed_date = write_date(found.happened_on, found.precision)
    form = EventForm(request.form if request.method == "POST" else None, obj=found, date=typed_date)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        there = queries.event(session, access.campaign, event)
        actions.change_event(session, access.campaign, access.organiser, there, form.facts())

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other("campaigns.show_chronology", public_id=public_id)
    return _event_page(public_id, form, event), status_of(form)


@blueprint.post("/<public_id>/chronology/<event>/remove")
def remove_event(public_id: str, event: str) -> ResponseReturnValue:
    """Take an event out."""
    with writing() as session:
        access = enter(session, public_id, Capability.EDIT)
        found = queries.event(session, access.campaign, event)
        actions.remove_event(session, access.campaign, access.organiser, found)
    flash_notice(_("The event is removed."))
    return see_other("campaigns.show_chronology", public_id=public_id)


def _event_page(public_id: str, form: EventForm, event: str | None) -> str:
    frame = frame_of(reading(), enter(reading(), public_id, Capability.EDIT), "campaigns.show_chronology")
    return render_template("campaigns/edit_event.html", form=form, frame=frame, campaign=public_id, event=event)


def _shown_event(event: queries.CampaignEvent) -> ShownEvent:
    return ShownEvent(
        public_id=event.public_id,
        happened_on=event.happened_on,
        iso_date=write_date(event.happened_on, event.precision),
        pattern={"day": "long", "month": "MMMM y", "year": "y"}[event.precision.value],
        text=to_html(event.text),
        source_url=event.source_url,
        language=event.language,
        direction=direction(event.language),
    )
