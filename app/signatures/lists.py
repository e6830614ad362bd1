"""The list of those who stand behind a statement, as each audience may see it and in the order that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from app.base.paging import NoSuchListPage, Page, decode_cursor, page_of
from app.directory.states import Details, SignatoryKind
from app.signatures.models import Signature
from app.signatures.orders import ListOrder
from app.signatures.queries import (
    PUBLIC_ENTRIES,
    Signed,
    after_place,
    details_of_many,
    every_signature,
    is_standing,
    opened,
)
from app.signatures.states import UNPINNED, SignatureState
from app.statements.models import Statement
from app.statements.states import NameOrder
from app.visibility.states import Appearance, Audience, Visibility, shown

PAGE_LENGTH = 100
MOST_PINNED = 200
_LISTING = (Signature.kind, Signature.position, Signature.collation_key, Signature.id)
_ENVELOPE_START = 13  # bytes: version and nonce, which is another one each time something is sealed
_ROWS: Any = Signature.__table__
_BEGINNING = (
    select(
        _ROWS.c.id, type_coerce(_ROWS.c.visibility, String), type_coerce(_ROWS.c.position < UNPINNED, Integer),
        func.substr(_ROWS.c.identity_sealed, 1, _ENVELOPE_START),
    )
    .where(
        _ROWS.c.statement_id == bindparam("statement_id"), _ROWS.c.state == SignatureState.SIGNED,
        _ROWS.c.kind.is_not(None),  # what the public sees, and the index of the list holds nothing else
    )
    .order_by(_ROWS.c.kind, _ROWS.c.position, _ROWS.c.collation_key, _ROWS.c.id)
    .limit(bindparam("most"))
)  # fmt: skip


@dataclass(frozen=True)
class ListedSignature:
    """One line of a list of signatories, as its audience may see it. `appearance` is None where it only counts."""

    id: int
    public_id: str
    visibility: Visibility
    kind: SignatoryKind
    is_pinned: bool
    appearance: Appearance | None
    language: str
    signed_at: datetime


def public_page(
    session: Session,
    statement_id: int,
    cursor: str | None = None,
    limit: int = PAGE_LENGTH,
    kind: SignatoryKind | None = None,
) -> Page[ListedSignature]:
    """Return a page of the public list, or of one kind in it: organisations, then people; pinned, then in its order.

    One index is walked whatever the order: where a list stands by day, all its keys are empty. Raises NoSuchListPage
    where the last entry of the page before is gone, since its name is not kept to go on from.
    """
    after = decode_cursor(cursor, 1)
    # The index of the list holds those whose kind is told, which is told of what the public sees and of nothing else.
    is_listed = Signature.kind == kind if kind is not None else Signature.kind.is_not(None)
    wanted = select(Signature).where(*is_standing(statement_id), is_listed).order_by(*_LISTING)
    if after is None:
        rows = session.scalars(wanted.limit(limit + 1)).all()
    else:
        rows = _following(session, wanted, str(after[0]), limit + 1)
    last = [rows[limit - 1].public_id] if len(rows) > limit else None
    page = page_of(rows, limit, cursor, last)
    public = [row for row in page.items if row.visibility in PUBLIC_ENTRIES]
    entries = [_entry(signed, Audience.PUBLIC) for signed in opened(session, public)]
    return Page([entry for entry in entries if entry.appearance is not None], page.next_cursor, page.is_first)


def beginning_of(session: Session, statement_id: int, limit: int) -> tuple[tuple[Any, ...], ...]:
    """Return what tells whether the beginning of the public list is still the same: nothing of it is opened.

    Whoever is hidden, withdraws or appears otherwise has another envelope or visibility, or stands elsewhere.
    """
    found = session.execute(_BEGINNING, {"statement_id": statement_id, "most": limit})
    return tuple(tuple(row) for row in found.all())


def entries_at(session: Session, places: Sequence[tuple[Any, ...]]) -> list[ListedSignature]:
    """Return the signatures of some places of a list's beginning, as the public sees them and in that order."""
    wanted = select(Signature).where(Signature.id.in_([row_id for row_id, *_rest in places]))
    rows = {row.id: row for row in session.scalars(wanted)}
    return entries_of(session, [rows[row_id] for row_id, *_rest in places], Audience.PUBLIC)


