"""Let everybody read what was sealed while it was a draft: the address, the texts and the annexes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.statements import canonical
from app.statements.enclosures import addressees_of, annex_content, annexes_of
from app.statements.models import (
    ANNEX_WORDS,
    STATEMENT_SLUG,
    TEXT_WORDS,
    Addressee,
    Annex,
    Demand,
    Statement,
    Version,
    VersionText,
)
from app.statements.queries import slug_of
from app.statements.states import StatementSlugTaken
from app.statements.texts import texts_of

_QUIETLY = {"synchronize_session": False}


def unseal(session: Session, statement: Statement, version: Version, frozen: Mapping[int, bytes]) -> None:
    """Write a version's parts where readers find them; `frozen` holds the canonical bytes of each text by its id.

    Raises StatementSlugTaken.
    """
    _unseal_slug(session, statement)
    _unseal_texts(session, version, frozen)
    _freeze_addressees(session, version)
    _unseal_annexes(session, version)


def _unseal_slug(session: Session, statement: Statement) -> None:
    slug = slug_of(session, statement)
    public = update(Statement).where(Statement.id == statement.id).values(STATEMENT_SLUG.published({"slug": slug}))
    try:
        with session.begin_nested():
            session.execute(public, execution_options=_QUIETLY)
    except IntegrityError as error:
        raise StatementSlugTaken(slug) from error
    session.refresh(statement)


def _unseal_texts(session: Session, version: Version, frozen: Mapping[int, bytes]) -> None:
    for text in texts_of(session, version.id):
        content = frozen[text.id]
        words = TEXT_WORDS.published(vars(text))
        public = update(VersionText).where(VersionText.id == text.id, VersionText.sha256.is_(None))
        session.execute(
            public.values(**words, canonical=content, sha256=canonical.sha256_of(content)), execution_options=_QUIETLY
        )
        if text.demands:
            demands = [{"version_text_id": text.id, "number": n, "text": one} for n, one in enumerate(text.demands, 1)]
            session.execute(insert(Demand), demands)


def _freeze_addressees(session: Session, version: Version) -> None:
    """Keep the addressees as they are called now."""
    for row in addressees_of(session, version.id):
        mine = (Addressee.version_id == version.id) & (Addressee.institution_id == row.institution_id)
        kept = update(Addressee).where(mine).values(frozen_name=row.name, frozen_country=row.country)
        session.execute(kept, execution_options=_QUIETLY)


def _unseal_annexes(session: Session, version: Version) -> None:
    for row in annexes_of(session, version.id):
        words = ANNEX_WORDS.published(vars(row))
        content = annex_content(session, row.id)
        public = update(Annex).where(Annex.id == row.id).values(**words, content=content, content_sealed=None)
        session.execute(public, execution_options=_QUIETLY)
