"""The desk's pages of a register's dry run: what would happen, how letters begin, and the button that does it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.forms import Form
from app.base.locales import gettext as _, in_figures, ngettext, page_language
from app.base.saving import saved, status_of
from app.campaigns.access import enter_house
from app.campaigns.queries import title_in
from app.campaigns.states import WRITERS
from app.imports.forms import read_edits, read_shown, read_taken_back
from app.imports.parts import ReviewPart, figures_of, first_part, nothing_to_import, sums_of, told_of_edits
from app.imports.review import RowVerdict
from app.imports.states import KEPT_DAYS, ImportState
from app.institutions.proposals import campaigns_to_accept_for
from app.registers.actions import apply_register, save_office_edits, save_plan
from app.registers.fields import OfficeField
from app.registers.forms import pattern_name, salutations_form
from app.registers.models import Register
from app.registers.plans import RegisterPlan
from app.registers.queries import SeenRegister, register_plan, register_row, seen_register
from app.registers.questions import (
    PARTS,
    ShownOffice,
    in_register_part,
    list_questions,
    saved_patterns,
    shown_offices,
    shown_patterns,
)
from app.registers.review import RegisterReview
from app.registers.salutations import Manner, default_pattern, without_comma

blueprint = Pages("registers", __name__, url_prefix="/desk/institutions/lists")
_PAGE_ROWS = 50
_MOST_TARGETS = 10
_PAGES = ("answer_register", "mend_offices", "apply", "discard_list", "map_offices", "download_left_out")
_ASKED = ("turns_commas", "turns_capitals", "parts_at_commas", "renews_salutations")


@dataclass(frozen=True)
class RegisterPart:
    """A tab of the dry run."""

    url: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class RegisterPage:
    """A page of a part's rows, with the tabs beside it; each row names its institution where there are several."""

    parts: Sequence[RegisterPart]
    rows: Sequence[ShownOffice]
    after: str
    next_url: str | None
    first_url: str | None
    names_institutions: bool


@blueprint.get("/<register>/review")
def review_register(register: str) -> ResponseReturnValue:
    """Show the dry run: what would happen to every row, in parts and pages."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    if row.state is not ImportState.MAPPED:
        return see_other(".resume_register", register=register)
    return _review(session, row, seen_register(session, row))


@blueprint.post("/<register>/answers")
def answer_register(register: str) -> ResponseReturnValue:
    """Save how letters begin and what was decided for the whole list; then the rows are shown anew."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    if row.state is not ImportState.MAPPED:
        return see_other(".resume_register", register=register)
    seen = seen_register(session, row)
    asked = saved_patterns(seen.review, seen.plan)
    form = salutations_form(asked, request.form)

    def act(session: Session) -> None:
        row = register_row(session, enter_house(session, writing=True).organiser, register, to_change=True)
        save_plan(session, row, _answered(register_plan(session, row), form, asked))

    if saved(form, act):
        flash_notice(_("Saved. Below is what would happen now."))
        return see_other(".review_register", register=register)
    return _review(reading(), row, seen, form)


@blueprint.post("/<register>/edits")
def mend_offices(register: str) -> ResponseReturnValue:
    """Save what was written in place of cells, of all rows on the page; one row can be taken back."""
    edits, taken_back = read_edits(request.form, frozenset(OfficeField)), read_taken_back(request.form)
    with writing() as session:
        row = register_row(session, enter_house(session, writing=True).organiser, register, to_change=True)
        save_office_edits(session, row, edits, taken_back, read_shown(request.form))
    flash_notice(told_of_edits(edits, taken_back))
    part, after = request.form.get("part", ""), request.form.get("after") or None
    return see_other(".review_register", register=register, part=part if part in PARTS else None, after=after)