def _following(session: Session, wanted: Select[Signature], last: str, limit: int) -> Sequence[Signature]:
    """Return what follows the entry of a public id, by which a cursor names it so that it tells no row number."""
    place = session.execute(wanted.with_only_columns(*_LISTING).where(Signature.public_id == last)).one_or_none()
    if place is None:
        raise NoSuchListPage
    alike, others = after_place(_LISTING, place)
    rows = session.scalars(wanted.where(*alike).limit(limit)).all()
    if len(rows) == limit:
        return rows
    return [*rows, *session.scalars(wanted.where(*others).limit(limit - len(rows)))]


def pinned_entries(session: Session, statement_id: int, limit: int = MOST_PINNED) -> list[ListedSignature]:
    """Return the pinned public signatures in their order: organisations, then people."""
    rows: list[Signature] = []
    for kind in sorted(SignatoryKind):  # each has its pinned ones first: asked for both, those between would be walked
        is_pinned = Signature.kind == kind, Signature.position < UNPINNED
        wanted = select(Signature).where(*is_standing(statement_id), *is_pinned).order_by(*_LISTING)
        rows += session.scalars(wanted.limit(limit - len(rows)))
    return [_entry(signed, Audience.PUBLIC) for signed in opened(session, rows)]


def entries_for(session: Session, statement_id: int, audience: Audience) -> list[ListedSignature]:
    """Return every standing signature as an audience sees it: organisations, then people; pinned, then in its order.

    What only counts comes too, without appearance, so that the length of the list is the total. The order is told by
    what this audience sees, so that it gives away nothing else.
    """
    return entries_for_each(session, statement_id, [audience])[audience]


def entries_of(session: Session, rows: Sequence[Signature], audience: Audience) -> list[ListedSignature]:
    """Return some signatures as an audience sees them, in the order given."""
    return [_entry(signed, audience) for signed in opened(session, rows)]


def entries_for_each(
    session: Session, statement_id: int, audiences: Sequence[Audience]
) -> dict[Audience, list[ListedSignature]]:
    """Return the lists of several audiences, each as `entries_for` does; every signature is opened once."""
    standing = [signed for signed in every_signature(session, statement_id) if signed.is_signed]
    order = list_order(session, statement_id)
    return {audience: _in_order(session, order, standing, audience) for audience in audiences}


def _in_order(
    session: Session, order: ListOrder, standing: Sequence[Signed], audience: Audience
) -> list[ListedSignature]:
    seen = [_entry(signed, audience) for signed in standing]
    known = names_known(session, order, standing, [entry.appearance for entry in seen])
    places = {
        signed.id: (signed.kind, signed.position, order.key(entry.appearance, signed.kind, known.get(signed.signatory)))
        for signed, entry in zip(standing, seen, strict=True)
    }
    return sorted(seen, key=lambda entry: (*places[entry.id], entry.id))


def list_order(session: Session, statement_id: int) -> ListOrder:
    """Return in which order a statement's list stands."""
    row = session.execute(select(Statement.name_order, Statement.language).where(Statement.id == statement_id)).one()
    return ListOrder(row.name_order, row.language)


def names_known(
    session: Session, order: ListOrder, people: Sequence[Signed], seen: Sequence[Appearance | None]
) -> dict[str, Details]:
    """Return what the directory knows of those who are seen by their own name, where a name to sort by counts."""
    if order.by is not NameOrder.FAMILY:
        return {}
    named = [signed.signatory for signed, one in zip(people, seen, strict=True) if one and not one.is_pseudonym]
    return details_of_many(session, named)


def _entry(signed: Signed, audience: Audience) -> ListedSignature:
    return ListedSignature(
        signed.id, signed.public_id, signed.visibility, signed.kind, signed.position < UNPINNED,
        shown(signed.visibility, audience, signed.identity), signed.language, signed.signed_at,
    )  # fmt: skip
