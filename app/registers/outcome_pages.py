"""The desk's pages of a list of offices that was imported: what came of it, and the rows that were left out."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.base.blueprints import asks_for_proof
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _
from app.base.sheets import write_csv
from app.campaigns.access import enter_house
from app.imports.states import ImportState
from app.registers.actions import dismiss_left_out_offices
from app.registers.outcomes import kept_until, left_out_of, would_be_left_out
from app.registers.queries import register_row, seen_register
from app.registers.review_pages import blueprint, url_of_register

_MOST_SHOWN = 50


@blueprint.get("/<register>")
def resume_register(register: str) -> ResponseReturnValue:
    """Go to the step where the register stands, or show what came of it."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    if row.state is ImportState.UPLOADED:
        return see_other(".map_offices", register=register)
    if row.state is ImportState.MAPPED:
        return see_other(".review_register", register=register)
    left = left_out_of(session, row).rows
    return render_template(
        "registers/resume_register.html",
        row=row,
        rows=row.added + row.changed + row.unchanged + row.left_out,
        is_applied=row.state is ImportState.APPLIED,
        left_out=left[:_MOST_SHOWN],
        more=max(0, len(left) - _MOST_SHOWN),
        kept_until=kept_until(row),
        urls={name: url_of_register(row, name) for name in ("download_left_out", "delete_left_out")},
    )


@blueprint.get("/<register>/left-out.csv")
@asks_for_proof
def download_left_out(register: str) -> ResponseReturnValue:
    """Hand out the rows that would be or were left out, as they came, to correct and import later."""
    session = reading()
    row = register_row(session, enter_house(session, writing=True).organiser, register)
    is_open = row.state is ImportState.MAPPED
    left = would_be_left_out(seen_register(session, row)) if is_open else left_out_of(session, row)
    content = b"".join(write_csv(left.header, (each.cells for each in left.rows)))
    headers = {"Content-Disposition": 'attachment; filename="left-out.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


@blueprint.post("/<register>/left-out/delete")
def delete_left_out(register: str) -> ResponseReturnValue:
    """Delete the rows that were left out: they are decided, or downloaded."""
    with writing() as session:
        organiser = enter_house(session, writing=True).organiser
        dismiss_left_out_offices(session, organiser, register_row(session, organiser, register, to_change=True))
    flash_notice(_("The rows that were left out are deleted here."))
    return see_other(".resume_register", register=register)
