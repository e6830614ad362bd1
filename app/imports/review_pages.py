"""The desk's pages of an import's dry run: what would happen, the questions, and the button that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages, asks_for_proof
from app.base.countries import country_choices
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, ngettext, page_language
from app.base.sheets import write_csv
from app.campaigns.access import Access, enter
from app.campaigns.navigation import CampaignFrame, frame_of
from app.campaigns.states import Capability
from app.imports.actions import apply_import, save_answers, save_edits
from app.imports.column_questions import left_out
from app.imports.forms import read_answers, read_countries, read_edits
from app.imports.models import Import
from app.imports.parts import ReviewPart, alike_rows, in_part, open_of_groups, place_of, sums_of
from app.imports.queries import dry_run, import_row, plan_of
from app.imports.questions import alike, country_questions, shown_rows
from app.imports.review import Review, Reviewed, RowVerdict
from app.imports.states import ImportState, QuestionsOpen

blueprint = Pages("imports", __name__, url_prefix="/desk/campaigns/<campaign>/signatories/imports")
_PAGE_ROWS = 50
_PAGE_QUESTIONS = 20
_PAGE_PAIRS = 200
_PAGE_COUNTRIES = 20  # each holds a list of 250 countries
_MOST_FIGURES = 9
_PAGES = ("answer_questions", "mend_rows", "apply", "discard", "map_columns", "download_left_out")


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
    if row.state is not ImportState.MAPPED:
        return see_other(".resume_import", campaign=campaign, upload=upload)
    return _review(session, access, row, "")


@blueprint.post("/<upload>/answers")
def answer_questions(campaign: str, upload: str) -> ResponseReturnValue:
    """Save the answers of one page; what was not answered waits."""
    part, after = _part(request.form.get("part")), request.form.get("next_after") or None
    answers, countries = read_answers(request.form), read_countries(request.form)
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        save_answers(session, row, answers, countries)
    number = sum(1 for answer in answers.values() if answer) + sum(1 for code in countries.values() if code is not None)
    flash_notice(ngettext("%(num)s answer is saved.", "%(num)s answers are saved.", number))
    if after is None:
        return see_other(".review_import", campaign=campaign, upload=upload)
    return see_other(".review_import", campaign=campaign, upload=upload, part=part.value, after=after)


@blueprint.post("/<upload>/edits")
def mend_rows(campaign: str, upload: str) -> ResponseReturnValue:
    """Save what was written in place of cells, of all rows on the page; one row can be taken back."""
    edits = read_edits(request.form)
    back = request.form.get("take_back", "")
    taken_back = int(back) if back.isascii() and back.isdigit() and len(back) < _MOST_FIGURES else None
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        save_edits(session, import_row(session, access.campaign.id, upload, to_change=True), edits, taken_back)
    if taken_back is not None:
        flash_notice(_("Row %(number)s is as in your list again.", number=taken_back))
    else:
        flash_notice(ngettext("%(num)s row is mended.", "%(num)s rows are mended.", len(edits)))
    part, after = _part(request.form.get("part")), request.form.get("after") or None
    return see_other(".review_import", campaign=campaign, upload=upload, part=part.value, after=after)


@blueprint.post("/<upload>/apply")
def apply(campaign: str, upload: str) -> ResponseReturnValue:
    """Write what was shown; pressing twice writes once."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if row.state is ImportState.MAPPED:
        seen = dry_run(session, access.campaign.id, row)
        if seen.review.open_questions and "leave_out" not in request.form:
            return _review(session, access, row, QuestionsOpen().message)
        with writing() as session:
            access = enter(session, campaign, Capability.ASK)
            row = import_row(session, access.campaign.id, upload, to_change=True)
            apply_import(session, access.campaign, access.organiser, row, seen, "leave_out" in request.form)
        flash_notice(_("The list is imported. The uploaded file is deleted."))
    return see_other(".resume_import", campaign=campaign, upload=upload)


