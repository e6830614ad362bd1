"""Change an import, from upload to the last row: nothing reaches the directory before it is applied, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.names import same_name_key
from app.base.rows import portions
from app.base.sealing import seal, seal_bytes
from app.campaigns.models import Campaign
from app.directory.actions import add_signatories, ensure_groups, membership
from app.directory.models import GroupMembership, Signatory
from app.directory.moves import note_former
from app.directory.queries import email_key, identity_place, opened
from app.directory.states import NewEntry
from app.imports.mapping import guess_mapping
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.queries import Seen, file_place, mark_of, plan_of, plan_place
from app.imports.review import RowVerdict
from app.imports.states import ImportOver, ImportState, QuestionsOpen, ReviewOutdated
from app.sheets.looks import Look
from app.sheets.reading import Sheet


def start_import(session: Session, campaign: Campaign, actor: str, filename: str, content: bytes, sheet: Sheet) -> str:
    """Keep an uploaded list, sealed, with a first guess at its columns; return the import's public id."""
    columns = guess_mapping(sheet.header, (row.cells for row in sheet.rows[:50]))
    public_id = new_public_id()
    row = Import(
        public_id=public_id,
        campaign_id=campaign.id,
        state=ImportState.UPLOADED,
        file_sealed=seal_bytes(session, file_place(public_id), content),
        plan_sealed=_sealed(session, public_id, Plan(filename, columns=columns)),
        created_by=actor,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, "import.uploaded", public_id, campaign.public_id, rows=len(sheet.rows))
    return public_id


def save_columns(session: Session, campaign: Campaign, actor: str, row: Import, plan: Plan) -> None:
    """Save what each column holds. Answers about other columns are asked for anew."""
    before = plan_of(session, row)
    is_same_look = before.look == plan.look
    is_same = is_same_look and (before.columns, before.ranks, before.habits) == (plan.columns, plan.ranks, plan.habits)
    kept = replace(
        plan,
        answers=before.answers if is_same else {},
        countries=before.countries if is_same else {},
        edits=before.edits if is_same_look else {},
    )
    row.plan_sealed, row.state = _sealed(session, row.public_id, kept), ImportState.MAPPED
    session.flush()
    record(session, actor, "import.mapped", row.public_id, campaign.public_id)


def save_look(session: Session, campaign: Campaign, actor: str, row: Import, look: Look, sheet: Sheet) -> None:
    """Save how the file is read, with a new guess at its columns; answers about other rows are asked for anew.

    `sheet` is the list as that look reads it. Raises ImportOver.
    """
    plan = plan_of(session, row)
    columns = guess_mapping(sheet.header, (one.cells for one in sheet.rows[:50]))
    decided = replace(plan, look=look, columns=columns, answers={})
    row.plan_sealed, row.state = _sealed(session, row.public_id, decided), ImportState.UPLOADED
    session.flush()
    record(session, actor, "import.read_again", row.public_id, campaign.public_id)


def save_answers(
    session: Session, row: Import, answers: Mapping[int, str], countries: Mapping[str, str | None]
) -> None:
    """Add to what was decided about rows and countries; an empty answer takes one back, None leaves a text open."""
    plan = plan_of(session, row)
    by_row = {number: answer for number, answer in {**plan.answers, **answers}.items() if answer}
    by_text = {text: code for text, code in {**plan.countries, **countries}.items() if code is not None}
    row.plan_sealed = _sealed(session, row.public_id, replace(plan, answers=by_row, countries=by_text))
    session.flush()


def save_edits(
    session: Session, row: Import, edits: Mapping[int, Mapping[str, str]], taken_back: int | None = None
) -> None:
    """Add what a person wrote in place of cells, by row and field; a row can be taken back to what the list says."""
    plan = plan_of(session, row)
    merged = dict(plan.edits)
    for number, texts in edits.items():
        merged[number] = {**merged.get(number, {}), **texts}
    if taken_back is not None:
        merged.pop(taken_back, None)
    row.plan_sealed = _sealed(session, row.public_id, replace(plan, edits=merged))
    session.flush()


