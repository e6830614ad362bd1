"""Totals, counted where they are asked for: each equals its recount, since it is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory.states import SignatoryKind
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.visibility.states import Visibility


@dataclass(frozen=True)
class Totals:
    """How many stand behind a statement. Kinds are told of those the public sees; the others are no one's business."""

    public: int = 0
    institution: int = 0
    counted: int = 0
    pseudonym: int = 0
    public_organisations: int = 0

    @property
    def total(self) -> int:
        """Everyone who stands behind it."""
        return self.public + self.institution + self.counted + self.pseudonym

    @property
    def listed(self) -> int:
        """Those whom the public list shows, by name or pseudonym."""
        return self.public + self.pseudonym

    @property
    def not_listed(self) -> int:
        """Those whom the public list does not show."""
        return self.institution + self.counted

    @property
    def public_people(self) -> int:
        """People in the public list, pseudonyms included."""
        return self.listed - self.public_organisations


def totals(session: Session, statement_id: int) -> Totals:
    """Count a statement's signatures by visibility and kind, in one statement over one index."""
    return totals_of_many(session, [statement_id]).get(statement_id, Totals())


def totals_of_many(session: Session, statement_ids: Iterable[int]) -> dict[int, Totals]:
    """Count the signatures of several statements at once; without signatures a statement is left out."""
    rows = session.execute(
        select(Signature.statement_id, Signature.visibility, Signature.kind, func.count())
        .where(Signature.statement_id.in_(list(statement_ids)), Signature.state == SignatureState.SIGNED)
        .group_by(Signature.statement_id, Signature.visibility, Signature.kind)
    ).all()
    found: dict[int, dict[str, int]] = {}
    for statement_id, visibility, kind, number in rows:
        parts = found.setdefault(statement_id, {})
        parts[visibility.value] = parts.get(visibility.value, 0) + number
        if kind is SignatoryKind.ORGANISATION and visibility in (Visibility.PUBLIC, Visibility.PSEUDONYM):
            parts["public_organisations"] = parts.get("public_organisations", 0) + number
    return {statement_id: Totals(**parts) for statement_id, parts in found.items()}


def per_day(session: Session, statement_id: int) -> list[tuple[date, int]]:
    """Count the standing signatures of a statement by the day (UTC) on which they were given, oldest first."""
    at = Signature.signed_at
    is_postgres = session.get_bind().dialect.name == "postgresql"
    day = func.date(func.timezone("UTC", at)) if is_postgres else func.date(at)
    rows = session.execute(
        select(day, func.count())
        .where(Signature.statement_id == statement_id, Signature.state == SignatureState.SIGNED)
        .group_by(day)
        .order_by(day)
    ).all()
    return [(found if isinstance(found, date) else date.fromisoformat(found), number) for found, number in rows]