@blueprint.get("/<upload>/left-out.csv")
@asks_for_proof
def download_left_out(campaign: str, upload: str) -> ResponseReturnValue:
    """Hand out the rows that would be left out, as they came, to correct and import later."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    seen = dry_run(session, access.campaign.id, row)
    sheet, review = seen.sheet, seen.review
    numbers = {item.number for item in review.rows if item.verdict in (RowVerdict.ASKED, RowVerdict.REFUSED)}
    content = b"".join(write_csv(sheet.header, (r.cells for r in sheet.rows if r.number in numbers)))
    headers = {"Content-Disposition": 'attachment; filename="left-out.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _review(session: Session, access: Access, row: Import, problem: str) -> ResponseReturnValue:
    plan = plan_of(session, row)
    seen = dry_run(session, access.campaign.id, row)
    sheet, review = seen.sheet, seen.review
    part = _part(request.args.get("part"))
    groups = alike_rows(review) if part.asks or part.lists_pairs else {}
    rows = in_part(review, part, groups)
    shown, next_after = _page_of(rows, groups, part)
    in_words = shown_rows(shown, sheet.header, page_language())
    campaign = access.campaign.public_id
    page = render_template(
        "imports/review_import.html",
        frame=campaign_frame(session, access),
        part=part,
        parts=_parts(review, campaign, row, part),
        rows=in_words,
        alike=alike(in_words, groups, open_of_groups(rows, groups)) if part is ReviewPart.LIKELY else [],
        pairs=len(rows) if part.lists_pairs else 0,
        countries=country_questions(review, page_language())[:_PAGE_COUNTRIES] if part is ReviewPart.COUNTRIES else [],
        more_countries=len(review.countries) > _PAGE_COUNTRIES,
        choices=country_choices(page_language()) if part is ReviewPart.COUNTRIES else [],
        next_after=next_after,
        next_url=url_of(campaign, row, "review_import", part=part.value, after=next_after) if next_after else None,
        first_url=url_of(campaign, row, "review_import", part=part.value) if request.args.get("after") else None,
        figures_shown=_figures(review),
        questions=review.open_questions,
        open_countries=review.open_countries,
        import_label=_import_label(review),
        left_out=review.count(RowVerdict.ASKED, RowVerdict.REFUSED),
        sums=sums_of(review),
        filename=plan.filename,
        left_out_columns=left_out(sheet, plan),
        after=request.args.get("after", ""),
        problem=problem,
        urls={name: url_of(campaign, row, name) for name in _PAGES},
    )
    return page, HTTPStatus.CONFLICT if problem else HTTPStatus.OK


def _page_of(
    rows: Sequence[Reviewed], groups: Mapping[int, int], part: ReviewPart
) -> tuple[Sequence[Reviewed], str | None]:
    """Return a page of a part's rows and after which the next begins: the first of its group, and its own number."""
    given = request.args.get("after", "").split("-")
    after = tuple(int(word) for word in given if word.isascii() and word.isdigit() and len(word) < 9)
    limit = _PAGE_QUESTIONS if part.asks else _PAGE_PAIRS if part.lists_pairs else _PAGE_ROWS
    left = [row for row in rows if place_of(groups, row) > (after[0], after[-1])] if after else list(rows)
    last = left[limit - 1] if len(left) > limit else None
    place = dict.fromkeys(place_of(groups, last)) if last else {}
    return left[:limit], "-".join(str(number) for number in place) or None


def _parts(review: Review, campaign: str, row: Import, current: ReviewPart) -> list[PartLink]:
    """Return the tabs that have something to show, each with its number of rows."""
    links = []
    for part in ReviewPart:
        number = len(review.countries) if part is ReviewPart.COUNTRIES else len(in_part(review, part))
        if number or part in (ReviewPart.ALL, current):
            label = f"{part.label} ({number})"
            links.append(PartLink(url_of(campaign, row, "review_import", part=part.value), label, part is current))
    return links


def _import_label(review: Review) -> str:
    number = review.count(RowVerdict.ADD, RowVerdict.UPDATE, RowVerdict.UNCHANGED, RowVerdict.REPEAT)
    return ngettext("Import %(num)s row", "Import %(num)s rows", number)


def _figures(review: Review) -> list[tuple[int, str]]:
    sums = sums_of(review)
    rows = [
        (sums.added, _("to be added")),
        (sums.changed, _("to be changed")),
        (sums.there, _("already there or repeated")),
        (sums.unanswered, _("waiting for you")),
        (sums.refused, _("can’t be imported")),
    ]
    return [(number, label) for number, label in rows if number or label == rows[0][1]]


def _part(given: str | None) -> ReviewPart:
    return ReviewPart(given) if given in set(ReviewPart) else ReviewPart.ALL


def campaign_frame(session: Session, access: Access) -> CampaignFrame:
    """Return what surrounds the pages of an import."""
    return frame_of(session, access, "directory.list_signatories")


def url_of(campaign: str, row: Import, view: str, **values: Any) -> str:
    """Return the address of one of an import's pages."""
    return url_for(f"imports.{view}", campaign=campaign, upload=row.public_id, **values)
