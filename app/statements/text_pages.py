"""The desk's pages for a statement's text: writing it with its demands, and looking at it as readers will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.base.edge import flash_notice, reading, see_other
from app.base.locales import direction, endonym, gettext as _
from app.base.markdown import to_html
from app.base.moments import Moment
from app.base.saving import saved, status_of
from app.campaigns.states import Capability
from app.statements import queries
from app.statements.desk import blueprint, entered, here, posted
from app.statements.differences import Paragraph, differences
from app.statements.drafting import DraftText, draft_of, save_draft
from app.statements.forms import StatementTextForm
from app.statements.states import TextChangedMeanwhile


@dataclass(frozen=True)
class TextPreview:
    """A text as readers will see it."""

    language: str
    direction: str
    title: str
    summary: Markup
    body: Markup
    demands: tuple[Markup, ...]


@dataclass(frozen=True)
class Difference:
    """One part of the text in which the saved one and the typed one differ."""

    label: str
    paragraphs: Sequence[Paragraph]


@dataclass(frozen=True)
class SavedMeanwhile:
    """What somebody else saved in the meantime, beside what was typed."""

    headline: str
    differences: tuple[Difference, ...]


@blueprint.route("/statements/<statement>/text/<language>", methods=["GET", "POST"])
def edit_text(statement: str, language: str) -> ResponseReturnValue:
    """Write a text: save it, look at it, or rearrange its demands. Only "save" saves."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    text = queries.text_of(session, found.version.id, language)
    if request.method != "POST":
        if found.version.frozen_at is not None:
            return see_other(".preview_text", statement=statement, language=language)
        return _page(statement, _filled(text), language)
    form = StatementTextForm(posted())
    what, _colon, number = request.form.get("do", "save").partition(":")
    if what == "preview":
        return _page(statement, form, language, preview=_rendered(_draft(form), language))
    if what != "save":
        look_at = form.rearrange(what, int(number) if number.isdecimal() else 0)
        return _page(statement, form, language, look_at=look_at, rearranged=True)

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.EDIT)
        save_draft(session, found.actor, found.statement, language, _draft(form), form.revision.number)

    if saved(form, act):
        flash_notice(_("The %(language)s text is saved.", language=endonym(language)))
        return see_other(".edit_text", statement=statement, language=language)
    if isinstance(form.refusal, TextChangedMeanwhile):
        return _conflict(statement, form, language)
    return _page(statement, form, language)


@blueprint.get("/statements/<statement>/preview/<language>")
def preview_text(statement: str, language: str) -> ResponseReturnValue:
    """Show a saved text as readers will see it."""
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    text = queries.text_of(session, found.version.id, language)
    return render_template(
        "statements/preview_text.html",
        here=here(session, found),
        text=_rendered(draft_of(text), language),
        languages=queries.languages_of(session, found.version.id),
        addressees=queries.addressees_of(session, found.version.id),
        annexes=queries.annexes_of(session, found.version.id),
    )


def _conflict(statement: str, form: StatementTextForm, language: str) -> ResponseReturnValue:
    """Show both texts; saving the form again then goes over the saved one, knowingly."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    text = queries.text_of(session, found.version.id, language)
    form.revision.data = str(text.revision)
    saved, typed = draft_of(text), _draft(form)
    parts = (
        (_("Title"), saved.title, typed.title),
        (_("Summary"), saved.summary, typed.summary),
        (_("Text"), saved.body, typed.body),
        (_("Demands"), _numbered(saved.demands), _numbered(typed.demands)),
    )
    found_differences = tuple(
        Difference(label, differences(theirs, mine)) for label, theirs, mine in parts if theirs != mine
    )
    conflict = SavedMeanwhile(_headline(session, text, found.actor, found.statement.zone), found_differences)
    return _page(statement, form, language, conflict=conflict)


def _headline(session: Session, text: queries.WrittenText, actor: str, zone: str) -> str:
    """Say who was quicker; often it is oneself, in another tab."""
    at = Moment(text.saved_at, zone).clock
    if text.saved_by == actor:
        return _("You saved another text at %(time)s, in another tab or window", time=at)
    name = names_of(session, [text.saved_by]).get(text.saved_by) or _("Somebody else")
    return _("%(name)s saved this text at %(time)s", name=name, time=at)


def _page(
    statement: str,
    form: StatementTextForm,
    language: str,
    *,
    preview: TextPreview | None = None,
    conflict: SavedMeanwhile | None = None,
    look_at: int | None = None,
    rearranged: bool = False,
) -> ResponseReturnValue:
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    page = render_template(
        "statements/edit_text.html",
        here=here(session, found),
        languages=queries.languages_of(session, found.version.id),
        language=language,
        direction=direction(language),
        endonym=endonym(language),
        form=form,
        preview=preview,
        conflict=conflict,
        look_at=look_at,
        rearranged=rearranged,
        preview_url=url_for(".preview_text", statement=statement, language=language),
    )
    return page, status_of(form)


def _filled(text: queries.WrittenText) -> StatementTextForm:
    draft = draft_of(text)
    return StatementTextForm(
        data={
            "title": draft.title,
            "summary": draft.summary,
            "body": draft.body,
            "demands": list(draft.demands),
            "revision": str(text.revision),
        }
    )


def _draft(form: StatementTextForm) -> DraftText:
    """Return what was typed; demands left empty are none."""
    typed = tuple(text for text in form.typed_demands if text.strip())
    return DraftText(form.title.words, form.summary.words, form.body.words, typed)


def _rendered(draft: DraftText, language: str) -> TextPreview:
    return TextPreview(
        language=language,
        direction=direction(language),
        title=draft.title,
        summary=to_html(draft.summary),
        body=to_html(draft.body),
        demands=tuple(to_html(demand) for demand in draft.demands),
    )


def _numbered(demands: Sequence[str]) -> str:
    return "\n\n".join(f"{number}. {text}" for number, text in enumerate(demands, 1))
