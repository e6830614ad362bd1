"""What monitors ask: whether the process answers, and whether the service can do its work, writing included."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import false, func, select, text, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.base.clock import now
from app.base.database import Database
from app.base.edge import database
from app.base.failures import DATABASE_FAILS, READ_ONLY, reason_of
from app.base.key_proofs import OtherHouse, WrongKey, WrongWorkerKey, is_key_proven
from app.base.migrating import SCRIPTS
from app.base.parts import parts
from app.mail.models import Mail
from app.mail.queries import pause_of
from app.mail.states import DUE, MailClass, Pause

# A mail that is due for so long means that no worker runs.
OUTBOX_PATIENCE_SECONDS = 15 * 60
# The rooms of a PostgreSQL server can't be seen from here: a write that it refused is told for so long.
REFUSED_SECONDS = 120
MEGABYTE = 1_000_000


def init_health(app: Flask) -> None:
    """Give an application the two addresses that monitors ask."""
    app.add_url_rule("/healthz", "healthz", show_process)
    app.add_url_rule("/readyz", "readyz", show_readiness)


def show_process() -> ResponseReturnValue:
    """Say that the process answers, and nothing more."""
    return _plain("ok", HTTPStatus.OK)


def show_readiness() -> ResponseReturnValue:
    """Say whether the service can do its work: 503 names what is wrong, but no version and no figure."""
    try:
        with database().reading() as session:
            problem = _problem(session) or _read_only(database()) or _full(database(), parts().settings)
    except (SQLAlchemyError, *DATABASE_FAILS):
        problem = "database unreachable"
    return _plain(problem or "ok", HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK)


def _problem(session: Session) -> str:
    if set(MigrationContext.configure(session.connection()).get_current_heads()) != _migration_heads():
        return "database schema differs from the code"
    try:
        is_key_proven(session, demonstration=parts().settings.demonstration)
    except (OtherHouse, WrongKey, WrongWorkerKey) as refused:
        return refused.in_short
    # What a person holds back waits on purpose.
    goes = {Pause.NOTHING: true(), Pause.BULK: Mail.mail_class != MailClass.BULK, Pause.EVERYTHING: false()}
    overdue = select(func.min(Mail.due_at)).where(Mail.state.in_(DUE), goes[pause_of(session)])
    overdue_since = session.scalar(overdue)
    if overdue_since is not None and (now() - overdue_since).total_seconds() > OUTBOX_PATIENCE_SECONDS:
        return "mail is waiting"
    return ""


def _read_only(database: Database) -> str:
    """Tell whether the database takes nothing; asked without writing a byte, and without waiting for who writes now."""
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                database.ask_to_write(connection)
                return ""
            says = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool"
            is_read_only = bool(connection.scalar(text(says)))
    except DATABASE_FAILS as error:
        if not reason_of(error).startswith(READ_ONLY):
            raise
        is_read_only = True
    return "database is read-only" if is_read_only else ""


def _full(database: Database, settings: Any) -> str:
    """Tell whether a write was refused just now, or soon will be."""
    if database.refused.is_within(REFUSED_SECONDS):
        return "database refused to be written"
    least = settings.least_free_megabytes * MEGABYTE
    for place, folder in _folders(database, settings):
        try:
            found = os.statvfs(folder)
        except FileNotFoundError:
            continue  # it is made when something is first put there
        except OSError:
            return f"{place} can't be reached"
        if found.f_bavail * found.f_frsize < least:
            return f"disk of the {place} is nearly full"
    return ""


def _folders(database: Database, settings: Any) -> Iterator[tuple[str, Path]]:
    """Give the folders that grow; SQLite's journal lies beside the database."""
    if database.is_sqlite:
        yield "database", Path(str(database.engine.url.database)).resolve().parent
    yield "state folder", settings.state_directory


@cache
def _migration_heads() -> set[str]:
    return set(ScriptDirectory(str(SCRIPTS)).get_heads())


def _plain(text: str, status: HTTPStatus) -> ResponseReturnValue:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    return text + "\n", int(status), headers
