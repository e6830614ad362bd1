"""Totals and days of a statement's signatures, in one statement of SQL and so in one snapshot; and their recount."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from app.counts.models import CountCheckpoint, CountDelta
from app.directory.states import SignatoryKind
from app.signatures.models import Signature
from app.signatures.queries import is_standing
from app.visibility.states import Visibility

ORGANISATIONS = "organisations"
PARTS = (*(choice.value for choice in Visibility), ORGANISATIONS)  # the other parts are days
_KEPT: tuple[Any, ...] = (CountCheckpoint.__table__, CountDelta.__table__)


Wanted = Callable[[Any], ColumnElement[bool]]


def _of_several(statement_id: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = statement_id.in_(bindparam("statements", expanding=True))
    return found


def _of_one(statement_id: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = statement_id == bindparam("statement")
    return found


def _is_total(part: Any) -> ColumnElement[bool]:
    # Each by itself: a list would be spelt out anew at each request, which takes longer than all else.
    return or_(*(part == one for one in PARTS))


def _counted(is_theirs: Wanted, is_wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Return the sums of the checkpoint and of what it has not absorbed, by statement and part; made once."""
    kept = union_all(
        *(
            select(each.c.statement_id, each.c.part, each.c.number).where(
                is_theirs(each.c.statement_id), is_wanted(each.c.part)
            )
            for each in _KEPT
        )
    ).subquery()
    number = func.sum(kept.c.number)
    summed = select(kept.c.statement_id, kept.c.part, number).group_by(kept.c.statement_id, kept.c.part)
    return summed.having(number != 0)


_TOTALS = _counted(_of_several, _is_total)
_TOTALS_OF_ONE = _counted(_of_one, _is_total)
_DAYS = _counted(_of_several, lambda part: part.not_in(PARTS))


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

    def of(self, visibilities: Iterable[Visibility]) -> int:
        """Those of some visibilities."""
        return sum(getattr(self, choice.value) for choice in visibilities)


def totals(session: Session, statement_id: int) -> Totals:
    """Return a statement's totals, by a few seeks however many have signed."""
    rows = session.execute(_TOTALS_OF_ONE, {"statement": statement_id})
    return _totals(rows).get(statement_id, Totals())


def stand_behind(session: Session, statement_id: int) -> tuple[int, int]:
    """Return how many stand behind a statement and how many of them the public list shows."""
    found = totals(session, statement_id)
    return found.total, found.listed


def totals_of_many(session: Session, statement_ids: Iterable[int]) -> dict[int, Totals]:
    """Return the totals of several statements at once; without signatures a statement is left out."""
    return _totals(session.execute(_TOTALS, {"statements": list(statement_ids)}))


def _totals(rows: Iterable[Any]) -> dict[int, Totals]:
    found: dict[int, dict[str, int]] = {}
    for statement_id, part, number in rows:
        parts = found.setdefault(statement_id, {})
        parts[f"public_{part}" if part == ORGANISATIONS else part] = int(number)
    return {statement_id: Totals(**parts) for statement_id, parts in found.items()}


def per_day(session: Session, statement_id: int) -> list[tuple[date, int]]:
    """Return the standing signatures of a statement by the day (UTC) on which they were given, oldest first."""
    rows = session.execute(_DAYS, {"statements": [statement_id]})
    return sorted((date.fromisoformat(part), int(number)) for _statement, part, number in rows)


def differences(session: Session, statement_id: int) -> dict[str, int]:
    """Recount a statement from zero; return by how much each part has to change that does not equal its recount.

    Count and recount are one statement of SQL, and so of one snapshot. It reads every signature.
    """
    standing, visibility = is_standing(statement_id), type_coerce(Signature.visibility, String)
    day, is_organisation = _day(session), Signature.kind == SignatoryKind.ORGANISATION
    sums = union_all(
        select(visibility.label("part"), func.count().label("number")).where(*standing).group_by(visibility),
        select(day, func.count()).where(*standing).group_by(day),
        select(literal(ORGANISATIONS), func.count()).where(*standing, is_organisation),
        *(select(kept.c.part, -kept.c.number).where(kept.c.statement_id == statement_id) for kept in _KEPT),
    ).subquery()
    number = func.sum(sums.c.number)
    rows = session.execute(select(sums.c.part, number).group_by(sums.c.part).having(number != 0))
    return {part: int(difference) for part, difference in rows}


def _day(session: Session) -> ColumnElement[str]:
    """Return the part of a signature's day, as the triggers write it."""
    at = Signature.signed_at
    is_postgres = session.get_bind().dialect.name == "postgresql"
    return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD") if is_postgres else func.date(at)
