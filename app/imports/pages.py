"""The desk's pages of an import before its dry run: upload, columns, discard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import CombinedMultiDict

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, page_language
from app.base.saving import blaming, is_sent, saved, status_of
from app.base.signposts import Landmark
from app.campaigns.access import Access, enter
from app.campaigns.states import Capability
from app.directory.desk import IMPORT_LIST, OpenImports
from app.imports.actions import discard_import, save_columns, save_look, start_import as keep_upload
from app.imports.begun import EarlierList, names_of
from app.imports.column_questions import is_unseen, left_out, list_questions, shown_columns
from app.imports.fields import Field
from app.imports.forms import ColumnsForm, ListUploadForm, read_habits, read_ranks
from app.imports.kept_sheets import keep_sheet, sealed_sheet
from app.imports.lists import read_list
from app.imports.looking import LookForm, look_form, look_shown
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.queries import first_columns, import_row, list_imports, open_imports, plan_of, sheet_of
from app.imports.remembering import columns_as_before
from app.imports.review_pages import blueprint, campaign_frame, url_of, work_out
from app.imports.states import ImportOver
from app.sheets.looks import Look
from app.sheets.reading import FOUND, Sheet

__all__ = ["blueprint"]

SIGNPOSTS = [
    Landmark(name=IMPORT_LIST, endpoint="imports.start_import"),
    OpenImports(endpoint="imports.resume_import", begun=open_imports),
]


@dataclass(frozen=True)
class Uploaded:
    """An import with what was decided about it, and its list as it is read."""

    row: Import
    plan: Plan
    sheet: Sheet
    is_asking: bool = False


@blueprint.route("", methods=["GET", "POST"])
def start_import(campaign: str) -> ResponseReturnValue:
    """Take a list as a file or pasted; show what can be resumed."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    form = ListUploadForm(CombinedMultiDict([request.files, request.form]))
    if is_sent(form):
        with blaming(form):
            filename, content = form.content()
            sheet = read_list(content)
            sealed = sealed_sheet(session, FOUND, sheet)
            with writing() as session:
                access = enter(session, campaign, Capability.ASK)
                upload = keep_upload(session, access.campaign, access.organiser, filename, content, sheet)
                keep_sheet(session, import_row(session, access.campaign.id, upload).id, sealed)
            return see_other(".map_columns", campaign=campaign, upload=upload)
    session = reading()
    page = render_template(
        "imports/start_import.html",
        frame=campaign_frame(session, access),
        form=form,
        imports=_earlier(session, access),
        list_url=url_for("directory.list_signatories", campaign=campaign),
    )
    return page, status_of(form)


@blueprint.route("/<upload>/columns", methods=["GET", "POST"])
def map_columns(campaign: str, upload: str) -> ResponseReturnValue:
    """Say what each column holds; the guess is preselected and sample rows are shown."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    plan = plan_of(session, row)
    sheet = sheet_of(session, row, plan)
    plan = _fitted(session, row.campaign_id, plan, sheet)
    form = _columns_form(plan)
    if request.method == "POST":
        typed = _typed_plan(plan, form, sheet)
        if len(typed.columns) != len(sheet.header):  # the file was read otherwise meanwhile, in another tab
            return see_other(".map_columns", campaign=campaign, upload=upload)
        if form.validate() and is_unseen(sheet, typed, request.form):
            asking = Uploaded(row, replace(typed, look=plan.look), sheet, is_asking=True)
            return _map(access, asking, form, look_form(sheet))
        rows = len(sheet.rows)
        if saved(form, lambda session: _save_columns(session, campaign, upload, typed, rows), at="columns"):
            work_out(campaign, upload)
            return see_other(".review_import", campaign=campaign, upload=upload)
        plan = replace(typed, look=plan.look)
        if isinstance(form.refusal, ImportOver):
            raise form.refusal  # nothing in the form can mend that
    return _map(access, Uploaded(row, plan, sheet), form, look_form(sheet))


@blueprint.post("/<upload>/look")
def choose_look(campaign: str, upload: str) -> ResponseReturnValue:
    """Read the file otherwise: another worksheet, row of headings, delimiter or encoding."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    plan = plan_of(session, row)
    sheet = sheet_of(session, row, plan)
    form = look_form(sheet, request.form)
    if is_sent(form):
        with blaming(form, at="encoding"):
            look = form.look(sheet)
            again = sheet_of(session, row, replace(plan, look=look))
            sealed = sealed_sheet(session, look, again)
            with writing() as session:
                _save_look(session, campaign, upload, look, again)
                keep_sheet(session, row.id, sealed)
            return see_other(".map_columns", campaign=campaign, upload=upload)
    plan = _fitted(reading(), access.campaign.id, plan, sheet)
    return _map(access, Uploaded(row, plan, sheet), _columns_form(plan, typed=False), form)


