"""Read the texts of a version: in each language, wherever they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.base.locales import InOneLanguage
from app.statements.models import TEXT_WORDS, Demand, Statement, Version, VersionText
from app.statements.states import NoSuchText

# What a list asks for to name a statement; `title_of_text` reads it.
TITLE_COLUMNS = (VersionText.id.label("text_id"), VersionText.title, VersionText.unpublished_sealed)


@dataclass(frozen=True)
class WrittenText:
    """A version's text in one language with its demands, whether it is published or not."""

    id: int
    language: str
    title: str
    summary: str
    body: str
    demands: tuple[str, ...]
    revision: int
    saved_by: str
    saved_at: datetime
    sha256: str | None


@dataclass(frozen=True)
class LanguageRow(InOneLanguage):
    """A version's text in one language, without its body."""

    text_id: int
    language: str
    title: str
    revision: int
    saved_at: datetime
    sha256: str | None
    has_body: bool
    demand_count: int


def text_of(session: Session, version_id: int, language: str) -> WrittenText:
    """Return a version's text in a language with its demands; raises NoSuchText."""
    found = _written(session, (VersionText.version_id == version_id) & (VersionText.language == language))
    if not found:
        raise NoSuchText(language)
    return found[0]


def texts_of(session: Session, version_id: int) -> Sequence[WrittenText]:
    """Return a version's texts in every language with their demands."""
    return _written(session, VersionText.version_id == version_id)


def languages_of(session: Session, version_id: int) -> list[LanguageRow]:
    """Return a version's languages, the authoritative one first, without the texts themselves."""
    is_main = VersionText.language == Statement.language
    rows = session.execute(
        select(
            *TITLE_COLUMNS, VersionText.language, VersionText.revision, VersionText.saved_at, VersionText.sha256,
            (VersionText.body != "").label("has_body"), _demand_count().label("demand_count"),
        )
        .join(Version, Version.id == VersionText.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(VersionText.version_id == version_id)
        .order_by(case((is_main, 0), else_=1), VersionText.language)
    )  # fmt: skip
    return [_language_row(session, row) for row in rows]


def demands(session: Session, version_id: int, language: str) -> list[str]:
    """Return the demands of a version in a language, in their order."""
    return list(text_of(session, version_id, language).demands)


def title_of_text(session: Session, row: Any) -> str:
    """Return the title in a row of a query that asked for `TITLE_COLUMNS`."""
    if row.unpublished_sealed is None:
        return str(row.title)
    title: str = TEXT_WORDS.read(session, _TextKey(row.text_id, row.unpublished_sealed))["title"]
    return title


def canonical_of(session: Session, version_id: int, language: str) -> bytes:
    """Return exactly the bytes that a frozen text's hash covers; raises NoSuchText."""
    canonical = session.scalar(
        select(VersionText.canonical).where(VersionText.version_id == version_id, VersionText.language == language)
    )
    if canonical is None:
        raise NoSuchText(language)
    return canonical


@dataclass(frozen=True)
class _TextKey:
    """What the envelope of a text is opened by."""

    id: int
    unpublished_sealed: bytes


def _language_row(session: Session, row: Any) -> LanguageRow:
    title, has_body, demand_count = row.title, row.has_body, row.demand_count
    if row.unpublished_sealed is not None:
        words = TEXT_WORDS.read(session, _TextKey(row.text_id, row.unpublished_sealed))
        title, has_body, demand_count = words["title"], bool(words["body"]), len(words["demands"])
    return LanguageRow(row.text_id, row.language, title, row.revision, row.saved_at, row.sha256, has_body, demand_count)


def _written(session: Session, condition: ColumnElement[bool]) -> list[WrittenText]:
    rows = session.execute(
        select(
            VersionText.id, VersionText.language, VersionText.title, VersionText.summary, VersionText.body,
            VersionText.unpublished_sealed, VersionText.revision, VersionText.saved_by, VersionText.saved_at,
            VersionText.sha256,
        )
        .where(condition)
        .order_by(VersionText.language)
    ).all()  # fmt: skip
    frozen: dict[int, list[str]] = defaultdict(list)
    ids = [row.id for row in rows if row.unpublished_sealed is None]
    if ids:
        numbered = select(Demand.version_text_id, Demand.text).where(Demand.version_text_id.in_(ids))
        for text_id, demand in session.execute(numbered.order_by(Demand.number)):
            frozen[text_id].append(demand)
    written = []
    for row in rows:
        words = {"demands": frozen[row.id], **TEXT_WORDS.read(session, row)}
        words["demands"] = tuple(words["demands"])
        written.append(
            WrittenText(
                id=row.id, language=row.language, revision=row.revision, saved_by=row.saved_by, saved_at=row.saved_at,
                sha256=row.sha256, **words,
            )
        )  # fmt: skip
    return written


def _demand_count() -> ColumnElement[int]:
    demand = Demand.__table__
    return (
        select(func.count())
        .select_from(demand)
        .where(demand.c.version_text_id == VersionText.id)
        .correlate(VersionText)
        .scalar_subquery()
    )
