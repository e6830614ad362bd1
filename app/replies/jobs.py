"""What comes round: match the mail that came in, and tell once more of replies that nobody has read."""

from __future__ import annotations

import structlog
from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.failures import DATABASE_FAILS
from app.base.parts import parts_of
from app.inbox.sorting import MOST_FAILURES
from app.inbox.states import InboundState
from app.inbox.storage import hold_unnoted, in_state
from app.replies.filing import hold, match, tell_again
from app.replies.held import PURPOSE, incoming
from app.replies.states import NoSuchHeldMail

log = structlog.get_logger()


def match_replies(app: Flask) -> None:
    """File or hold every message that waits; each is read outside its transaction, since some are large.

    Where the database fails, a message waits for the next time; after a few of these in a row the error is raised.
    """
    database: Database = parts_of(app).database
    after, failed = 0, 0
    with app.app_context():
        while True:
            with database.reading() as session:
                rows = in_state(session, InboundState.WAITING, after)
            if not rows:
                return
            for row in rows:
                try:
                    _match_one(database, row.public_id)
                    failed = 0
                except DATABASE_FAILS as error:
                    failed += 1
                    log.warning("replies.not_matched", message=row.public_id, error=type(error).__name__)
                    if failed == MOST_FAILURES:
                        raise
            after = rows[-1].id


def _match_one(database: Database, message_id: str) -> None:
    try:
        with database.reading() as session:
            found = incoming(session, message_id, [InboundState.WAITING], PURPOSE)
        with database.writing() as session:
            match(session, found)
    except NoSuchHeldMail:
        return  # somebody else was quicker
    except DATABASE_FAILS:
        raise
    except Exception as error:  # noqa: BLE001 - one odd message must not keep the others waiting; a person looks at it
        log.warning("replies.not_matched", message=message_id, error=type(error).__name__)
        _hold(database, message_id)


def _hold(database: Database, message_id: str) -> None:
    try:
        with database.writing() as session:
            hold(session, message_id)
    except DATABASE_FAILS:
        raise
    except Exception as error:  # noqa: BLE001 - what was noted of it is broken; the message itself stays as it came
        log.warning("replies.note_broken", message=message_id, error=type(error).__name__)
        with database.writing() as session:
            hold_unnoted(session, message_id)


def remind_of_replies(app: Flask) -> None:
    """Tell once more of what came yesterday and is unread; the outbox lets each mail go once a day."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        tell_again(session)


JOBS = (Job("match replies", 15, match_replies), Job("remind of replies", 3600, remind_of_replies))