@blueprint.post("/<upload>/discard")
def discard(campaign: str, upload: str) -> ResponseReturnValue:
    """Throw the upload away; the directory stays as it is."""
    with writing() as session:
        access = enter(session, campaign, Capability.ASK)
        discard_import(
            session, access.campaign, access.organiser, import_row(session, access.campaign.id, upload, to_change=True)
        )
    flash_notice(_("The import is discarded and the uploaded file deleted. The directory is as it was."))
    return see_other(".start_import", campaign=campaign)


def _earlier(session: Session, access: Access) -> list[EarlierList]:
    rows = list_imports(session, access.campaign.id)
    names, campaign = names_of(session, rows), access.campaign.public_id
    return [
        EarlierList(
            names.get(row.public_id, ""), url_of(campaign, row, "resume_import"), row.created_at, row.state, row.added,
            row.updated,
        )
        for row in rows
    ]  # fmt: skip


def _save_columns(session: Session, campaign: str, upload: str, plan: Plan, rows: int) -> None:
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload, to_change=True)
    row.rows = rows
    save_columns(session, access.campaign, access.organiser, row, plan)


def _save_look(session: Session, campaign: str, upload: str, look: Look, sheet: Sheet) -> None:
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload, to_change=True)
    save_look(session, access.campaign, access.organiser, row, look, sheet)


def _fitted(session: Session, campaign_id: int, plan: Plan, sheet: Sheet) -> Plan:
    """Guess the columns anew where a plan knows others than the sheet has now."""
    if len(plan.columns) == len(sheet.header):
        return plan
    return replace(plan, columns=first_columns(session, campaign_id, sheet), ranks=())


def _columns_form(plan: Plan, typed: bool = True) -> ColumnsForm:
    values = {"columns": [field.value for field in plan.columns], "group": plan.group}
    return ColumnsForm(request.form if typed and request.method == "POST" else None, data=values)


def _typed_plan(plan: Plan, form: ColumnsForm, sheet: Sheet) -> Plan:
    """Return the plan as it was typed; whoever names the columns has seen how the file is read, and takes it so."""
    columns = tuple(Field(column.data) if column.data in set(Field) else Field.IGNORE for column in form.columns)
    return replace(
        plan,
        columns=columns,
        look=sheet.look,
        group=form.group.words,
        ranks=read_ranks(request.form, len(columns)),
        habits=read_habits(request.form),
    )


def _map(access: Access, uploaded: Uploaded, form: ColumnsForm, look: LookForm) -> ResponseReturnValue:
    campaign, sheet, row = access.campaign.public_id, uploaded.sheet, uploaded.row
    plan = _fitted(reading(), row.campaign_id, uploaded.plan, sheet)
    columns = zip(shown_columns(sheet, plan, page_language()), form.columns, strict=False)
    page = render_template(
        "imports/map_columns.html",
        frame=campaign_frame(reading(), access),
        as_before=columns_as_before(reading(), row.campaign_id, sheet, plan.columns) == plan.columns,
        form=form,
        look_form=look,
        shown=look_shown(sheet, plan.look),
        columns=list(columns),
        questions=list_questions(sheet, plan),
        left_out=left_out(sheet, plan),
        is_asking=uploaded.is_asking,
        sheet=sheet,
        filename=plan.filename,
        columns_url=url_of(campaign, row, "map_columns"),
        look_url=url_of(campaign, row, "choose_look"),
        discard_url=url_of(campaign, row, "discard"),
    )
    return page, status_of(look if look.problems else form)
