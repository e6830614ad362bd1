"""What comes round in imports: long lists are looked through, written and undone in portions; old ones forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from flask import Flask
from sqlalchemy.orm import Session

from app.background.calendar import Job
from app.background.long_works import Ordered, Portion, tell_progress, work_off
from app.background.pacing import WorkPace
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.access import access_of
from app.campaigns.states import Capability
from app.imports.actions import forget_old_imports
from app.imports.blocks import IN_ONE_BLOCK, drop_some_blocks, keep_sealed, sealed_block
from app.imports.dry_runs import blocks_of
from app.imports.keeping import OF_A_REVIEW, finish_review
from app.imports.models import Import, ImportBlock
from app.imports.queries import Seen, dry_run, import_of
from app.imports.states import ImportState, WorkKind, WorkStep
from app.imports.undoing import undo_portion
from app.imports.writing import next_rows, write_portion

EVERY_SECONDS = 2
FORGET_EVERY_SECONDS = 3600
_BLOCKS_AT_ONCE = 5


def work_on_lists(app: Flask) -> None:
    """Work off the long lists; a kill loses the portion in hand, and a dry run begins anew."""
    work_off(app, PORTIONS)


def look_through(database: Database, work: Ordered, _pace: WorkPace) -> bool:
    """Work out the dry run of a list and keep it; once more where somebody decided something else meanwhile."""
    with database.writing() as session:
        tell_progress(session, work, WorkStep.COMPARE, 0, is_lasting=False)
    with database.reading() as session:
        row = import_of(session, work.subject)
        if row is None or row.state is not ImportState.MAPPED or row.review_sealed is not None:
            return False
        seen = dry_run(session, row.campaign_id, row)
        kept, blocks = blocks_of(session, row.campaign_id, seen)
    while _drop_some(database, work):
        pass
    done = 0
    while some := list(islice(blocks, _BLOCKS_AT_ONCE)):
        done += len(some) * IN_ONE_BLOCK
        with database.reading() as session:
            sealed = [sealed_block(session, row.id, kind, items) for kind, items in some]
        if not _if_same(database, work, seen, partial(_keep_some, some=sealed, work=work, done=done)):
            return True
    return not _if_same(database, work, seen, lambda session, row: finish_review(session, row, seen, kept))


def write(database: Database, work: Ordered, pace: WorkPace) -> bool:
    """Write the next rows of a list."""
    with database.reading() as session:
        row = import_of(session, work.subject)
        if row is None:
            return False
        following = next_rows(session, row, pace.size)
    with pace.portion():
        return _on(database, work, WorkStep.WRITE, partial(write_portion, following=following))


def take_back(database: Database, work: Ordered, pace: WorkPace) -> bool:
    """Take the next portion of an import back."""
    with pace.portion():
        return _on(database, work, WorkStep.TAKE_BACK, undo_portion)


def forget_imports(app: Flask) -> None:
    """Delete what is kept of imports for too long, some blocks in each transaction."""
    database: Database = parts_of(app).database
    has_more = True
    while has_more:
        with database.writing() as session:
            has_more = forget_old_imports(session, _BLOCKS_AT_ONCE)


def _on(database: Database, work: Ordered, step: WorkStep, act: Callable[..., bool]) -> bool:
    with database.writing() as session:
        row = import_of(session, work.subject, to_change=True)
        if row is None:
            return False
        campaign = access_of(session, row.campaign_id, work.ordered_by, Capability.ASK).campaign
        has_more = act(session, campaign, work.ordered_by, row)
        done = (
            row.taken_back
            if step is WorkStep.TAKE_BACK
            else row.added + row.updated + row.unchanged + row.left_out + row.refused
        )
        tell_progress(session, work, step, done)
    return has_more


def _if_same(database: Database, work: Ordered, seen: Seen, act: Callable[[Session, Import], None]) -> bool:
    """Do something with an import in one transaction, unless its plan is another than it was; tell whether it was."""
    with database.writing() as session:
        row = import_of(session, work.subject, to_change=True)
        if row is None or row.plan_sealed != seen.mark[-1]:
            return False
        act(session, row)
    return True


def _keep_some(session: Session, _row: Import, some: Sequence[ImportBlock], work: Ordered, done: int) -> None:
    for block in some:
        keep_sealed(session, block)
    tell_progress(session, work, WorkStep.KEEP, min(done, work.expected), is_lasting=False)


def _drop_some(database: Database, work: Ordered) -> bool:
    with database.writing() as session:
        row = import_of(session, work.subject)
        return row is not None and drop_some_blocks(session, row.id, OF_A_REVIEW, _BLOCKS_AT_ONCE)


PORTIONS: dict[str, Portion] = {WorkKind.LOOK: look_through, WorkKind.WRITE: write, WorkKind.TAKE_BACK: take_back}
JOBS = (
    Job("work on lists", EVERY_SECONDS, work_on_lists, is_long=True),
    Job("forget imports", FORGET_EVERY_SECONDS, forget_imports),
)
