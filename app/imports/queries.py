"""Reads of imports: what was uploaded and decided, and the dry run against the directory as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from app.base.sealing import Place, open_bytes, open_one
from app.directory.desk import BegunImport
from app.directory.models import Signatory
from app.imports.begun import names_of
from app.imports.fields import Field
from app.imports.kept_sheets import kept_sheet
from app.imports.lists import read_list
from app.imports.mapping import guess_mapping
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.remembering import RowKeys, columns_as_before, countries_as_before, known_rows, row_keys
from app.imports.review import Review, review_sheet
from app.imports.rows import read_rows
from app.imports.states import ImportOver, NoSuchImport
from app.sheets.reading import Sheet

_MOST_LISTED = 50
_SAMPLE = 50


# How many entries, the last, when one was changed last, what lists did of them; and the decisions.
Mark = tuple[int, int, datetime | None, int, bytes]


@dataclass(frozen=True)
class Seen:
    """A dry run of a list, and the state it was made from, so that applying can tell whether that still holds."""

    sheet: Sheet
    plan: Plan
    keys: tuple[RowKeys, ...]
    review: Review
    mark: Mark


def import_row(session: Session, campaign_id: int, public_id: str, *, to_change: bool = False) -> Import:
    """Return a campaign's import with its decisions and numbers, locked until the commit if it is to be changed.

    The lock makes a second press of a button wait and then see what the first did. Raises NoSuchImport.
    """
    wanted = (
        select(Import)
        .where(Import.campaign_id == campaign_id, Import.public_id == public_id)
        .options(undefer(Import.plan_sealed), undefer(Import.review_sealed))
    )
    row = session.scalar(wanted.with_for_update() if to_change else wanted)
    if row is None:
        raise NoSuchImport
    return row


def import_of(session: Session, public_id: str, *, to_change: bool = False) -> Import | None:
    """Return an import of any campaign, as `import_row` does, for work ordered on a page; None if it is gone."""
    campaign_id = session.scalar(select(Import.campaign_id).where(Import.public_id == public_id))
    return None if campaign_id is None else import_row(session, campaign_id, public_id, to_change=to_change)


def list_imports(session: Session, campaign_id: int) -> Sequence[Import]:
    """Return the latest imports of a campaign, newest first, without their content."""
    return session.scalars(
        select(Import).where(Import.campaign_id == campaign_id).order_by(Import.id.desc()).limit(_MOST_LISTED)
    ).all()


def open_imports(session: Session, campaign_id: int) -> list[BegunImport]:
    """Return a campaign's open imports, the latest first."""
    rows = [row for row in list_imports(session, campaign_id) if row.state.is_open]
    names = names_of(session, rows)
    return [BegunImport(row.public_id, names.get(row.public_id, ""), row.created_at) for row in rows]


def first_columns(session: Session, campaign_id: int, sheet: Sheet) -> tuple[Field, ...]:
    """Return what the columns hold, as far as can be told: what their headings held last, or else a guess."""
    guessed = guess_mapping(sheet.header, (row.cells for row in sheet.rows[:_SAMPLE]))
    return columns_as_before(session, campaign_id, sheet, guessed) or guessed


def plan_of(session: Session, row: Import) -> Plan:
    """Return what was decided so far; raises ImportOver."""
    if row.plan_sealed is None:
        raise ImportOver
    return Plan.from_fields(open_one(session, plan_place(row.public_id), row.plan_sealed, "resume an import"))


def sheet_of(session: Session, row: Import, plan: Plan) -> Sheet:
    """Return the uploaded list as the plan reads it: as it is kept, or else from its file. Raises ImportOver."""
    kept = kept_sheet(session, row, plan.look)
    if kept is not None:
        return kept
    sealed = session.scalar(select(Import.file_sealed).where(Import.id == row.id))
    if sealed is None:
        raise ImportOver
    content = open_bytes(session, file_place(row.public_id), sealed, "resume an import")
    return read_list(content, plan.look)


def dry_run(session: Session, campaign_id: int, row: Import) -> Seen:
    """Compare the list with the directory as both are now."""
    plan = plan_of(session, row)
    sheet = sheet_of(session, row, plan)
    countries = countries_as_before(session, campaign_id, sheet, plan) | dict(plan.countries)
    plan = replace(plan, countries=countries)
    readings = read_rows(sheet, plan)
    keys = tuple(row_keys(session, campaign_id, sheet.rows, plan, readings))
    plan = replace(plan, known=known_rows(session, campaign_id, sheet.rows, keys))
    review = review_sheet(session, campaign_id, sheet, plan, readings)
    return Seen(sheet, plan, keys, review, mark_of(session, row))


def mark_of(session: Session, row: Import) -> Mark:
    """Return a mark that changes whenever the directory or the decisions do.

    Entries bear the time at which their import began, which may be earlier than that of others, so what the imports did
    is counted too; one that changed nobody makes no dry run outdated.
    """
    did = func.sum(Import.added + Import.updated + Import.taken_back)
    written = select(did).where(Import.campaign_id == row.campaign_id)
    count, last, changed = session.execute(
        select(func.count(), func.max(Signatory.id), func.max(Signatory.changed_at)).where(
            Signatory.campaign_id == row.campaign_id
        )
    ).one()
    return count, last or 0, changed, session.scalar(written) or 0, row.plan_sealed or b""


def plan_place(public_id: str) -> Place:
    """Return where an import's decisions are sealed."""
    return Place("imports", "plan_sealed", public_id)


def file_place(public_id: str) -> Place:
    """Return where an uploaded list is sealed."""
    return Place("imports", "file_sealed", public_id)
