"""The desk's pages of an import that was begun: its progress, its result, what was left out, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.background.long_works import Ordered, order_work, work_of
from app.background.waiting import waits_for_worker
from app.base.blueprints import asks_for_proof
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.forms import Form
from app.base.locales import gettext as _, lazy_gettext as _l, page_language
from app.base.plain import from_plain
from app.base.saving import accepted, status_of
from app.campaigns.access import Access, enter
from app.campaigns.states import Capability
from app.directory.queries import names_by_id
from app.exports.answering import handed_out
from app.exports.kinds import ExportAsked, ExportKind, ExportRows
from app.imports.actions import dismiss_left_out, start_undo, stop_import, undo_import
from app.imports.blocks import block_numbers, open_block, open_blocks
from app.imports.dry_runs import KeptReview, KeptRow
from app.imports.keeping import kept_review
from app.imports.models import Import
from app.imports.paging import rows_in
from app.imports.parts import ReviewPart
from app.imports.queries import import_row
from app.imports.questions import shown_rows
from app.imports.review import RowVerdict
from app.imports.review_pages import blueprint, campaign_frame, url_of
from app.imports.states import MOST_AT_ONCE, BlockKind, ImportState, WhyLeftOut, WorkKind, WorkStep
from app.imports.undoing import Stayed, can_be_undone, kept_until, outlook, stayed
from app.imports.writing import LeftOutRow

_REFRESH_SECONDS = 4
_MOST_SHOWN = 50
_NOT_TO_BE_WRITTEN = (RowVerdict.ASKED, RowVerdict.REFUSED)
_WORK = {
    ImportState.MAPPED: WorkKind.LOOK, ImportState.APPLYING: WorkKind.WRITE, ImportState.STOPPING: WorkKind.WRITE,
    ImportState.UNDOING: WorkKind.TAKE_BACK,
}  # fmt: skip


@dataclass(frozen=True)
class ShownEntry:
    """An entry that stays, with its page and the reason."""

    name: str
    url: str
    why: str


@blueprint.get("/<upload>")
def resume_import(campaign: str, upload: str) -> ResponseReturnValue:
    """Go to the step where the import stands, or show how far it has come, or what came of it."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if row.state is ImportState.UPLOADED:
        return see_other(".map_columns", campaign=campaign, upload=upload)
    work = work_of(session, upload)
    if row.state.is_written or (work is not None and row.state is ImportState.MAPPED):
        return _progress(session, access, row, work)
    if row.state is ImportState.MAPPED:
        return see_other(".review_import", campaign=campaign, upload=upload)
    return _result(session, access, row)


@blueprint.post("/<upload>/go-on")
def go_on(campaign: str, upload: str) -> ResponseReturnValue:
    """Try again what failed in the background."""
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        if row.state in _WORK:
            order_work(session, _WORK[row.state], upload, access.organiser, row.rows)
    return see_other(".resume_import", campaign=campaign, upload=upload)


@blueprint.post("/<upload>/stop")
def stop(campaign: str, upload: str) -> ResponseReturnValue:
    """Stop writing where it stands: the rows that are left are handed back."""
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        stop_import(session, row)
        if row.state is ImportState.STOPPING:
            order_work(session, WorkKind.WRITE, upload, access.organiser, row.rows)
    return see_other(".resume_import", campaign=campaign, upload=upload)


