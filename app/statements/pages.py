"""The desk's pages for statements: the list, a new one, its overview, languages, addressees and settings.

Its text, its annexes and its opening have modules of their own; all of them hang on one blueprint.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import STATEMENT_LANGUAGES, endonym, gettext as _
from app.base.moments import moment_of
from app.base.saving import result_of, saved, status_of
from app.base.signposts import way_to
from app.campaigns.access import enter
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability
from app.statements import annex_pages, group_pages, opening_pages, queries, recipient_pages, text_pages
from app.statements.actions import StatementSettings, change_settings, create_statement, order_names
from app.statements.addressing import count_waiting
from app.statements.desk import APPEAL, READERS_STATEMENT, Entered, blueprint, entered, here, posted, recipients_url
from app.statements.drafting import add_language, remove_language, set_addressees
from app.statements.drafts import institutions_to_choose
from app.statements.forms import (
    FollowedForm,
    NewStatementForm,
    StatementLanguageForm,
    StatementSettingsForm,
    local_parts,
)
from app.statements.group_pages import addressees_shown
from app.statements.overview import overview
from app.statements.states import NameOrder, StatementKind, VersionFrozen

__all__ = ["annex_pages", "blueprint", "group_pages", "opening_pages", "recipient_pages", "text_pages"]


@blueprint.get("/campaigns/<campaign>/statements")
def list_statements(campaign: str) -> ResponseReturnValue:
    """Show a campaign's statements, newest first."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    return render_template(
        "statements/list_statements.html",
        frame=frame_of(session, access),
        statements=queries.statements_of(session, access.campaign.id),
        new_url=url_for(".new_statement", campaign=campaign) if access.may(Capability.EDIT) else "",
    )


@blueprint.route("/campaigns/<campaign>/statements/new", methods=["GET", "POST"])
def new_statement(campaign: str) -> ResponseReturnValue:
    """Create a statement from a title, a kind and a language."""
    access = enter(reading(), campaign, Capability.EDIT)
    form = NewStatementForm(posted(), language=access.campaign.language)

    def act(session: Session) -> str:
        access = enter(session, campaign, Capability.EDIT)
        title, language, kind = form.title.words, form.language.data, StatementKind(form.kind.data)
        created = create_statement(
            session, access.organiser, access.campaign, title=title, language=language, kind=kind
        )
        return created.public_id

    created = result_of(form, act)
    if created is not None:
        return see_other(".edit_text", statement=created, language=form.language.data)
    session = reading()
    frame = frame_of(session, access, "statements.list_statements")
    page = render_template("statements/new_statement.html", frame=frame, form=form)
    return page, status_of(form)


@blueprint.get("/statements/<statement>")
def show_statement(statement: str) -> ResponseReturnValue:
    """Show where a statement stands: while it is drafted, its task list."""
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    return render_template(
        "statements/show_statement.html",
        here=here(session, found),
        overview=overview(session, found.statement, found.version),
        published_url=_published_url(found),
        appeal_url=way_to(APPEAL, statement),
        opened=moment_of(found.statement.opened_at, found.statement.zone),
        closed=moment_of(found.statement.closed_at, found.statement.zone),
    )


@blueprint.route("/statements/<statement>/languages", methods=["GET", "POST"])
def list_languages(statement: str) -> ResponseReturnValue:
    """Show the languages of a draft, add one or remove one."""
    form = StatementLanguageForm(posted())
    if request.method == "POST":
        entered(reading(), statement, Capability.EDIT)
        removed = request.form.get("remove")
        if removed is not None:
            with writing() as session:
                found = entered(session, statement, Capability.EDIT)
                remove_language(session, found.actor, found.statement, removed)
            flash_notice(_("%(language)s was removed.", language=endonym(removed)))
            return see_other(".list_languages", statement=statement)

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.EDIT)
        add_language(session, found.actor, found.statement, form.language.data)

    if saved(form, act):
        return see_other(".edit_text", statement=statement, language=form.language.data)
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    languages = queries.languages_of(session, found.version.id)
    present = {row.language for row in languages}
    form.language.choices = [item for item in STATEMENT_LANGUAGES.items() if item[0] not in present]
    page = render_template(
        "statements/list_languages.html", here=here(session, found), languages=languages, form=form,
        removing=next((row for row in languages if row.language == request.args.get("remove")), None),
    )  # fmt: skip
    return page, status_of(form)


