"""Lists that were begun, told apart by the names of their files: those name people, so they are sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.base.sealing import Place, open_many, seal
from app.imports.states import ImportState


class Named(Protocol):
    """A row of a list that was begun; its name is gone once the list is discarded or was kept for long enough."""

    __tablename__: str
    public_id: str
    name_sealed: bytes | None


@dataclass(frozen=True)
class EarlierList:
    """A list that was begun, as a page tells of it."""

    name: str
    url: str
    begun_at: datetime
    state: ImportState
    added: int
    changed: int


def sealed_name(session: Session, table: str, public_id: str, name: str) -> bytes:
    """Seal what a list's file is called."""
    return seal(session, _place(table, public_id), {"name": name})


def names_of(session: Session, rows: Iterable[Named]) -> dict[str, str]:
    """Return what the files of lists are called, by public id; a list that is not there has no name any more."""
    named = [(row, row.name_sealed) for row in rows if row.name_sealed is not None]
    opened = open_many(
        session, [(_place(row.__tablename__, row.public_id), sealed) for row, sealed in named], "tell lists apart"
    )
    return {row.public_id: one["name"] for (row, _sealed), one in zip(named, opened, strict=True)}


def _place(table: str, public_id: str) -> Place:
    return Place(table, "name_sealed", public_id)
