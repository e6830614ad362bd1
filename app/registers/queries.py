"""Reads of registers: what was uploaded and decided, and the dry run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from app.base.sealing import Place, open_bytes, open_one
from app.institutions.models import GroupedRecipient, InstitutionVersion, RecipientVersion
from app.registers.headings import OWN_HEADINGS
from app.registers.models import Register
from app.registers.plans import RegisterPlan
from app.registers.review import RegisterReview, review_register
from app.registers.states import MOST_OFFICES, NoSuchRegister, RegisterOver, TooManyOffices
from app.sheets.headings import HEADINGS
from app.sheets.looks import Look
from app.sheets.reading import FOUND, Sheet, read_sheet

_MOST_LISTED = 50
_KNOWN = (*OWN_HEADINGS, *(heading for headings in HEADINGS.values() for heading in headings))
_PURPOSE = "resume a list of offices"


@dataclass(frozen=True)
class SeenRegister:
    """A dry run, and the state it was made from, so that applying can tell whether that still holds."""

    sheet: Sheet
    plan: RegisterPlan
    review: RegisterReview
    mark: tuple[int, int, int, bytes]


def register_row(session: Session, organiser: str, public_id: str, *, to_change: bool = False) -> Register:
    """Return a register of an organiser's own with its sealed parts, locked until the commit if it is to be changed.

    Raises NoSuchRegister, also for what somebody else began.
    """
    wanted = (
        select(Register)
        .where(Register.created_by == organiser, Register.public_id == public_id)
        .options(*(undefer(part) for part in (Register.file_sealed, Register.plan_sealed, Register.left_out_sealed)))
    )
    row = session.scalar(wanted.with_for_update() if to_change else wanted)
    if row is None:
        raise NoSuchRegister
    return row


def list_registers(session: Session, organiser: str) -> Sequence[Register]:
    """Return the latest registers that an organiser began, newest first, without their content."""
    mine = select(Register).where(Register.created_by == organiser)
    return session.scalars(mine.order_by(Register.id.desc()).limit(_MOST_LISTED)).all()


def register_plan(session: Session, row: Register) -> RegisterPlan:
    """Return what was decided so far; raises RegisterOver."""
    if row.plan_sealed is None:
        raise RegisterOver
    return RegisterPlan.from_fields(open_one(session, register_plan_place(row.public_id), row.plan_sealed, _PURPOSE))


def register_sheet(session: Session, row: Register, plan: RegisterPlan) -> Sheet:
    """Return the uploaded list as the plan reads it; raises RegisterOver."""
    if row.file_sealed is None:
        raise RegisterOver
    content = open_bytes(session, register_file_place(row.public_id), row.file_sealed, _PURPOSE)
    return read_offices_file(content, plan.look)


def read_offices_file(content: bytes, look: Look = FOUND) -> Sheet:
    """Read an upload as the look says, and find the rest; raises a Refusal that names what is wrong and the mend."""
    sheet = read_sheet(content, look, _KNOWN)
    if len(sheet.rows) > MOST_OFFICES:
        raise TooManyOffices(len(sheet.rows))
    return sheet


def seen_register(session: Session, row: Register) -> SeenRegister:
    """Compare the list with the institutions as both are now."""
    plan = register_plan(session, row)
    sheet = register_sheet(session, row, plan)
    return SeenRegister(sheet, plan, review_register(session, sheet, plan), register_mark(session, row))


def register_mark(session: Session, row: Register) -> tuple[int, int, int, bytes]:
    """Return a mark that changes whenever institutions, recipients, their groups or the decisions do."""
    latest = (
        session.scalar(select(func.max(table.id))) or 0
        for table in (RecipientVersion, InstitutionVersion, GroupedRecipient)
    )
    recipients, institutions, grouped = latest
    return recipients, institutions, grouped, row.plan_sealed or b""


def register_plan_place(public_id: str) -> Place:
    """Return where a register's decisions are sealed."""
    return Place("registers", "plan_sealed", public_id)


def register_file_place(public_id: str) -> Place:
    """Return where an uploaded register is sealed."""
    return Place("registers", "file_sealed", public_id)
