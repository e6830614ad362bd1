"""How many stand behind a statement, for readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory.models import SignatoryKind
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.site.signatories import APPEARING


@dataclass(frozen=True)
class Count:
    """Totals of one statement: by kind, and by whether the public sees a name."""

    people: int = 0
    organisations: int = 0
    shown: int = 0

    @property
    def total(self) -> int:
        """Everybody who stands behind it."""
        return self.people + self.organisations

    @property
    def hidden(self) -> int:
        """Those who are counted and not named here."""
        return self.total - self.shown


def count_of(session: Session, statement_id: int) -> Count:
    """Count a statement's signatures in one query."""
    rows = session.execute(
        select(Signature.kind, Signature.visibility, func.count())
        .where(Signature.statement_id == statement_id, Signature.state == SignatureState.SIGNED)
        .group_by(Signature.kind, Signature.visibility)
    ).all()
    return Count(
        people=sum(number for kind, _, number in rows if kind is SignatoryKind.PERSON),
        organisations=sum(number for kind, _, number in rows if kind is SignatoryKind.ORGANISATION),
        shown=sum(number for _, visibility, number in rows if visibility in APPEARING),
    )


def totals_of(session: Session, statement_ids: Sequence[int]) -> dict[int, int]:
    """Count the signatures of many statements in one query."""
    rows = session.execute(
        select(Signature.statement_id, func.count().label("number"))
        .where(Signature.statement_id.in_(statement_ids), Signature.state == SignatureState.SIGNED)
        .group_by(Signature.statement_id)
    ).all()
    return {row.statement_id: row.number for row in rows}