def apply_import(
    session: Session, campaign: Campaign, actor: str, row: Import, seen: Seen, leave_out: bool = False
) -> None:
    """Write what the dry run showed. Applying an applied import does nothing.

    Raises QuestionsOpen unless rows without an answer may be left out, and ReviewOutdated when the directory or the
    answers changed since `seen`.
    """
    if row.state is ImportState.APPLIED:
        return
    if row.state is not ImportState.MAPPED:
        raise ImportOver
    if mark_of(session, row) != seen.mark:
        raise ReviewOutdated
    review = seen.review
    if review.open_questions and not leave_out:
        raise QuestionsOpen
    added = add_signatories(session, campaign, actor, [entry for _, entry in review.additions])
    _update_entries(session, campaign, actor, review.after)
    row.added, row.updated = len(added), review.count(RowVerdict.UPDATE)
    row.unchanged = review.count(RowVerdict.UNCHANGED, RowVerdict.REPEAT)
    row.left_out, row.refused = review.count(RowVerdict.ASKED), review.count(RowVerdict.REFUSED)
    _finish(row, ImportState.APPLIED)
    session.flush()
    record(session, actor, "import.applied", row.public_id, campaign.public_id, added=row.added, updated=row.updated)


def discard_import(session: Session, campaign: Campaign, actor: str, row: Import) -> None:
    """Delete the file and what was decided; the directory stays as it is. Raises ImportOver once it was applied."""
    if row.state is ImportState.DISCARDED:
        return
    if row.state is ImportState.APPLIED:
        raise ImportOver
    _finish(row, ImportState.DISCARDED)
    session.flush()
    record(session, actor, "import.discarded", row.public_id, campaign.public_id)


def _finish(row: Import, state: ImportState) -> None:
    row.state, row.finished_at = state, clock.now()
    row.file_sealed = row.plan_sealed = None


def _update_entries(session: Session, campaign: Campaign, actor: str, after: Mapping[str, NewEntry]) -> None:
    ids = _ids_of(session, campaign.id, after)
    now = clock.now()
    rows = [
        {
            "id": ids[public_id],
            "identity_sealed": seal(session, identity_place(public_id), entry.details.as_fields()),
            "email_key": email_key(session, campaign.id, entry.details.email),
            "kind": entry.kind,
            "is_prominent": entry.is_prominent,
            "changed_at": now,
        }
        for public_id, entry in after.items()
    ]
    if not rows:
        return
    _note_former(session, rows)
    session.execute(update(Signatory), rows)
    _replace_places(session, campaign, {ids[public_id]: entry for public_id, entry in after.items()})
    record_many(session, actor, "signatory.imported", after, campaign.public_id)


def _note_former(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Remember the addresses that an import replaces or takes away."""
    keys = {row["id"]: row["email_key"] for row in rows}
    for part in portions(list(keys)):
        known = session.scalars(select(Signatory).where(Signatory.id.in_(part), Signatory.email_key.is_not(None))).all()
        moved = opened(session, [row for row in known if row.email_key != keys[row.id]], "change an address")
        note_former(session, {one.id: one.details.email for one in moved})


def _replace_places(session: Session, campaign: Campaign, entries: Mapping[int, NewEntry]) -> None:
    groups = ensure_groups(session, campaign, [place.group for entry in entries.values() for place in entry.places])
    ids = list(entries)
    for part in portions(ids):
        session.execute(delete(GroupMembership).where(GroupMembership.signatory_id.in_(part)))
    rows = [
        membership(session, groups[same_name_key(place.group)], signatory_id, place.role)
        for signatory_id, entry in entries.items()
        for place in entry.places
    ]
    if rows:
        session.execute(insert(GroupMembership), rows)


def _ids_of(session: Session, campaign_id: int, public_ids: Iterable[str]) -> dict[str, int]:
    wanted = list(public_ids)
    found: dict[str, int] = {}
    for part in portions(wanted):
        rows = session.execute(
            select(Signatory.public_id, Signatory.id).where(
                Signatory.campaign_id == campaign_id, Signatory.public_id.in_(part)
            )
        )
        found |= {row.public_id: row.id for row in rows}
    return found


def _sealed(session: Session, public_id: str, plan: Plan) -> bytes:
    return seal(session, plan_place(public_id), plan.as_fields(), 4096)
