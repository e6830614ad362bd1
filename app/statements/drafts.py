"""Read what belongs to a draft only: what would be frozen, and whom it could be addressed to as well."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.rows import by_name
from app.institutions.models import Institution
from app.statements.canonical import CanonicalAnnex, CanonicalText
from app.statements.models import Statement, Version
from app.statements.queries import AddressedTo, addressees_of, annexes_of, slug_of, texts_of

MOST_INSTITUTIONS = 1000


def canonical_texts(session: Session, statement: Statement, version: Version) -> dict[int, CanonicalText]:
    """Return what would be frozen now, by text id: every language of a version with all that a signature covers."""
    slug = slug_of(session, statement)
    names = tuple(row.name for row in addressees_of(session, version.id))
    annexes = tuple(
        CanonicalAnnex(row.title, row.filename, row.size, row.sha256) for row in annexes_of(session, version.id)
    )
    return {
        text.id: CanonicalText(
            statement=slug,
            version=version.number,
            language=text.language,
            title=text.title,
            summary=text.summary,
            text=text.body,
            demands=text.demands,
            addressees=names,
            annexes=annexes,
        )
        for text in texts_of(session, version.id)
    }


def institutions_to_choose(session: Session, except_ids: Sequence[int] = ()) -> list[AddressedTo]:
    """Return the institutions that a statement could be addressed to as well, by name."""
    rows = session.execute(
        select(Institution.id.label("institution_id"), Institution.public_id, Institution.name, Institution.country)
        .where(Institution.id.not_in(except_ids))
        .order_by(Institution.name, Institution.id)
        .limit(MOST_INSTITUTIONS)
    )
    return [by_name(AddressedTo, row) for row in rows]