@blueprint.route("/<upload>/undo", methods=["GET", "POST"])
def confirm_undo(campaign: str, upload: str) -> ResponseReturnValue:
    """Say what an undo would take back and what it can't, and do it once that is confirmed."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if not can_be_undone(row):
        return see_other(".resume_import", campaign=campaign, upload=upload)
    form = Form()
    if request.method == "POST" and accepted(form, lambda session: _undo(session, campaign, upload)):
        return see_other(".resume_import", campaign=campaign, upload=upload)
    session = reading()
    found = outlook(session, access.campaign, row)
    page = render_template(
        "imports/confirm_undo.html",
        frame=campaign_frame(session, access),
        row=row,
        found=found,
        stayed=_entries(session, access, found.stayed),
        more=max(0, len(found.stayed) - _MOST_SHOWN),
        refused=form.refusal.message if form.refusal else "",
        back_url=url_of(campaign, row, "resume_import"),
    )
    return page, status_of(form)


@blueprint.route("/<upload>/left-out.csv", methods=["GET", "POST"])
@asks_for_proof
def download_left_out(campaign: str, upload: str) -> ResponseReturnValue:
    """Hand out the rows that would be or were left out, as they came, to correct and import later."""
    session = reading()
    access = enter(session, campaign, LEFT_OUT.capability)
    row = import_row(session, access.campaign.id, upload)
    kept = kept_review(session, row)
    is_open = row.state is ImportState.MAPPED and kept is not None
    expected = kept.count(*_NOT_TO_BE_WRITTEN) if is_open and kept is not None else row.left_out + row.refused
    return handed_out(access, ExportAsked(LEFT_OUT.name, upload), expected)


@blueprint.post("/<upload>/left-out/delete")
def delete_left_out(campaign: str, upload: str) -> ResponseReturnValue:
    """Delete the rows that were left out: they are decided, or downloaded."""
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        row = import_row(session, access.campaign.id, upload, to_change=True)
        dismiss_left_out(session, access.campaign, access.organiser, row)
    flash_notice(_("The rows that were left out are deleted here."))
    return see_other(".resume_import", campaign=campaign, upload=upload)


def _undo(session: Session, campaign: str, upload: str) -> None:
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload, to_change=True)
    if row.rows <= MOST_AT_ONCE:
        undo_import(session, access.campaign, access.organiser, row)
    else:
        start_undo(session, access.campaign, access.organiser, row)
        order_work(session, WorkKind.TAKE_BACK, upload, access.organiser, row.added + row.updated)


def _progress(session: Session, access: Access, row: Import, work: Ordered | None) -> ResponseReturnValue:
    campaign = access.campaign.public_id
    is_lost = work is None or work.has_failed
    page = render_template(
        "imports/show_progress.html",
        frame=campaign_frame(session, access),
        work=work,
        step=WorkStep(work.step).label if work is not None and work.step else _("It begins in a moment."),
        heading=_heading(row.state),
        is_lost=is_lost,
        waits_for_worker=work is not None and waits_for_worker(session, work),
        is_looked_through=row.state is ImportState.MAPPED,
        may_stop=row.state is ImportState.APPLYING,
        seconds=_REFRESH_SECONDS,
        list_url=url_for("directory.list_signatories", campaign=campaign),
        urls={name: url_of(campaign, row, name) for name in ("stop", "go_on", "discard", "resume_import")},
    )
    response = make_response(page)
    if not is_lost:
        response.headers["Refresh"] = str(_REFRESH_SECONDS)
    return response


def _heading(state: ImportState) -> str:
    if state is ImportState.MAPPED:
        return _("The list is being looked through")
    if state is ImportState.UNDOING:
        return _("The import is being undone")
    return _("The import is being stopped") if state is ImportState.STOPPING else _("The list is being imported")


def _result(session: Session, access: Access, row: Import) -> ResponseReturnValue:
    campaign = access.campaign.public_id
    kept = kept_review(session, row)
    why = dict(kept.left_out) if kept is not None else {}
    shown = _first_left_out(session, row)
    left = stayed(session, row) if row.state is ImportState.UNDONE else []
    return render_template(
        "imports/resume_import.html",
        frame=campaign_frame(session, access),
        row=row,
        reasons=[(number, WhyLeftOut(reason).label) for reason, number in why.items()],
        left_out=shown_rows([each.kept.reviewed for each in shown], kept.header, page_language()) if kept else [],
        rows=row.added + row.updated + row.unchanged + row.left_out + row.refused,
        more=max(0, row.left_out + row.refused - len(shown)) if shown else 0,
        stayed=_entries(session, access, left),
        more_stayed=max(0, len(left) - _MOST_SHOWN),
        kept_until=kept_until(row),
        can_be_undone=can_be_undone(row),
        list_url=url_for("directory.list_signatories", campaign=campaign),
        again_url=url_for(".start_import", campaign=campaign),
        urls={name: url_of(campaign, row, name) for name in ("confirm_undo", "download_left_out", "delete_left_out")},
    )


def _entries(session: Session, access: Access, left: Sequence[Stayed]) -> list[ShownEntry]:
    few = left[:_MOST_SHOWN]
    names = names_by_id(session, access.campaign.id, [each.public_id for each in few], "tell what an undo leaves")
    page = "directory.show_signatory"
    return [
        ShownEntry(
            names[each.public_id],
            url_for(page, campaign=access.campaign.public_id, signatory=each.public_id),
            each.why.label,
        )
        for each in few
        if each.public_id in names
    ]


def _first_left_out(session: Session, row: Import) -> list[LeftOutRow]:
    found: list[LeftOutRow] = []
    for number in block_numbers(session, row.id, BlockKind.LEFT_OUT):
        found += [from_plain(LeftOutRow, each) for each in open_block(session, row.id, BlockKind.LEFT_OUT, number)]
        if len(found) >= _MOST_SHOWN:
            break
    return found[:_MOST_SHOWN]


def left_out_rows(session: Session, access: Access, asked: ExportAsked) -> ExportRows:
    """Return the rows that would be or were left out, as they came."""
    row = import_row(session, access.campaign.id, asked.subject)
    kept = kept_review(session, row)
    header = kept.header if kept is not None else ()
    return ExportRows("left-out.csv", header, (each.cells for each in _left_out_rows(session, row, kept)))


LEFT_OUT = ExportKind(
    endpoint="imports.download_left_out", name="left out rows", label=_l("Rows that were left out"),
    capability=Capability.ASK, make=left_out_rows,
)  # fmt: skip
SIGNPOSTS = [LEFT_OUT]


def _left_out_rows(session: Session, row: Import, kept: KeptReview | None) -> Iterator[KeptRow]:
    if row.state is not ImportState.MAPPED:
        for each in open_blocks(session, row.id, BlockKind.LEFT_OUT):
            yield from_plain(LeftOutRow, each).kept
    elif kept is not None:
        rows = rows_in(session, row, kept, ReviewPart.ALL)
        yield from (each for each in rows if each.reviewed.verdict in _NOT_TO_BE_WRITTEN)
