"""What comes round: match the mail that came in, and tell once more of replies that nobody has read."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError

from app.base.database import Database
from app.mail.calendar import Job
from app.mail.inbound import in_state
from app.mail.states import InboundState
from app.replies.filing import hold, match, tell_again
from app.replies.held import PURPOSE, incoming
from app.replies.states import NoSuchHeldMail

log = structlog.get_logger()


def match_replies(app: Flask) -> None:
    """File or hold every message that waits; each is read outside its transaction, since some are large."""
    database: Database = app.extensions["database"]
    after = 0
    with app.app_context():
        while True:
            with database.reading() as session:
                rows = in_state(session, InboundState.WAITING, after)
            if not rows:
                return
            for row in rows:
                _match_one(database, row.public_id)
            after = rows[-1].id


def _match_one(database: Database, message_id: str) -> None:
    try:
        with database.reading() as session:
            found = incoming(session, message_id, [InboundState.WAITING], PURPOSE)
        with database.writing() as session:
            match(session, found)
    except NoSuchHeldMail:
        return  # somebody else was quicker
    except (OperationalError, InterfaceError):
        raise  # the database is away: that says nothing of the message, which waits for the next time
    except Exception as error:  # noqa: BLE001 - one odd message must not keep the others waiting; a person looks at it
        log.warning("replies.not_matched", message=message_id, error=type(error).__name__)
        with database.writing() as session:
            hold(session, message_id)


def remind_of_replies(app: Flask) -> None:
    """Tell once more of what came yesterday and is unread; the outbox lets each mail go once a day."""
    database: Database = app.extensions["database"]
    with app.app_context(), database.writing() as session:
        tell_again(session)


JOBS = (Job("match replies", 15, match_replies), Job("remind of replies", 3600, remind_of_replies))
