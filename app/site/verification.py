"""Which published text, annex or appeal a hash belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealDocument, AppealState, DocumentAudience
from app.statements.models import Annex, Statement, Version, VersionText
from app.statements.states import PUBLISHED


class MatchKind(StrEnum):
    """What a hash was found to be of."""

    TEXT = "text"
    ANNEX = "annex"
    APPEAL = "appeal"


@dataclass(frozen=True)
class Match:
    """A published document with this hash. `is_current` is false for a text that a newer version replaced."""

    kind: MatchKind
    sha256: str
    title: str
    language: str
    slug: str
    version_number: int
    is_current: bool = True
    annex_id: str = ""


def match_of(session: Session, hashes: Sequence[str]) -> Match | None:
    """Return what readers may know by one of the hashes, or None."""
    return _text(session, hashes) or _annex(session, hashes) or _appeal(session, hashes)


def _text(session: Session, hashes: Sequence[str]) -> Match | None:
    row: Any = session.execute(
        select(
            VersionText.sha256, VersionText.title, VersionText.language, Statement.slug, Version.number, Version.id,
            Statement.current_version_id,
        )
        .join(Version, Version.id == VersionText.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(VersionText.sha256.in_(hashes), Version.frozen_at.is_not(None), Statement.state.in_(PUBLISHED))
        .order_by(Version.number.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return Match(MatchKind.TEXT, row[0], row[1], row[2], row[3], row[4], row[5] == row[6])


def _annex(session: Session, hashes: Sequence[str]) -> Match | None:
    row: Any = session.execute(
        select(Annex.sha256, Annex.title, Annex.language, Statement.slug, Version.number, Annex.public_id)
        .join(Version, Version.id == Annex.version_id)
        .join(Statement, Statement.current_version_id == Version.id)
        .where(Annex.sha256.in_(hashes), Version.frozen_at.is_not(None), Statement.state.in_(PUBLISHED))
        .order_by(Annex.id)
        .limit(1)
    ).one_or_none()
    return Match(MatchKind.ANNEX, row[0], row[1], row[2], row[3], row[4], annex_id=row[5]) if row else None


def _appeal(session: Session, hashes: Sequence[str]) -> Match | None:
    row: Any = session.execute(
        select(AppealDocument.sha256, AppealDocument.title, AppealDocument.language, Statement.slug, Version.number)
        .join(Appeal, Appeal.id == AppealDocument.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .join(Version, Version.id == Appeal.version_id)
        .where(
            AppealDocument.sha256.in_(hashes),
            AppealDocument.audience == DocumentAudience.PUBLIC,
            Appeal.state == AppealState.RELEASED,
            Statement.state.in_(PUBLISHED),
        )
        .order_by(Appeal.number.desc())
        .limit(1)
    ).one_or_none()
    return Match(MatchKind.APPEAL, *row) if row else None
