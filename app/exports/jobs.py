"""What a worker does about exports: it makes what was ordered, as things are at one moment, and forgets old ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat

from flask import Flask
from sqlalchemy.orm import Session

from app.background.calendar import Job
from app.background.long_works import Ordered, Portion, finish_work, has_work, tell_progress, work_off
from app.background.pacing import WorkPace
from app.base.database import Database
from app.base.parts import parts_of
from app.base.sheets import ROWS_PER_CHUNK, write_csv
from app.campaigns.access import access_of
from app.exports.actions import begin_export, finish_export, forget_exports, keep_block
from app.exports.kinds import kind_of
from app.exports.queries import MadeExport, asked_of, export_by_id
from app.exports.states import MAKE, NoSuchExport

EVERY_SECONDS = 1
FORGET_EVERY_SECONDS = 300
_PIECES_IN_A_BLOCK = 4  # of five hundred rows each: compressed, most fit into the least length of a block


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[Sequence[object]]) -> None:
        self._rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Sequence[object]]:
        for row in self._rows:
            self.number += 1
            yield row


def work_on_exports(app: Flask) -> None:
    """Work off what was ordered; a kill loses what was made of an export, which then begins anew."""
    work_off(app, PORTIONS)


def make_export(database: Database, work: Ordered, _pace: WorkPace) -> bool:
    """Make an export as the database is at one moment, and say so together with the end of the order."""
    with database.writing() as session:
        tell_progress(session, work, "", 0, is_lasting=False)
        found = export_by_id(session, work.subject)
        export_id, attempt = found.id, begin_export(session, found)
    size = 0
    with database.reading() as reader:
        found = export_by_id(reader, work.subject)
        kind = kind_of(found.kind)
        access = access_of(reader, found.campaign_id, found.owner, kind.capability)
        if access.role is not found.role:
            raise NoSuchExport  # in the former role, which may come back, its owner would read what this one sees
        made = kind.make(reader, access, asked_of(reader, found))
        rows = _Counted(made.rows)
        for number, content in enumerate(_in_blocks(write_csv(made.header, rows), found.expected)):
            size += len(content)
            with database.writing() as session:
                keep_block(session, export_id, attempt, number, content)
                # In whole blocks: how many people declined, or did not, stands nowhere in the clear.
                tell_progress(session, work, "rows", number * _PIECES_IN_A_BLOCK * ROWS_PER_CHUNK, is_lasting=False)
    with database.writing() as session:
        finish_work(session, work)
        finish_export(
            session, export_by_id(session, work.subject), attempt, MadeExport(made.filename, rows.number, size)
        )
    return False


def _in_blocks(pieces: Iterator[bytes], expected: int) -> Iterator[bytes]:
    """Yield a file in blocks, and then empty ones, as many as all the rows expected would take.

    What narrows a list is sealed, so the number of its blocks may not tell how many answered in one way or the other.
    """
    number = 0
    while content := b"".join(islice(pieces, _PIECES_IN_A_BLOCK)):
        number += 1
        yield content
    yield from repeat(b"", expected // (_PIECES_IN_A_BLOCK * ROWS_PER_CHUNK) + 1 - number)


def forget_old_exports(app: Flask) -> None:
    """Delete exports whose day is over or whose owner's role is another."""
    with parts_of(app).database.writing() as session:
        forget_exports(session)


def is_export_wanted(session: Session) -> bool:
    """Tell whether anything was ordered."""
    return has_work(session, PORTIONS)


PORTIONS: dict[str, Portion] = {MAKE: make_export}
JOBS = (
    Job("make exports", EVERY_SECONDS, work_on_exports, is_long=True, is_wanted=is_export_wanted),
    Job("forget exports", FORGET_EVERY_SECONDS, forget_old_exports),
)
