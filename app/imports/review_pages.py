"""The desk's pages of an import's dry run: what would happen, the questions, and the button that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.background.long_works import order_work, work_of
from app.base.blueprints import Pages
from app.base.countries import country_choices
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.forms import Form
from app.base.locales import gettext as _, in_figures, ngettext, page_language
from app.base.saving import blaming
from app.campaigns.access import Access, enter
from app.campaigns.navigation import CampaignFrame, frame_of
from app.campaigns.states import Capability
from app.imports.actions import apply_import, begin_import, save_answers, save_edits
from app.imports.dry_runs import KeptReview
from app.imports.forms import read_answers, read_countries, read_edits, read_shown, read_taken_back
from app.imports.judging import judge_answers, save_judged
from app.imports.keeping import drop_review, is_outdated, keep_review, kept_countries, kept_review
from app.imports.models import Import
from app.imports.paging import page_of
from app.imports.parts import ReviewPart, figures_of, first_part, nothing_to_import, sums_of, told_of_edits
from app.imports.queries import dry_run, import_row, plan_of
from app.imports.questions import alike, country_question, shown_rows
from app.imports.review import RowVerdict
from app.imports.states import (
    KEPT_DAYS,
    MOST_AT_ONCE,
    ImportState,
    ReviewOutdated,
    WorkKind,
)

blueprint = Pages("imports", __name__, url_prefix="/desk/campaigns/<campaign>/signatories/imports")
_PAGE_ROWS = 50
_PAGE_QUESTIONS = 20
_PAGE_PAIRS = 200
_PAGE_COUNTRIES = 20  # each holds a list of 250 countries
_PAGES = ("answer_questions", "mend_rows", "apply", "discard", "map_columns", "download_left_out", "compare_again")


@dataclass(frozen=True)
class PartLink:
    """A tab of the dry run."""

    url: str
    label: str
    is_current: bool


@blueprint.get("/<upload>/review")
def review_import(campaign: str, upload: str) -> ResponseReturnValue:
    """Show the dry run: what would happen to every row, in parts and pages."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if row.state is not ImportState.MAPPED or work_of(session, upload) is not None:
        return see_other(".resume_import", campaign=campaign, upload=upload)
    return _review(session, access, row, "")


@blueprint.post("/<upload>/compare")
def compare_again(campaign: str, upload: str) -> ResponseReturnValue:
    """Compare the list with the directory once more: at once, or in the background where it is long."""
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        if row.state is ImportState.MAPPED:
            drop_review(session, row)
    work_out(campaign, upload)
    return see_other(".review_import", campaign=campaign, upload=upload)


@blueprint.post("/<upload>/answers")
def answer_questions(campaign: str, upload: str) -> ResponseReturnValue:
    """Save the answers of one page; what was not answered waits."""
    part, after = _part(request.form.get("part")), request.form.get("next_after") or None
    answers, countries = read_answers(request.form), read_countries(request.form)
    if not _answer_rows(campaign, upload, answers, countries):
        with writing() as session:
            access = enter(session, campaign, Capability.ASK)
            save_answers(session, import_row(session, access.campaign.id, upload, to_change=True), answers, countries)
        work_out(campaign, upload)
    number = sum(1 for answer in answers.values() if answer) + sum(1 for code in countries.values() if code is not None)
    flash_notice(ngettext("%(num)s answer is saved.", "%(num)s answers are saved.", number))
    return see_other(".review_import", campaign=campaign, upload=upload, part=part and part.value, after=after)


@blueprint.post("/<upload>/edits")
def mend_rows(campaign: str, upload: str) -> ResponseReturnValue:
    """Save what was written in place of cells, of all rows on the page; one row can be taken back."""
    edits = read_edits(request.form)
    taken_back = read_taken_back(request.form)
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        save_edits(session, row, edits, taken_back, read_shown(request.form))
    work_out(campaign, upload)
    flash_notice(told_of_edits(edits, taken_back))
    part, after = _part(request.form.get("part")), request.form.get("after") or None
    return see_other(".review_import", campaign=campaign, upload=upload, part=part and part.value, after=after)


@blueprint.post("/<upload>/apply")
def apply(campaign: str, upload: str) -> ResponseReturnValue:
    """Write what was shown, or begin to where the list is long; pressing twice writes once."""
    form = Form()
    with blaming(form):
        _bring_up_to_date(campaign, upload)
        with writing() as session:
            has_ended = _apply(session, campaign, upload)
        if has_ended:
            flash_notice(_("The list is imported. The uploaded file is deleted."))
        return see_other(".resume_import", campaign=campaign, upload=upload)
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if form.refusal is None or row.state is not ImportState.MAPPED:
        return see_other(".resume_import", campaign=campaign, upload=upload)
    return _review(session, access, row, form.refusal.message), form.refusal.status


def _apply(session: Session, campaign: str, upload: str) -> bool:
    """Write a short list, or order a long one to be written; tell whether that has ended an import."""
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload, to_change=True)
    is_left_out, is_new = "leave_out" in request.form, row.state is ImportState.MAPPED
    if row.rows <= MOST_AT_ONCE:
        apply_import(session, access.campaign, access.organiser, row, is_left_out)
    elif is_new:
        begin_import(session, access.campaign, access.organiser, row, is_left_out)
        order_work(session, WorkKind.WRITE, upload, access.organiser, row.rows)
    return is_new and row.state is ImportState.APPLIED


