"""The public list of those who stand behind a statement: through law 3's function, in keyset pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.base.countries import country_name
from app.base.paging import Page, decode_cursor, page_of
from app.base.sealing import Place, open_many
from app.directory.models import SignatoryKind
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.visibility.states import Audience, Identity, Visibility, shown

PAGE_LENGTH = 100
CHUNK = 500
UNPINNED = 1_000_000
# Only these can appear to the public; the others are never even opened.
APPEARING = (Visibility.PUBLIC, Visibility.PSEUDONYM)


class Kinds(StrEnum):
    """Which part of the list a reader asks for."""

    ALL = ""
    ORGANISATIONS = "organisations"
    PEOPLE = "people"


_KIND_OF = {Kinds.ORGANISATIONS: SignatoryKind.ORGANISATION, Kinds.PEOPLE: SignatoryKind.PERSON}


@dataclass(frozen=True)
class Listed:
    """One signature as the public sees it."""

    name: str
    public_line: str
    country: str  # its name, where the public line does not say it already
    country_code: str
    is_organisation: bool
    is_pinned: bool
    is_pseudonym: bool


def public_signatories(
    session: Session, statement_id: int, language: str, kinds: Kinds = Kinds.ALL, cursor: str | None = None,
    limit: int = PAGE_LENGTH,
) -> Page[Listed]:  # fmt: skip
    """Return a page of the list: organisations, then people; pinned ones first, then as signed."""
    after = decode_cursor(cursor, 1)
    rows = _rows(session, statement_id, kinds, str(after[0]) if after else None, limit + 1)
    last = rows[limit - 1].public_id if len(rows) > limit else None
    page = page_of(rows, limit, cursor, [last] if last else None)
    return Page(_appearing(session, page.items, language), page.next_cursor, page.is_first)


def every_public_signatory(session: Session, statement_id: int, language: str) -> Iterator[Listed]:
    """Yield the whole list in its order, opened in chunks."""
    after: str | None = None
    while True:
        rows = _rows(session, statement_id, Kinds.ALL, after, CHUNK)
        yield from _appearing(session, rows, language)
        if len(rows) < CHUNK:
            return
        after = rows[-1].public_id


def _rows(session: Session, statement_id: int, kinds: Kinds, after: str | None, limit: int) -> Sequence[Signature]:
    key = (Signature.kind, Signature.position, Signature.id)
    wanted = select(Signature).where(
        Signature.statement_id == statement_id,
        Signature.state == SignatureState.SIGNED,
        Signature.visibility.in_(APPEARING),
    )
    if kinds is not Kinds.ALL:
        wanted = wanted.where(Signature.kind == _KIND_OF[kinds])
    if after:
        place = select(*key).where(Signature.public_id == after, Signature.statement_id == statement_id)
        wanted = wanted.where(tuple_(*key) > place.scalar_subquery())
    return session.scalars(wanted.order_by(*key).limit(limit)).all()


def _appearing(session: Session, rows: Sequence[Signature], language: str) -> list[Listed]:
    places = [(Place("signatures", "identity_sealed", row.public_id), row.identity_sealed) for row in rows]
    identities = open_many(session, places, "public list of signatories") if places else []
    found = (_listed(row, identity, language) for row, identity in zip(rows, identities, strict=True))
    return [listed for listed in found if listed is not None]


def _listed(row: Signature, identity: dict[str, str], language: str) -> Listed | None:
    known = Identity(*(identity.get(part) or "" for part in ("name", "public_line", "country", "pseudonym")))
    appearance = shown(row.visibility, Audience.PUBLIC, known)
    if appearance is None:
        return None
    return Listed(
        name=appearance.name,
        public_line=appearance.public_line,
        country=_country_beside(appearance.public_line, appearance.country, language),
        country_code=appearance.country,
        is_organisation=row.kind is SignatoryKind.ORGANISATION,
        is_pinned=row.position < UNPINNED,
        is_pseudonym=appearance.is_pseudonym,
    )


def _country_beside(public_line: str, code: str, language: str) -> str:
    """Return the country's name unless the public line names it already, in the reader's language or in English."""
    if not code:
        return ""
    name, line = country_name(code, language), public_line.casefold()
    named_already = name.casefold() in line or country_name(code, "en").casefold() in line
    return "" if named_already else name