@blueprint.route("/statements/<statement>/addressees", methods=["GET", "POST"])
def choose_addressees(statement: str) -> ResponseReturnValue:
    """Choose the institutions that a statement is addressed to, and their order."""
    if request.method == "POST":
        with writing() as session:
            found = entered(session, statement, Capability.EDIT)
            present = [row.public_id for row in queries.addressees_of(session, found.version.id)]
            set_addressees(session, found.actor, found.statement, _rearranged(present))
        return see_other(".choose_addressees", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    addressees = queries.addressees_of(session, found.version.id)
    return render_template(
        "statements/choose_addressees.html",
        here=here(session, found),
        addressees=addressees_shown(session, found, addressees),
        choices=institutions_to_choose(session, [row.institution_id for row in addressees]),
        institutions_url=url_for("institutions.list_institutions"),
        recipients_url=recipients_url(found) if addressees else "",
        waiting=count_waiting(session, found.statement.id),
    )


@blueprint.route("/statements/<statement>/settings", methods=["GET", "POST"])
def edit_settings(statement: str) -> ResponseReturnValue:
    """Set what stands beside the text; once it is open, only who reads replies and how many are hoped for."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    form = _settings_form(found)
    if saved(form, lambda session: _save_settings(session, statement, form)):
        flash_notice(_("Saved."))
        return see_other(".show_statement", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    page = render_template("statements/edit_settings.html", here=here(session, found), form=form)
    return page, status_of(form)


def _settings_form(found: Entered) -> StatementSettingsForm | FollowedForm:
    """Fill the form from what was posted or else from what is saved."""
    session, statement = reading(), found.statement
    contact = queries.contact_of(session, statement)
    saved: dict[str, Any] = {
        "goal": statement.goal, "contact_name": contact.name, "contact_email": contact.email,
        "name_order": statement.name_order.value,
    }  # fmt: skip
    if not here(session, found).is_draft:
        return FollowedForm(posted(), data=saved)
    saved |= {"kind": statement.kind.value, "slug": queries.slug_of(session, statement), "language": statement.language}
    saved |= local_parts(statement.deadline_at, statement.zone)
    form = StatementSettingsForm(posted(), data=saved)
    form.language.choices = [(row.language, row.endonym) for row in queries.languages_of(session, found.version.id)]
    return form


def _save_settings(session: Session, statement: str, form: StatementSettingsForm | FollowedForm) -> None:
    found = entered(session, statement, Capability.EDIT)
    now = found.statement
    goal, name, email = form.goal.data, form.contact_name.words, form.contact_email.words
    kind, slug, language = now.kind, queries.slug_of(session, now), now.language
    deadline_at, zone = now.deadline_at, now.zone
    if isinstance(form, StatementSettingsForm):
        if not here(session, found).is_draft:
            raise VersionFrozen
        kind, slug, language = StatementKind(form.kind.data), form.slug.words, form.language.data
        deadline_at, zone = form.deadline_at, form.deadline_zone.data
    settings = StatementSettings(kind, slug, language, deadline_at, zone, goal, name, email)
    change_settings(session, found.actor, now, settings)
    order_names(session, found.actor, now, NameOrder(form.name_order.data))


def _rearranged(present: list[str]) -> list[str]:
    """Apply the pressed button to the list of addressees: add, remove, or one place up or down."""
    what, _colon, which = request.form.get("do", "").partition(":")
    if what == "add":
        return [*present, *(chosen for chosen in [request.form.get("institution", "")] if chosen)]
    if which not in present:
        return present
    at = present.index(which)
    present.pop(at)
    if what == "remove":
        return present
    present.insert(max(at + {"up": -1, "down": 1}.get(what, 0), 0), which)
    return present


def _published_url(found: Entered) -> str:
    """Return the readers' page, where there is one."""
    if found.statement.opened_at is None:
        return ""
    return way_to(READERS_STATEMENT, found.statement.slug)