def work_out(campaign: str, upload: str) -> None:
    """Work the dry run of a list out and keep it: at once, or in the background where it is long."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if row.state is not ImportState.MAPPED:
        return
    if row.rows > MOST_AT_ONCE:
        with writing() as session:
            order_work(session, WorkKind.LOOK, upload, access.organiser, row.rows)
        return
    seen = dry_run(session, access.campaign.id, row)
    with writing() as session:
        row = import_row(session, access.campaign.id, upload, to_change=True)
        if row.plan_sealed == seen.mark[-1]:
            keep_review(session, row, seen)


def _bring_up_to_date(campaign: str, upload: str) -> None:
    """Work a short list out again if the directory changed since; raises ReviewOutdated if that makes a difference."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    before = kept_review(session, row)
    if row.state is not ImportState.MAPPED or row.rows > MOST_AT_ONCE:
        return
    if before is None or not is_outdated(session, row, before):
        return
    work_out(campaign, upload)
    after = kept_review(reading(), import_row(reading(), access.campaign.id, upload))
    if after is None or any(before.count(verdict) != after.count(verdict) for verdict in RowVerdict):
        raise ReviewOutdated


def _answer_rows(campaign: str, upload: str, answers: Mapping[int, str], countries: Mapping[str, str | None]) -> bool:
    """Save answers about rows and judge again what they touch; tell whether that was enough."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    judged = None if countries or row.state is not ImportState.MAPPED else judge_answers(session, row, answers)
    if judged is None:
        return False
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        return save_judged(session, import_row(session, access.campaign.id, upload, to_change=True), judged)


def _review(session: Session, access: Access, row: Import, problem: str) -> str:
    plan = plan_of(session, row)
    kept = kept_review(session, row)
    campaign = access.campaign.public_id
    urls = {name: url_of(campaign, row, name) for name in _PAGES}
    if kept is None:
        frame = campaign_frame(session, access)
        return render_template("imports/compare_again.html", frame=frame, filename=plan.filename, urls=urls)
    part = _part_shown(kept)
    limit = _PAGE_QUESTIONS if part.asks else _PAGE_PAIRS if part.lists_pairs else _PAGE_ROWS
    page = page_of(session, row, kept, part, request.args.get("after", ""), limit)
    in_words = shown_rows(page.rows, kept.header, page_language())
    next_after = page.next_after
    countries = kept_countries(session, row)[:_PAGE_COUNTRIES] if part is ReviewPart.COUNTRIES else []
    return render_template(
        "imports/review_import.html",
        frame=campaign_frame(session, access),
        part=part,
        parts=_parts(kept, campaign, row, part),
        rows=in_words,
        alike=alike(in_words, page.groups, page.still_open) if part is ReviewPart.LIKELY else [],
        pairs=kept.number_in(part) if part.lists_pairs else 0,
        countries=[
            country_question(index, each.question, each.names, each.rows, page_language())
            for index, each in enumerate(countries)
        ],
        more_countries=kept.countries > _PAGE_COUNTRIES,
        choices=country_choices(page_language()) if part is ReviewPart.COUNTRIES else [],
        next_after=next_after,
        next_url=url_of(campaign, row, "review_import", part=part.value, after=next_after) if next_after else None,
        first_url=url_of(campaign, row, "review_import", part=part.value) if request.args.get("after") else None,
        figures_shown=figures_of(sums_of(kept)),
        questions=kept.open_questions,
        open_countries=kept.open_countries,
        import_label=_import_label(kept),
        left_out=kept.count(RowVerdict.ASKED, RowVerdict.REFUSED),
        sums=sums_of(kept),
        filename=plan.filename,
        ignored_columns=kept.left_out_columns,
        after=request.args.get("after", ""),
        problem=problem,
        is_outdated=is_outdated(session, row, kept),
        kept_days=KEPT_DAYS,
        urls=urls,
    )


def _parts(kept: KeptReview, campaign: str, row: Import, current: ReviewPart) -> list[PartLink]:
    """Return the tabs that have something to show, each with its number of rows."""
    links = []
    for part in ReviewPart:
        number = kept.number_in(part)
        if number or part in (ReviewPart.ALL, current):
            label = f"{part.label} ({in_figures(number)})"
            links.append(PartLink(url_of(campaign, row, "review_import", part=part.value), label, part is current))
    return links


def _import_label(kept: KeptReview) -> str:
    if not kept.count(RowVerdict.ADD, RowVerdict.UPDATE):
        return nothing_to_import(kept.count(RowVerdict.ASKED, RowVerdict.REFUSED))
    number = kept.count(RowVerdict.ADD, RowVerdict.UPDATE, RowVerdict.UNCHANGED, RowVerdict.REPEAT)
    return ngettext("Import %(num)s row", "Import %(num)s rows", number)


def _part_shown(kept: KeptReview) -> ReviewPart:
    """Return the part that was asked for, unless nothing is in it any more."""
    given = _part(request.args.get("part"))
    if given is not None and (given is ReviewPart.ALL or kept.number_in(given)):
        return given
    return first_part(lambda part: kept.open_countries if part is ReviewPart.COUNTRIES else kept.number_in(part))


def _part(given: str | None) -> ReviewPart | None:
    return ReviewPart(given) if given in set(ReviewPart) else None


def campaign_frame(session: Session, access: Access) -> CampaignFrame:
    """Return what surrounds the pages of an import."""
    return frame_of(session, access, "directory.list_signatories")


def url_of(campaign: str, row: Import, view: str, **values: Any) -> str:
    """Return the address of one of an import's pages."""
    return url_for(f"imports.{view}", campaign=campaign, upload=row.public_id, **values)
