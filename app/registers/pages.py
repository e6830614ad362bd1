"""The desk's pages of a register before its dry run: upload, columns, discard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import CombinedMultiDict

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, page_language
from app.base.saving import blaming, is_sent, saved, status_of
from app.base.signposts import Landmark
from app.campaigns.access import enter_house
from app.imports.begun import EarlierList, names_of
from app.imports.forms import ListUploadForm
from app.imports.looking import LookForm, look_form, look_shown
from app.institutions.desk import IMPORT_OFFICES
from app.institutions.queries import institution_names
from app.registers import actions
from app.registers.actions import discard_register, guessed, save_plan
from app.registers.fields import OfficeField
from app.registers.forms import OfficeColumnsForm
from app.registers.models import Register
from app.registers.plans import RegisterPlan
from app.registers.queries import (
    list_registers,
    read_offices_file,
    register_plan,
    register_row,
    register_sheet,
)
from app.registers.review_pages import blueprint, url_of_register
from app.registers.states import RegisterOver
from app.sheets.raw_sheets import column_letter
from app.sheets.reading import Sheet

__all__ = ["blueprint"]

SIGNPOSTS = [Landmark(name=IMPORT_OFFICES, endpoint="registers.start_register")]
_SAMPLES = 5


@blueprint.route("", methods=["GET", "POST"])
def start_register() -> ResponseReturnValue:
    """Take a list of offices as a file or pasted; show what can be resumed."""
    house = enter_house(reading(), writing=True)
    form = ListUploadForm(CombinedMultiDict([request.files, request.form]))
    if is_sent(form):
        with blaming(form):
            filename, content = form.content()
            sheet = read_offices_file(content)
            with writing() as session:
                house = enter_house(session, writing=True)
                register = actions.start_register(session, house.organiser, filename, content, sheet)
            return see_other(".map_offices", register=register)
    session = reading()
    begun = list_registers(session, house.organiser)
    page = render_template(
        "registers/start_register.html",
        form=form,
        registers=_earlier(session, begun),
    )
    return page, status_of(form)


@blueprint.route("/<register>/columns", methods=["GET", "POST"])
def map_offices(register: str) -> ResponseReturnValue:
    """Say what each column holds and whose offices these are; the guess is preselected and sample rows are shown."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    plan = register_plan(session, row)
    sheet = register_sheet(session, row, plan)
    plan = _fitted(plan, sheet)
    form = _columns_form(session, plan)
    if request.method == "POST":
        typed = _typed_plan(plan, form, sheet)
        if len(typed.columns) != len(sheet.header):  # the file was read otherwise meanwhile, in another tab
            return see_other(".map_offices", register=register)
        if saved(form, lambda session: _save(session, register, typed), at="columns"):
            return see_other(".review_register", register=register)
        if isinstance(form.refusal, RegisterOver):
            raise form.refusal  # nothing in the form can mend that
    return _map(row, plan, sheet, form, look_form(sheet))


@blueprint.post("/<register>/look")
def choose_look(register: str) -> ResponseReturnValue:
    """Read the file otherwise: another worksheet, row of headings, delimiter or encoding."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    plan = register_plan(session, row)
    sheet = register_sheet(session, row, plan)
    form = look_form(sheet, request.form)
    if is_sent(form):
        with blaming(form, at="encoding"):
            other = replace(plan, look=form.look(sheet), edits={})
            other = replace(other, columns=guessed(register_sheet(session, row, other)))
            with writing() as session:
                _save(session, register, other, is_mapped=False)
            return see_other(".map_offices", register=register)
    return _map(row, plan, sheet, _columns_form(reading(), _fitted(plan, sheet), typed=False), form)


@blueprint.post("/<register>/discard")
def discard_list(register: str) -> ResponseReturnValue:
    """Throw the upload away; institutions stay as they are."""
    with writing() as session:
        organiser = enter_house(session, writing=True).organiser
        discard_register(session, organiser, register_row(session, organiser, register, to_change=True))
    flash_notice(_("The list is discarded and the uploaded file deleted. Institutions are as they were."))
    return see_other(".start_register")


def _earlier(session: Session, rows: Sequence[Register]) -> list[EarlierList]:
    names = names_of(session, rows)
    return [
        EarlierList(
            names.get(row.public_id, ""), url_of_register(row, "resume_register"), row.created_at, row.state, row.added,
            row.changed,
        )
        for row in rows
    ]  # fmt: skip


def _save(session: Session, register: str, plan: RegisterPlan, *, is_mapped: bool = True) -> None:
    organiser = enter_house(session, writing=True).organiser
    save_plan(session, register_row(session, organiser, register, to_change=True), plan, is_mapped=is_mapped)


def _fitted(plan: RegisterPlan, sheet: Sheet) -> RegisterPlan:
    """Guess the columns anew where a plan knows others than the sheet has now."""
    return plan if len(plan.columns) == len(sheet.header) else replace(plan, columns=guessed(sheet))


def _columns_form(session: Session, plan: RegisterPlan, typed: bool = True) -> OfficeColumnsForm:
    return OfficeColumnsForm(
        request.form if typed and request.method == "POST" else None,
        language=page_language(),
        institutions=institution_names(session),
        data={
            "columns": [field.value for field in plan.columns],
            "institution": plan.institution,
            "name": plan.name,
            "country": plan.country,
            "language": plan.language,
            "group": plan.group,
        },
    )


def _typed_plan(plan: RegisterPlan, form: OfficeColumnsForm, sheet: Sheet) -> RegisterPlan:
    """Return the plan as it was typed; whoever names the columns has seen how the file is read, and takes it so."""
    return replace(
        plan, columns=form.chosen, look=sheet.look, institution=form.institution.words, name=form.name.words,
        country=form.country.words, language=form.language.words, group=form.group.words,
    )  # fmt: skip


def _map(
    row: Register, plan: RegisterPlan, sheet: Sheet, form: OfficeColumnsForm, look: LookForm
) -> ResponseReturnValue:
    columns = [
        (column_letter(index), heading, field, [r.cells[index] for r in sheet.rows[:_SAMPLES]])
        for index, (heading, field) in enumerate(zip(sheet.header, form.columns, strict=False))
    ]
    page = render_template(
        "registers/map_offices.html",
        form=form,
        look_form=look,
        shown=look_shown(sheet, plan.look),
        columns=columns,
        sheet=sheet,
        filename=plan.filename,
        has_institutions=plan.has(OfficeField.INSTITUTION),
        columns_url=url_for(".map_offices", register=row.public_id),
        look_url=url_for(".choose_look", register=row.public_id),
        discard_url=url_for(".discard_list", register=row.public_id),
    )
    return page, status_of(look if look.problems else form)
