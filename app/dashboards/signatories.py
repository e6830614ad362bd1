"""Who stands behind a statement, as one audience may see it: page by page, whole for an export, and in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from app.base.paging import NoSuchListPage, Page, decode_cursor, page_of
from app.base.rows import AT_ONCE, portions
from app.base.sealing import open_many
from app.counts.queries import totals
from app.dashboards.spreads import Spread
from app.directory.states import SignatoryKind
from app.signatures.models import Signature
from app.signatures.queries import after_place, identity_sealed_place, is_standing, times_of
from app.signatures.states import UNPINNED
from app.visibility.states import Audience, Identity, Visibility, shown

PAGE = 50
_ORDER = (Signature.position, Signature.id)
# Enough of a row for a line; walking whole ones takes half as long again.
_SHOWN = (
    Signature.id, Signature.public_id, Signature.visibility, Signature.position, Signature.language,
    Signature.text_sha256, Signature.signed_at, Signature.changed_at, Signature.withdrawn_at,
    Signature.identity_sealed,
)  # fmt: skip


@dataclass(frozen=True)
class SignatureLine:
    """One signature as an audience may see it; a signature that only counts has no line.

    `own_line` tells coordinators what readers see instead where that differs: a pseudonym, or nothing.
    """

    id: int
    public_id: str
    name: str
    public_line: str
    country: str
    kind: SignatoryKind
    visibility: Visibility
    is_pseudonym: bool
    is_pinned: bool
    language: str
    version_sha256: str
    signed_at: datetime
    invitation: str
    pseudonym: str


@dataclass(frozen=True)
class Figures:
    """How signatures spread. Countries count the names that the audience sees; `hidden` the rest."""

    total: int
    by_visibility: list[tuple[Visibility, int]]
    by_kind: list[tuple[SignatoryKind, int]]
    by_country: list[tuple[str, int]]
    hidden: int


def visible_to(audience: Audience) -> tuple[Visibility, ...]:
    """Return the visibilities of which an audience sees more than a number: what `shown` would show is opened."""
    someone = Identity("a", pseudonym="b")
    return tuple(choice for choice in Visibility if shown(choice, audience, someone) is not None)


def signatories_page(
    session: Session, statement_id: int, audience: Audience, cursor: str | None
) -> Page[SignatureLine]:
    """Return 50 signatories, pinned ones first, then by day; what the audience may not see is never opened."""
    key = decode_cursor(cursor, 2)
    if key is not None and not all(isinstance(part, int) and part >= 0 for part in key):
        raise NoSuchListPage
    rows = _following(session, statement_id, audience, key, PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    page = page_of(rows, PAGE, cursor, [last.position, last.id] if last else None)
    return Page(_lines(session, page.items, audience), page.next_cursor, page.is_first)


def every_signatory(session: Session, statement_id: int, audience: Audience) -> Iterator[SignatureLine]:
    """Yield all signatories whom an audience may see, opened in chunks of 500."""
    place: tuple[int, int] | None = None
    while True:
        rows = _following(session, statement_id, audience, place, AT_ONCE)
        place = (rows[-1].position, rows[-1].id) if rows else None
        yield from _lines(session, rows, audience)
        if len(rows) < AT_ONCE:
            return


def hidden_number(session: Session, statement_id: int, audience: Audience) -> int:
    """Return how many signatures an audience is not shown."""
    return totals(session, statement_id).of(choice for choice in Visibility if choice not in visible_to(audience))


def figures_of(spread: Spread, audience: Audience) -> Figures:
    """Count signatures by visibility, kind and country.

    Kind and country are sealed with the name: an audience learns them only of those whom it may see.
    """
    visibilities: Counter[Visibility] = Counter()
    kinds: Counter[SignatoryKind] = Counter()
    countries: Counter[str] = Counter()
    for part, number in spread.counted().items():
        visibilities[part.visibility] += number
        appearance = shown(part.visibility, audience, Identity("a", country=part.country, pseudonym="b"))
        if appearance is None:
            continue
        kinds[part.kind] += number
        countries[appearance.country] += number
    return Figures(
        total=visibilities.total(),
        by_visibility=[(choice, visibilities[choice]) for choice in visible_to(audience)],
        by_kind=[(kind, kinds[kind]) for kind in SignatoryKind],
        by_country=sorted(countries.items(), key=lambda pair: (-pair[1], pair[0])),
        hidden=visibilities.total() - kinds.total(),
    )


def _following(
    session: Session, statement_id: int, audience: Audience, place: Sequence[Any] | None, limit: int
) -> list[Any]:
    """Return what an audience may see after a place, in the list's order.

    Each visibility that it may see is walked along the index as far as the page may reach, and what was met is put in
    order: none that is hidden is passed over.
    """
    parts = after_place(_ORDER, place) if place is not None else ((),)
    walks = [
        select(*_ORDER).where(*is_standing(statement_id), Signature.visibility == choice, *part)
        for choice in visible_to(audience)
        for part in parts
    ]
    met = union_all(*(select(walk.order_by(*_ORDER).limit(limit).subquery()) for walk in walks)).subquery()
    ids = session.scalars(select(met.c.id).order_by(met.c.position, met.c.id).limit(limit)).all()
    found: dict[int, Any] = {}
    for part in portions(ids):
        found |= {row.id: row for row in session.execute(select(*_SHOWN).where(Signature.id.in_(part)))}
    return [found[number] for number in ids]


def _lines(session: Session, rows: Sequence[Any], audience: Audience) -> list[SignatureLine]:
    places = [(identity_sealed_place(row.public_id), row.identity_sealed) for row in rows]
    opened = open_many(session, places, "list of signatories") if places else []
    lines = (_line(row, fields, audience) for row, fields in zip(rows, opened, strict=True))
    return [line for line in lines if line is not None]


def _line(row: Any, fields: dict[str, Any], audience: Audience) -> SignatureLine | None:
    identity = _identity(fields)
    appearance = shown(row.visibility, audience, identity)
    if appearance is None:
        return None
    knows = audience is Audience.COORDINATOR
    return SignatureLine(
        id=row.id,
        public_id=row.public_id,
        name=appearance.name,
        public_line=appearance.public_line,
        country=appearance.country,
        kind=SignatoryKind(fields["kind"]),
        visibility=row.visibility,
        is_pseudonym=appearance.is_pseudonym,
        is_pinned=row.position < UNPINNED,
        language=row.language,
        version_sha256=row.text_sha256,
        signed_at=times_of(row, fields)[0],
        # Only a coordinator may walk from a signature to the person who was asked.
        invitation=fields["invitation"] if knows else "",
        pseudonym=identity.pseudonym if knows else "",
    )


def _identity(fields: dict[str, Any]) -> Identity:
    return Identity(*(fields.get(part) or "" for part in ("name", "public_line", "country", "pseudonym")))
