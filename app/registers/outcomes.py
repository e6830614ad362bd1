"""Rows of a list of offices that did not become recipients: handed back as they came, and kept sealed for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.locales import gettext as _
from app.base.plain import as_plain, from_plain
from app.base.sealing import Place, open_one, seal
from app.imports.review import RowVerdict
from app.imports.states import KEPT_DAYS
from app.registers.models import Register
from app.registers.queries import SeenRegister
from app.registers.review import Office

_PADDED = 4096


@dataclass(frozen=True)
class LeftOutOffice:
    """A row that was left out, as it came, and what is wrong with it."""

    number: int
    cells: tuple[str, ...]
    name: str
    line: str
    email: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class LeftOutOffices:
    """All rows of a list that were left out, under its headings."""

    header: tuple[str, ...] = ()
    rows: tuple[LeftOutOffice, ...] = ()


def would_be_left_out(seen: SeenRegister) -> LeftOutOffices:
    """Return the rows that could not be imported as things are now."""
    cells = {row.number: row.cells for row in seen.sheet.rows}
    refused = (row for row in seen.review.rows if row.verdict is RowVerdict.REFUSED)
    return LeftOutOffices(seen.sheet.header, tuple(_left_out(row, cells[row.reading.number]) for row in refused))


def keep_left_out(session: Session, row: Register, left: LeftOutOffices) -> None:
    """Keep rows that were left out."""
    row.left_out_sealed = seal(session, _place(row.public_id), as_plain(left), _PADDED) if left.rows else None


def left_out_of(session: Session, row: Register) -> LeftOutOffices:
    """Return what is kept of the rows that were left out."""
    if row.left_out_sealed is None:
        return LeftOutOffices()
    return from_plain(LeftOutOffices, open_one(session, _place(row.public_id), row.left_out_sealed, "rows left out"))


def kept_until(row: Register) -> datetime:
    """Return until when rows that were left out are kept."""
    return (row.finished_at or row.created_at) + timedelta(days=KEPT_DAYS)


def forget_registers(session: Session) -> None:
    """Delete what is kept of lists for longer than KEPT_DAYS."""
    too_old = clock.now() - timedelta(days=KEPT_DAYS)
    is_kept: ColumnElement[bool] = or_(Register.left_out_sealed.is_not(None), Register.name_sealed.is_not(None))
    forgetting = update(Register).where(Register.finished_at < too_old, is_kept)
    session.execute(forgetting.values(left_out_sealed=None, name_sealed=None))


def _left_out(row: Office, cells: tuple[str, ...]) -> LeftOutOffice:
    facts = row.reading.facts
    called, line = facts.person or facts.office or _("(no name)"), facts.office if facts.person else ""
    return LeftOutOffice(row.reading.number, cells, called, line, facts.email, row.problems)


def _place(public_id: str) -> Place:
    return Place("registers", "left_out_sealed", public_id)
