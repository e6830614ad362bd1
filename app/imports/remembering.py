"""What a campaign remembers of its imports: what headings held, which text is which country, whose each row was.

A row is known again by keyed digests of what its columns held, so an unchanged row needs no second question, whatever
was decided about it and whatever became of the entry since. Names and addresses can't be read from a digest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.base.addresses import canonical
from app.base.names import comparison_key, same_name_key
from app.base.rows import insert_into, portions
from app.base.sealing import Place, blind_index, open_one, seal
from app.directory.models import Signatory
from app.directory.states import Details
from app.imports.fields import REPEATED, Field
from app.imports.models import ImportedRow, SavedMapping
from app.imports.plans import KnownRow, Plan
from app.imports.rows import Reading
from app.sheets.looks import NO_HEADINGS
from app.sheets.reading import Sheet, SheetRow

_MOST_LISTS = 20
_PADDED = 4096


@dataclass(frozen=True)
class RowKeys:
    """The digests by which a row is known again: of all that it says, and of name and address where it has both."""

    row: bytes
    person: bytes | None


def columns_as_before(
    session: Session, campaign_id: int, sheet: Sheet, guessed: Sequence[Field]
) -> tuple[Field, ...] | None:
    """Return what the columns held when these headings came last; None where they never came together.

    A heading that is new beside them holds what was guessed, unless another column holds that already.
    """
    if sheet.look.heading_row == NO_HEADINGS:
        return None
    keys = _heading_keys(sheet.header)
    for saved in _saved(session, campaign_id)["lists"]:
        known = {key: Field(field) for key, field in saved.items() if field in set(Field)}
        used = {key for key, field in known.items() if field is not Field.IGNORE}
        if used and used <= set(keys):
            taken = {known[key] for key in used} - REPEATED
            return tuple(
                known.get(key, Field.IGNORE if field in taken else field)
                for key, field in zip(keys, guessed, strict=True)
            )
    return None


def countries_as_before(session: Session, campaign_id: int, sheet: Sheet, plan: Plan) -> dict[str, str]:
    """Return the countries that were decided in earlier imports for texts which this list holds too."""
    decided: dict[str, str] = _saved(session, campaign_id)["countries"]
    columns = [index for index, field in enumerate(plan.columns) if field is Field.COUNTRY]
    if not decided or not columns:
        return {}
    texts = {row.cells[index].strip() for row in sheet.rows for index in columns}
    return {text: code for text, code in decided.items() if text in texts}


def save_mapping(session: Session, campaign_id: int, header: Sequence[str], plan: Plan) -> None:
    """Remember what the headings held, and the countries that were decided."""
    saved = _saved(session, campaign_id)
    if plan.look.heading_row != NO_HEADINGS:
        columns = dict(zip(_heading_keys(header), (field.value for field in plan.columns), strict=False))
        others = [each for each in saved["lists"] if each.keys() != columns.keys()]
        saved["lists"] = [columns, *others][:_MOST_LISTS]
    saved["countries"] |= plan.countries
    row = session.scalar(select(SavedMapping).where(SavedMapping.campaign_id == campaign_id))
    if row is None:
        row = SavedMapping(campaign_id=campaign_id)
        session.add(row)
    row.mapping_sealed = seal(session, _place(row.public_id), saved, _PADDED)
    session.flush()


def row_keys(
    session: Session, campaign_id: int, rows: Sequence[SheetRow], plan: Plan, readings: Sequence[Reading]
) -> Iterator[RowKeys]:
    """Yield the digests of each row. The second of two equal rows has another digest than the first."""
    seen: Counter[str] = Counter()
    used = [(field, index) for index, field in enumerate(plan.columns) if field is not Field.IGNORE]
    for row, reading in zip(rows, readings, strict=True):
        said = json.dumps(sorted((field.value, row.cells[index]) for field, index in used if row.cells[index]))
        seen[said] += 1
        person = _person(reading.entry.details)
        yield RowKeys(
            blind_index(session, f"imported row {campaign_id}", f"{seen[said]} {said}"),
            blind_index(session, f"imported person {campaign_id}", person) if person else None,
        )


def known_rows(
    session: Session, campaign_id: int, rows: Sequence[SheetRow], keys_of_rows: Sequence[RowKeys]
) -> dict[int, KnownRow]:
    """Return the rows that came in an earlier import, by their numbers, with the entry that each led to."""
    by_row: dict[bytes, str] = {}
    by_person: dict[bytes, set[str]] = {}
    wanted = select(ImportedRow.row_key, ImportedRow.person_key, Signatory.public_id).join(
        Signatory, Signatory.id == ImportedRow.signatory_id
    )
    for row_key, person_key, public_id in session.execute(wanted.where(ImportedRow.campaign_id == campaign_id)):
        by_row[row_key] = public_id
        if person_key is not None:
            by_person.setdefault(person_key, set()).add(public_id)
    if not by_row:
        return {}
    found = {}
    for row, keys in zip(rows, keys_of_rows, strict=True):
        people = by_person.get(keys.person, set()) if keys.person is not None else set()
        if keys.row in by_row:
            found[row.number] = KnownRow(by_row[keys.row], is_unchanged=True)
        elif len(people) == 1:
            found[row.number] = KnownRow(next(iter(people)), is_unchanged=False)
    return found


def remember_rows(session: Session, campaign_id: int, import_id: int, led_to: Sequence[tuple[RowKeys, int]]) -> None:
    """Remember to which signatory (row id) each row led; one that was known stays with the import that first had it."""
    adding = insert_into(session, ImportedRow)
    adding = adding.on_conflict_do_update(
        index_elements=[ImportedRow.campaign_id, ImportedRow.row_key],
        set_={name: adding.excluded[name] for name in ("signatory_id", "person_key")},
    )
    rows = [
        {
            "campaign_id": campaign_id, "import_id": import_id, "signatory_id": signatory_id,
            "row_key": keys.row, "person_key": keys.person,
        }
        for keys, signatory_id in led_to
    ]  # fmt: skip
    for part in portions(rows):
        session.execute(adding, part)


def forget_rows(session: Session, import_id: int) -> None:
    """Forget what an import decided, once it is undone."""
    session.execute(delete(ImportedRow).where(ImportedRow.import_id == import_id))


def _person(details: Details) -> str:
    """Return name and address as they were read, however they stand in the cells."""
    if not details.name or not details.email:
        return ""
    return json.dumps([same_name_key(details.name), canonical(details.email)])


def _saved(session: Session, campaign_id: int) -> dict[str, Any]:
    row = session.scalar(select(SavedMapping).where(SavedMapping.campaign_id == campaign_id))
    if row is None:
        return {"lists": [], "countries": {}}
    return open_one(session, _place(row.public_id), row.mapping_sealed, "read a list as before")


def _heading_keys(header: Sequence[str]) -> list[str]:
    """Return headings as they are compared; the second of two equal ones is another."""
    seen: Counter[str] = Counter()
    keys = []
    for heading in header:
        key = comparison_key(heading)
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key} {seen[key]}")
    return keys


def _place(public_id: str) -> Place:
    return Place("saved_mappings", "mapping_sealed", public_id)
