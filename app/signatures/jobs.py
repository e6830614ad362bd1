"""What comes round in signatures: telling people what became of theirs, and blurring what time would tell."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base import clock
from app.base.database import Database
from app.base.marks import stir as stir_marks
from app.base.parts import parts_of
from app.signatures import arranging, telling

log = structlog.get_logger()

EVERY_SECONDS = 5
ARRANGES_EVERY_SECONDS = 15
TOLD = "told of signatures"
ARRANGED = "lists arranged"
# What answering and asking write; the rest of the house says nothing of answers.
SWEPT = (
    "answers",
    "answer_words",
    "invitations",
    "reminders",
    "signatures",
    "signature_changes",
    "mails",
    "reader_marks",
)


def tell_signatories(app: Flask) -> None:
    """Queue receipts and notes of changes, in a journal that holds nothing of what they are about.

    First it is found what is to be told, then the journal is emptied, then the mails are queued. While somebody reads
    for long, the journal can't be emptied: then it is tried again when the job comes round.
    """
    database: Database = parts_of(app).database
    told: set[telling.Mark]
    told_at: datetime | None
    told, told_at = parts_of(app).remembered.get(TOLD, (set(), None))
    now = clock.now()
    with database.reading() as session:
        marks = telling.marks_since(session, told_at)
        found = telling.letters(session, marks - told)
    if not database.empty_journal():
        log.info("journal.not_emptied")
        return
    if found:
        with database.writing() as session:
            telling.queue(session, found)
    parts_of(app).remembered[TOLD] = marks, now


def arrange_lists(app: Flask) -> None:
    """Put the lists that stand by name into their order, and mend them where the directory was mended.

    A worker's first look takes over what was mended in the last weeks: nobody may have looked meanwhile.
    """
    database: Database = parts_of(app).database
    now = clock.now()
    since: datetime = parts_of(app).remembered.get(ARRANGED, now - telling.TOLD_FOR)
    with database.reading() as session:
        lists = arranging.ordered_lists(session)
        mended = {one.id: arranging.mended_since(session, one, since) for one in lists if one.is_arranged}
    for found in lists:
        if not found.is_arranged:
            _arrange(database, found)
        elif mended[found.id]:
            with database.writing() as session:
                arranging.take_over_mended(session, found, mended[found.id])
    parts_of(app).remembered[ARRANGED] = now


def _arrange(database: Database, found: arranging.OrderedList) -> None:
    is_done, after = False, None
    while not is_done:
        with database.writing() as session:
            after = arranging.arrange_portion(session, found, after)
        is_done = after is None
    with database.writing() as session:
        arranging.note_arranged(session, found)


def blur_signatures(app: Flask) -> None:
    """Leave days instead of times, and no order of rows or of their versions that says anything."""
    database: Database = parts_of(app).database
    while _has_times(database):
        with database.writing() as session:
            telling.blur(session)
    with database.writing() as session:
        telling.stir(session)
    with database.writing() as session:  # alone, so that nobody who changes a signature waits for long
        stir_marks(session)
    database.sweep_versions(SWEPT)


def _has_times(database: Database) -> bool:
    """Look for rows with times while others may sign: mostly there is none, and all of them are looked at."""
    with database.reading() as session:
        return any(telling.in_the_clear(session))


JOBS = (
    Job("tell signatories", EVERY_SECONDS, tell_signatories),
    Job("arrange lists", ARRANGES_EVERY_SECONDS, arrange_lists),
    Job("blur signatures", 3600, blur_signatures),
)
