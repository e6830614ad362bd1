"""Other ports for a database of a test, or for one session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.ports import ports_of
from app.base.sealing import PORTS


def exchange_ports(database: Database, **others: Any) -> None:
    """Let the sessions of a database carry other ports in the place of some."""
    assert database.ports is not None
    database.ports = replace(database.ports, **others)


def carry(session: Session, **others: Any) -> None:
    """Let one session carry other ports in the place of some; a name that no port has is an error."""
    session.info[PORTS] = replace(ports_of(session), **others)