@blueprint.post("/<register>/apply")
def apply(register: str) -> ResponseReturnValue:
    """Write what was shown; pressing twice writes once."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    if row.state is ImportState.MAPPED:
        seen = seen_register(session, row)
        with writing() as session:
            house = enter_house(session, writing=True)
            row = register_row(session, house.organiser, register, to_change=True)
            accept_for = request.form.getlist("accept_for")
            apply_register(session, house.organiser, house.organiser_id, row, seen, accept_for)
        flash_notice(_("The list is imported. The uploaded file is deleted."))
    return see_other(".resume_register", register=register)


def _answered(plan: RegisterPlan, form: Form, asked: Collection[tuple[str, Manner]]) -> RegisterPlan:
    """Return the plan with the answers; a salutation that is the house's own is not kept."""
    patterns = {language: dict(own) for language, own in plan.patterns.items()}
    for language, manner in asked:
        own, text = patterns.setdefault(language, {}), without_comma(form.data[pattern_name(language, manner)])
        own.pop(manner.value, None)
        if text and text != default_pattern(language, manner):
            own[manner.value] = text
    shown = request.form.getlist("asked")
    answers = {name: name in request.form for name in _ASKED if name in shown}
    return replace(plan, patterns=patterns, **answers)  # type: ignore[arg-type]


def _review(session: Session, row: Register, seen: SeenRegister, form: Form | None = None) -> ResponseReturnValue:
    review, plan, sums = seen.review, seen.plan, sums_of(seen.review)
    asked = saved_patterns(review, plan)
    form = form or salutations_form(asked)
    part = _part(review)
    targets = review.targets
    page = render_template(
        "registers/review_register.html",
        filename=plan.filename,
        sums=sums,
        figures_shown=figures_of(sums),
        targets=targets[:_MOST_TARGETS],
        more_targets=max(0, len(targets) - _MOST_TARGETS),
        form=form,
        patterns=shown_patterns(review, form, asked),
        questions=list_questions(seen),
        part=part,
        page=_page(review, row, part),
        campaigns=_campaigns(session, seen),
        import_label=_import_label(review),
        kept_days=KEPT_DAYS,
        urls={name: url_of_register(row, name) for name in _PAGES},
    )
    return page, status_of(form)


def _campaigns(session: Session, seen: SeenRegister) -> list[tuple[str, str]]:
    """Return the campaigns of the organiser's own that use one of the institutions, by public id and title."""
    organiser_id = enter_house(session).organiser_id
    found: dict[str, str] = {}
    for target, _number in seen.review.targets:
        if target.institution_id is not None:
            for each in campaigns_to_accept_for(session, target.institution_id, organiser_id, WRITERS):
                found.setdefault(each.public_id, title_in(session, each.campaign_id, page_language()))
    return list(found.items())


def _part(review: RegisterReview) -> ReviewPart:
    """Return the part that was asked for, or else the problems, where there are any."""
    given = request.args.get("part")
    if given in PARTS:
        return ReviewPart(given)
    return first_part(lambda part: len(in_register_part(review, part)) if part in PARTS else 0)


def _page(review: RegisterReview, row: Register, part: ReviewPart) -> RegisterPage:
    after = request.args.get("after", "")
    first = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    rows = [each for each in in_register_part(review, part) if each.reading.number > first]
    shown, url = rows[:_PAGE_ROWS], partial(url_of_register, row, "review_register", part=part.value)
    return RegisterPage(
        _parts(review, row, part),
        shown_offices(shown, page_language()),
        after,
        url(after=shown[-1].reading.number) if len(rows) > _PAGE_ROWS else None,
        url() if after else None,
        len(review.targets) > 1,
    )


def _parts(review: RegisterReview, row: Register, current: ReviewPart) -> list[RegisterPart]:
    """Return the tabs that have something to show, each with its number of rows."""
    counted = [(part, len(in_register_part(review, part))) for part in PARTS]
    return [
        RegisterPart(
            url_of_register(row, "review_register", part=part.value),
            f"{part.label} ({in_figures(number)})",
            part is current,
        )
        for part, number in counted
        if number or part in (ReviewPart.ALL, current)
    ]


def _import_label(review: RegisterReview) -> str:
    number = review.count(RowVerdict.ADD, RowVerdict.UPDATE)
    if number:
        return ngettext("Import %(num)s recipient", "Import %(num)s recipients", number)
    return nothing_to_import(review.count(RowVerdict.REFUSED))


def url_of_register(row: Register, view: str, **values: str | int) -> str:
    """Return the address of one of a register's pages."""
    return url_for(f"registers.{view}", register=row.public_id, **values)  # type: ignore[arg-type]
