"""/desk/campaigns/…: create a campaign and say what it is. Its lists have pages modules of their own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.base.edge import SEE_OTHER, flash_notice, reading, see_other, writing
from app.base.forms import choices_of
from app.base.links import absolute_url
from app.base.locales import STATEMENT_LANGUAGES, direction, endonym, gettext as _
from app.base.markdown import to_html
from app.base.saving import result_of, saved, status_of
from app.campaigns import actions, queries
from app.campaigns.access import Access, enter, enter_as_founder
from app.campaigns.chronology_pages import show_chronology
from app.campaigns.convenor_pages import list_convenors
from app.campaigns.forms import (
    LANGUAGES,
    CampaignLanguageForm,
    CampaignSettingsForm,
    CampaignTextForm,
    NewCampaignForm,
)
from app.campaigns.member_pages import BOTH, blueprint
from app.campaigns.navigation import campaign_url, frame_of
from app.campaigns.states import (
    CampaignTextChanged,
    Capability,
    NoSuchEntry,
)

# The lists stand on the same blueprint; naming a page of each keeps them joined.
__all__ = ["blueprint", "list_convenors", "show_chronology"]


@dataclass(frozen=True)
class CampaignWords:
    """A campaign's title and summary in one language, with how that language is called and written."""

    language: str
    endonym: str
    direction: str
    title: str
    summary: str
    summary_html: Markup
    is_main: bool


@blueprint.route("/new", methods=BOTH)
def new_campaign() -> ResponseReturnValue:
    """Create a campaign whose owner one becomes."""
    enter_as_founder(reading())
    form = NewCampaignForm(request.form)

    def act(session: Session) -> str:
        return actions.create_campaign(session, enter_as_founder(session), form.facts()).public_id

    created = result_of(form, act)
    if created is not None:
        flash_notice(_("The campaign is created. You are its owner."))
        return redirect(campaign_url(created), SEE_OTHER)
    return render_template("campaigns/new_campaign.html", form=form), status_of(form)


@blueprint.route("/<public_id>/edit", methods=BOTH)
def edit_campaign(public_id: str) -> ResponseReturnValue:
    """Show the campaign's texts, and change its address, main language and press contact."""
    access = enter(reading(), public_id, Capability.EDIT)
    settings = queries.settings_of(reading(), access.campaign)
    form = CampaignSettingsForm(request.form if request.method == "POST" else None, obj=settings)
    texts = queries.texts_of(reading(), access.campaign)
    form.language.choices = choices_of((language, endonym(language)) for language in texts)
    is_fixed = access.campaign.published_at is not None

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        actions.change_settings(session, access.campaign, access.organiser, form.facts())

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other("campaigns.edit_campaign", public_id=public_id)
    access = enter(reading(), public_id, Capability.EDIT)
    return render_template(
        "campaigns/edit_campaign.html",
        form=form,
        frame=frame_of(reading(), access),
        campaign=public_id,
        texts=[_shown_text(access, language, text) for language, text in texts.items()],
        languages=_other_languages(texts),
        is_fixed=is_fixed,
        public_address=absolute_url(reading(), f"/campaigns/{queries.slug_of(reading(), access.campaign)}"),
    ), status_of(form)


@blueprint.get("/<public_id>/text")
def choose_language(public_id: str) -> ResponseReturnValue:
    """Lead to the form for the text in a chosen language."""
    enter(reading(), public_id, Capability.EDIT)
    language = request.args.get("language", "")
    return see_other("campaigns.edit_text", public_id=public_id, language=_known(language))


@blueprint.route("/<public_id>/text/<language>", methods=BOTH)
def edit_text(public_id: str, language: str) -> ResponseReturnValue:
    """Write title and summary in one language, beside the main language's."""
    access = enter(reading(), public_id, Capability.EDIT)
    texts = queries.texts_of(reading(), access.campaign)
    there = texts.get(_known(language), queries.Texts())
    form = CampaignTextForm(request.form if request.method == "POST" else None, obj=there)

    def act(session: Session) -> None:
        access = enter(session, public_id, Capability.EDIT)
        actions.change_text(session, access.campaign, access.organiser, form.facts(language), form.mark.words)

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other("campaigns.edit_campaign", public_id=public_id)
    theirs = there if isinstance(form.refusal, CampaignTextChanged) else None
    if theirs is not None:
        form.mark.data = theirs.mark
    access = enter(reading(), public_id, Capability.EDIT)
    main_language = access.campaign.language
    main = texts.get(main_language)
    return render_template(
        "campaigns/edit_text.html",
        form=form,
        frame=frame_of(reading(), access, "campaigns.edit_campaign"),
        campaign=public_id,
        text=_shown_text(access, language, there),
        main=_shown_text(access, access.campaign.language, main)
        if main and language != access.campaign.language
        else None,
        theirs=theirs,
    ), status_of(form)


@blueprint.post("/<public_id>/text/<language>/remove")
def remove_text(public_id: str, language: str) -> ResponseReturnValue:
    """Drop title and summary in a language that is not the main one."""
    with writing() as session:
        access = enter(session, public_id, Capability.EDIT)
        actions.remove_text(session, access.campaign, access.organiser, language)
    flash_notice(_("The text in %(language)s is removed.", language=endonym(language)))
    return see_other("campaigns.edit_campaign", public_id=public_id)


def _known(language: str) -> str:
    if language not in STATEMENT_LANGUAGES:
        raise NoSuchEntry
    return language


def _other_languages(texts: dict[str, queries.Texts]) -> CampaignLanguageForm:
    form = CampaignLanguageForm()
    form.language.choices = choices_of(choice for choice in LANGUAGES if choice[0] not in texts)
    return form


def _shown_text(access: Access, language: str, text: queries.Texts) -> CampaignWords:
    is_main = language == access.campaign.language
    return CampaignWords(
        language, endonym(language), direction(language), text.title, text.summary, to_html(text.summary), is_main
    )
