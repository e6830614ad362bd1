"""Change a register, from upload to the last row: institutions stay as they are before it is applied, at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import seal, seal_bytes
from app.campaigns.states import WRITERS
from app.imports.begun import sealed_name
from app.imports.forms import Edits, with_edits
from app.imports.review import RowVerdict
from app.imports.states import ImportState
from app.institutions.actions import add_recipients, change_recipients, create_institution, note_recipient
from app.institutions.decisions import accept_own_many
from app.institutions.groups import set_groups
from app.institutions.models import Institution, Recipient
from app.institutions.proposals import campaigns_to_accept_for
from app.institutions.states import InstitutionFacts
from app.registers.fields import OfficeField
from app.registers.headings import guess_offices
from app.registers.models import Register
from app.registers.outcomes import keep_left_out, would_be_left_out
from app.registers.plans import RegisterPlan
from app.registers.queries import SeenRegister, register_file_place, register_mark, register_plan, register_plan_place
from app.registers.review import Office, Target
from app.registers.states import RegisterOutdated, RegisterOver
from app.sheets.reading import Sheet

_SAMPLES = 50


def start_register(session: Session, actor: str, filename: str, content: bytes, sheet: Sheet) -> str:
    """Keep an uploaded list of offices, sealed, with a first guess at its columns; return its public id."""
    public_id = new_public_id()
    plan = RegisterPlan(filename, columns=guessed(sheet))
    row = Register(
        public_id=public_id,
        name_sealed=sealed_name(session, Register.__tablename__, public_id, filename),
        file_sealed=seal_bytes(session, register_file_place(public_id), content),
        plan_sealed=_sealed_plan(session, public_id, plan),
        created_by=actor,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, "register.uploaded", public_id, rows=len(sheet.rows))
    return public_id


def guessed(sheet: Sheet) -> tuple[OfficeField, ...]:
    """Return what the columns of a list may hold."""
    return guess_offices(sheet.header, (row.cells for row in sheet.rows[:_SAMPLES]))


def save_plan(session: Session, row: Register, plan: RegisterPlan, *, is_mapped: bool = True) -> None:
    """Save what was decided; raises RegisterOver once it is applied or discarded."""
    if not row.state.is_open:
        raise RegisterOver
    row.plan_sealed = _sealed_plan(session, row.public_id, plan)
    row.state = ImportState.MAPPED if is_mapped else ImportState.UPLOADED
    session.flush()


def save_office_edits(
    session: Session, row: Register, edits: Edits, taken_back: int | None = None, shown: Edits = MappingProxyType({})
) -> None:
    """Add what a person wrote in place of cells, by row and field; a row can be taken back to what the list says.

    Raises MendedMeanwhile where something else was written in another window than the page had `shown`.
    """
    plan = register_plan(session, row)
    save_plan(session, row, replace(plan, edits=with_edits(plan.edits, edits, taken_back, shown)))


def dismiss_left_out_offices(session: Session, actor: str, row: Register) -> None:
    """Delete the rows that were left out; doing it again changes nothing."""
    row.left_out_sealed = None
    session.flush()
    record(session, actor, "register.left_out_deleted", row.public_id)


def discard_register(session: Session, actor: str, row: Register) -> None:
    """Delete the file and what was decided; institutions stay. Raises RegisterOver once it was applied."""
    if row.state is ImportState.DISCARDED:
        return
    if row.state is ImportState.APPLIED:
        raise RegisterOver
    _finish_register(row, ImportState.DISCARDED)
    row.name_sealed = None
    session.flush()
    record(session, actor, "register.discarded", row.public_id)


def apply_register(
    session: Session, actor: str, organiser_id: int, row: Register, seen: SeenRegister, accept_for: Collection[str]
) -> None:
    """Write what the dry run showed; applying an applied register does nothing.

    What changes at an institution is a proposal to the campaigns that use it; it is accepted at once for those of the
    organiser's own (public ids) in `accept_for`. Raises RegisterOutdated when anything changed since `seen`.
    """
    if row.state is ImportState.APPLIED:
        return
    if row.state is not ImportState.MAPPED:
        raise RegisterOver
    if register_mark(session, row) != seen.mark:
        raise RegisterOutdated
    review = seen.review
    for target, _number in review.targets:
        offices = [office for office in review.rows if office.target is not None and office.target.key == target.key]
        _write(session, actor, organiser_id, _institution(session, actor, target), offices, accept_for)
    row.added, row.changed = review.count(RowVerdict.ADD), review.count(RowVerdict.UPDATE)
    row.unchanged = review.count(RowVerdict.UNCHANGED, RowVerdict.REPEAT)
    row.left_out = review.count(RowVerdict.REFUSED)
    keep_left_out(session, row, would_be_left_out(seen))
    _finish_register(row, ImportState.APPLIED)
    session.flush()
    record(session, actor, "register.applied", row.public_id, added=row.added, changed=row.changed)


def _institution(session: Session, actor: str, target: Target) -> Institution:
    if target.institution_id is None:
        return create_institution(session, actor, InstitutionFacts(target.name, target.country))
    return session.scalars(select(Institution).where(Institution.id == target.institution_id)).one()


def _write(
    session: Session,
    actor: str,
    organiser_id: int,
    institution: Institution,
    offices: Sequence[Office],
    accept_for: Collection[str],
) -> None:
    new = [office for office in offices if office.verdict is RowVerdict.ADD]
    known = [office for office in offices if office.verdict is RowVerdict.UPDATE]
    added = add_recipients(session, actor, institution, [office.facts for office in new if office.facts])
    changes = {office.recipient.recipient_id: office.facts for office in known if office.recipient and office.facts}
    changed = change_recipients(session, actor, institution, changes)
    by_recipient = dict(zip((version.recipient_id for version in added), new, strict=True))
    by_recipient |= {office.recipient.recipient_id: office for office in known if office.recipient}
    set_groups(session, actor, institution, {each: office.reading.belonging for each, office in by_recipient.items()})
    _note(session, actor, by_recipient)
    choices = campaigns_to_accept_for(session, institution.id, organiser_id, WRITERS)
    chosen = [choice.campaign_id for choice in choices if choice.public_id in accept_for]
    accept_own_many(session, actor, [*added, *changed], chosen)


def _note(session: Session, actor: str, offices: dict[int, Office]) -> None:
    for recipient_id, office in offices.items():
        if office.notes is not None:
            note_recipient(session, actor, session.get_one(Recipient, recipient_id), office.notes)


def _finish_register(row: Register, state: ImportState) -> None:
    row.state, row.finished_at = state, clock.now()
    row.file_sealed = row.plan_sealed = None


def _sealed_plan(session: Session, public_id: str, plan: RegisterPlan) -> bytes:
    return seal(session, register_plan_place(public_id), plan.as_fields(), 4096)
