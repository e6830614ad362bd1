"""Other ports for a database of a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.base.database import Database


def exchange_ports(database: Database, **others: Any) -> None:
    """Let the sessions of a database carry other ports in the place of some."""
    assert database.ports is not None
    database.ports = replace(database.ports, **others)
