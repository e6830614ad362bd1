"""What comes round in signatures: telling people what became of theirs, and blurring what time would tell."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.signatures import telling

log = structlog.get_logger()

EVERY_SECONDS = 5
TOLD = "told of signatures"
# What answering and asking write; the rest of the house says nothing of answers.
SWEPT = ("answers", "answer_words", "invitations", "reminders", "signatures", "signature_changes", "mails")


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


def blur_signatures(app: Flask) -> None:
    """Leave days instead of times, and no order of rows or of their versions that says anything."""
    database: Database = parts_of(app).database
    while True:
        with database.writing() as session:
            if not telling.blur(session):
                break
    with database.writing() as session:
        telling.stir(session)
    database.sweep_versions(SWEPT)


JOBS = (
    Job("tell signatories", EVERY_SECONDS, tell_signatories),
    Job("blur signatures", 3600, blur_signatures),
)
