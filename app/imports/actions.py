"""Change an import, from upload to the last row and back: nothing reaches the directory before it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.background.long_works import drop_work
from app.background.pacing import LARGEST_PORTION
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import seal, seal_bytes
from app.campaigns.models import Campaign
from app.imports.begun import sealed_name
from app.imports.blocks import drop_blocks, drop_some_blocks
from app.imports.forms import Edits, with_edits
from app.imports.judging import with_answers
from app.imports.keeping import drop_review, is_outdated, kept_review
from app.imports.kept_sheets import OF_THE_FILE
from app.imports.models import Import, ImportBlock
from app.imports.plans import Plan
from app.imports.queries import file_place, first_columns, plan_of, plan_place
from app.imports.states import (
    KEPT_DAYS,
    BlockKind,
    ImportOver,
    ImportState,
    OtherListBusy,
    QuestionsOpen,
    ReviewOutdated,
)
from app.imports.undoing import begin_undo, undo_portion
from app.imports.writing import begin_writing, next_rows, write_portion
from app.sheets.looks import Look
from app.sheets.reading import Sheet


def start_import(session: Session, campaign: Campaign, actor: str, filename: str, content: bytes, sheet: Sheet) -> str:
    """Keep an uploaded list, sealed, with a first guess at its columns; return the import's public id."""
    columns = first_columns(session, campaign.id, sheet)
    public_id = new_public_id()
    row = Import(
        public_id=public_id,
        campaign_id=campaign.id,
        state=ImportState.UPLOADED,
        name_sealed=sealed_name(session, Import.__tablename__, public_id, filename),
        rows=len(sheet.rows),
        file_sealed=seal_bytes(session, file_place(public_id), content),
        plan_sealed=_sealed(session, public_id, Plan(filename, columns=columns)),
        created_by=actor,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, "import.uploaded", public_id, campaign.public_id, rows=len(sheet.rows))
    return public_id


def save_columns(session: Session, campaign: Campaign, actor: str, row: Import, plan: Plan) -> None:
    """Save what each column holds. Answers about other columns are asked for anew."""
    before = plan_of(session, row)
    is_same_look = before.look == plan.look
    is_same = is_same_look and (before.columns, before.ranks, before.habits) == (plan.columns, plan.ranks, plan.habits)
    kept = replace(
        plan,
        answers=before.answers if is_same else {},
        countries=before.countries if is_same else {},
        edits=before.edits if is_same_look else {},
    )
    save_plan(session, row, kept)
    row.state = ImportState.MAPPED
    session.flush()
    record(session, actor, "import.mapped", row.public_id, campaign.public_id)


def save_look(session: Session, campaign: Campaign, actor: str, row: Import, look: Look, sheet: Sheet) -> None:
    """Save how the file is read, with a new guess at its columns; answers about other rows are asked for anew.

    `sheet` is the list as that look reads it. Raises ImportOver.
    """
    plan = plan_of(session, row)
    columns = first_columns(session, campaign.id, sheet)
    save_plan(session, row, replace(plan, look=look, columns=columns, answers={}))
    row.state, row.rows = ImportState.UPLOADED, len(sheet.rows)
    session.flush()
    record(session, actor, "import.read_again", row.public_id, campaign.public_id)


def save_answers(
    session: Session, row: Import, answers: Mapping[int, str], countries: Mapping[str, str | None]
) -> None:
    """Add to what was decided about rows and countries; an empty answer takes one back, None leaves a text open."""
    plan = with_answers(plan_of(session, row), answers)
    by_text = {text: code for text, code in {**plan.countries, **countries}.items() if code is not None}
    save_plan(session, row, replace(plan, countries=by_text))


def save_edits(
    session: Session, row: Import, edits: Edits, taken_back: int | None = None, shown: Edits = MappingProxyType({})
) -> None:
    """Add what a person wrote in place of cells, by row and field; a row can be taken back to what the list says.

    Raises MendedMeanwhile where somebody else wrote something else than the page had `shown`.
    """
    plan = plan_of(session, row)
    save_plan(session, row, replace(plan, edits=with_edits(plan.edits, edits, taken_back, shown)))


