"""The desk's pages of an import before and after its dry run: upload, columns, result, discard."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import CombinedMultiDict

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.errors import Refusal
from app.base.locales import gettext as _
from app.base.names import tidy_name
from app.base.saving import blaming, is_sent, saved, status_of
from app.base.signposts import Landmark
from app.campaigns.access import Access, enter
from app.campaigns.states import Capability
from app.directory.desk import IMPORT_LIST, OpenImports
from app.imports.actions import discard_import, save_columns, start_import as keep_upload
from app.imports.fields import Field
from app.imports.forms import ColumnsForm, ListUploadForm
from app.imports.mapping import guess_mapping
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.queries import import_row, list_imports, open_imports, plan_of, sheet_of
from app.imports.review_pages import blueprint, campaign_frame, url_of
from app.imports.states import ImportOver, ImportState
from app.sheets.decoding import ENCODINGS
from app.sheets.looks import NO_HEADINGS
from app.sheets.raw_sheets import column_letter
from app.sheets.reading import MOST_BYTES, Sheet, read_sheet

__all__ = ["blueprint"]

SIGNPOSTS = [
    Landmark(name=IMPORT_LIST, endpoint="imports.start_import"),
    OpenImports(endpoint="imports.resume_import", begun=open_imports),
]
_SAMPLES = 5


@blueprint.route("", methods=["GET", "POST"])
def start_import(campaign: str) -> ResponseReturnValue:
    """Take a list as a file or pasted; show what can be resumed."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    form = ListUploadForm(CombinedMultiDict([request.files, request.form]))
    if is_sent(form):
        with blaming(form):
            filename, content = _uploaded(form)
            sheet = read_sheet(content)
            with writing() as session:
                access = enter(session, campaign, Capability.ASK)
                upload = keep_upload(session, access.campaign, access.organiser, filename, content, sheet)
            return see_other(".map_columns", campaign=campaign, upload=upload)
    session = reading()
    page = render_template(
        "imports/start_import.html",
        frame=campaign_frame(session, access),
        form=form,
        imports=[(row, url_of(campaign, row, "resume_import")) for row in list_imports(session, access.campaign.id)],
        list_url=url_for("directory.list_signatories", campaign=campaign),
    )
    return page, status_of(form)


@blueprint.get("/<upload>")
def resume_import(campaign: str, upload: str) -> ResponseReturnValue:
    """Go to the step where the import stands, or show what came of it."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    if row.state is ImportState.UPLOADED:
        return see_other(".map_columns", campaign=campaign, upload=upload)
    if row.state is ImportState.MAPPED:
        return see_other(".review_import", campaign=campaign, upload=upload)
    return render_template(
        "imports/resume_import.html",
        frame=campaign_frame(session, access),
        row=row,
        is_applied=row.state is ImportState.APPLIED,
        list_url=url_for("directory.list_signatories", campaign=campaign),
        again_url=url_for(".start_import", campaign=campaign),
    )


@blueprint.route("/<upload>/columns", methods=["GET", "POST"])
def map_columns(campaign: str, upload: str) -> ResponseReturnValue:
    """Say what each column holds; the guess is preselected and sample rows are shown."""
    session = reading()
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload)
    plan = plan_of(session, row)
    form = _columns_form(plan)
    if request.method == "POST":
        with blaming(form, at="encoding"):
            typed = _typed_plan(plan, form)
            sheet = sheet_of(session, row, typed)
            if "again" in request.form or len(sheet.header) != len(typed.columns):
                typed = replace(typed, columns=guess_mapping(sheet.header, (r.cells for r in sheet.rows[:50])))
                return _map(access, row, typed, sheet, _columns_form(typed, typed=False))
            if saved(form, lambda session: _save_columns(session, campaign, upload, typed), at="encoding"):
                return see_other(".review_import", campaign=campaign, upload=upload)
            if form.refusal is None:
                return _map(access, row, typed, sheet, form)
        if isinstance(form.refusal, ImportOver):
            raise form.refusal  # nothing in the form can mend that
        plan = replace(plan, look=replace(plan.look, encoding=None))
    return _map(access, row, plan, sheet_of(reading(), row, plan), form)


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


def _save_columns(session: Session, campaign: str, upload: str, plan: Plan) -> None:
    access = enter(session, campaign, Capability.ASK)
    row = import_row(session, access.campaign.id, upload, to_change=True)
    save_columns(session, access.campaign, access.organiser, row, plan)


def _uploaded(form: ListUploadForm) -> tuple[str, bytes]:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        try:
            name = tidy_name(upload.filename, 120)
        except ValueError:
            name = _("Uploaded list")
        content = upload.stream.read(MOST_BYTES + 1)
        upload.close()
        return name, content
    pasted = form.pasted.words
    if not pasted.strip():
        raise Refusal(_("Choose a file, or paste the rows into the box below."), "file")
    return _("Pasted rows"), pasted.encode("utf-8", "surrogatepass")


def _columns_form(plan: Plan, typed: bool = True) -> ColumnsForm:
    values = {
        "columns": [field.value for field in plan.columns],
        "has_header": plan.look.heading_row != NO_HEADINGS,
        "encoding": plan.look.encoding or "",
        "group": plan.group,
    }
    return ColumnsForm(request.form if typed and request.method == "POST" else None, data=values)


def _typed_plan(plan: Plan, form: ColumnsForm) -> Plan:
    columns = tuple(Field(column.data) if column.data in set(Field) else Field.IGNORE for column in form.columns)
    encoding = form.encoding.data if form.encoding.data in ENCODINGS else None
    look = replace(plan.look, encoding=encoding, heading_row=_heading_row(plan, form))
    return replace(plan, columns=columns, look=look, group=form.group.words)


def _heading_row(plan: Plan, form: ColumnsForm) -> int | None:
    if not form.has_header.data:
        return NO_HEADINGS
    return plan.look.heading_row or None


def _map(access: Access, row: Import, plan: Plan, sheet: Sheet, form: ColumnsForm) -> ResponseReturnValue:
    campaign = access.campaign.public_id
    columns = [
        (column_letter(index), heading, field, [r.cells[index] for r in sheet.rows[:_SAMPLES]])
        for index, (heading, field) in enumerate(zip(sheet.header, form.columns, strict=False))
    ]
    page = render_template(
        "imports/map_columns.html",
        frame=campaign_frame(reading(), access),
        form=form,
        columns=columns,
        sheet=sheet,
        filename=plan.filename,
        discard_url=url_of(campaign, row, "discard"),
    )
    return page, status_of(form)
