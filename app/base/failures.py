"""What a database says when it fails: locked, full, read-only or away, which says nothing of what was asked of it."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

# Also as the drivers name it: so it comes where a connection fails before anything is asked through SQLAlchemy.
DATABASE_FAILS = (OperationalError, InterfaceError, InternalError, psycopg.OperationalError, sqlite3.OperationalError)
READ_ONLY = ("SQLITE_READONLY", "25006")
LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03")
# No room, no right, no disk; PostgreSQL's classes 53 and 58 are insufficient resources and errors of its system.
REFUSES = (*READ_ONLY, "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "53", "58")


def reason_of(error: BaseException) -> str:
    """Return the database's own code for what failed: SQLite's name of it, PostgreSQL's SQLSTATE, or nothing."""
    cause = getattr(error, "orig", error)
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")