def save_plan(session: Session, row: Import, plan: Plan) -> None:
    """Save what was decided. What the dry run came to before counts no more. Raises ImportOver once it was begun."""
    if row.state not in (ImportState.UPLOADED, ImportState.MAPPED):
        raise ImportOver
    row.plan_sealed = _sealed(session, row.public_id, plan)
    drop_review(session, row)


def begin_import(session: Session, campaign: Campaign, actor: str, row: Import, leave_out: bool = False) -> None:
    """Let the list be written as the kept dry run shows it. Beginning one that was begun does nothing.

    Raises QuestionsOpen unless rows without an answer may be left out, ReviewOutdated when the directory changed since
    the dry run or there is none, and OtherListBusy.
    """
    if row.state.is_written or row.state is ImportState.APPLIED:
        return
    if row.state is not ImportState.MAPPED:
        raise ImportOver
    kept = kept_review(session, row)
    if kept is None or is_outdated(session, row, kept):
        raise ReviewOutdated
    if kept.open_questions and not leave_out:
        raise QuestionsOpen
    refuse_beside_others(session, row)
    begin_writing(session, campaign, row, kept)
    record(session, actor, "import.begun", row.public_id, campaign.public_id, rows=row.rows)


def apply_import(session: Session, campaign: Campaign, actor: str, row: Import, leave_out: bool = False) -> None:
    """Write a short list at once; see `begin_import`. Applying an applied import does nothing."""
    begin_import(session, campaign, actor, row, leave_out)
    while write_portion(session, campaign, actor, row, next_rows(session, row, LARGEST_PORTION)):
        pass


def stop_import(session: Session, row: Import) -> None:
    """Stop a list that is being written where it stands; the rows that are left count as left out."""
    if row.state is ImportState.APPLYING:
        row.state = ImportState.STOPPING
        session.flush()


def undo_import(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Take a short import back at once. Raises NothingToUndo and OtherListBusy."""
    start_undo(session, campaign, actor, row)
    while undo_portion(session, campaign, actor, row):
        pass


def start_undo(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Let an import be taken back. Raises NothingToUndo and OtherListBusy."""
    refuse_beside_others(session, row)
    begin_undo(session, campaign, actor, row)


def refuse_beside_others(session: Session, row: Import) -> None:
    """Raise OtherListBusy while another list of the campaign is being written or undone."""
    written = [state for state in ImportState if state.is_written]
    others = select(Import.id).where(
        Import.campaign_id == row.campaign_id, Import.id != row.id, Import.state.in_(written)
    )
    if session.scalar(others.limit(1)) is not None:
        raise OtherListBusy


def discard_import(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Delete the file and what was decided; the directory stays as it is. Raises ImportOver once it was begun."""
    if row.state is ImportState.DISCARDED:
        return
    if row.state not in (ImportState.UPLOADED, ImportState.MAPPED):
        raise ImportOver
    row.state, row.finished_at = ImportState.DISCARDED, clock.now()
    row.name_sealed = row.file_sealed = row.plan_sealed = None
    drop_review(session, row)
    drop_blocks(session, row.id, OF_THE_FILE)
    drop_work(session, row.public_id)
    record(session, actor, "import.discarded", row.public_id, campaign.public_id)


def dismiss_left_out(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Delete the rows that were left out; doing it again changes nothing."""
    drop_blocks(session, row.id, (BlockKind.LEFT_OUT,))
    record(session, actor, "import.left_out_deleted", row.public_id, campaign.public_id)


def forget_old_imports(session: Session, most: int) -> bool:
    """Delete what is kept of imports for longer than KEPT_DAYS, so many blocks; tell whether more may be left."""
    too_old = clock.now() - timedelta(days=KEPT_DAYS)
    is_kept = exists().where(ImportBlock.import_id == Import.id)
    old = select(Import.id).where(Import.finished_at < too_old, is_kept | Import.name_sealed.is_not(None))
    import_id = session.scalar(old.limit(1))
    if import_id is None:
        return False
    session.execute(update(Import).where(Import.id == import_id).values(review_sealed=None, name_sealed=None))
    drop_some_blocks(session, import_id, list(BlockKind), most)
    return True


def _sealed(session: Session, public_id: str, plan: Plan) -> bytes:
    return seal(session, plan_place(public_id), plan.as_fields(), 4096)
