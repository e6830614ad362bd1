"""Read deliveries with their proof: what was frozen, and what mail says became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.appeals.queries import LetterRow, letters_by_id
from app.base.sealing import Place, open_one
from app.deliveries.models import Delivery
from app.deliveries.states import DeliveryState, NoSuchDelivery, state_of
from app.mail.queries import Fate, fates_of
from app.mail.states import MailState


@dataclass(frozen=True)
class DeliveryRow:
    """One letter on its way: the letter as frozen, and its mail's fate."""

    id: int
    public_id: str
    appeal_id: int
    letter: LetterRow
    fate: Fate
    released_at: datetime | None

    @property
    def state(self) -> DeliveryState:
        """Where it stands."""
        return state_of(self.fate.state)

    @property
    def handed_over_at(self) -> datetime | None:
        """When the mail server took responsibility."""
        return self.fate.finished_at if self.fate.state is MailState.ACCEPTED else None


@dataclass(frozen=True)
class Decided:
    """What a person decided about an uncertain hand-over, and why."""

    decision: str
    evidence: str
    organiser: str
    at: datetime


def delivery(session: Session, public_id: str) -> Delivery:
    """Return a delivery's row; raises NoSuchDelivery."""
    found = session.scalar(select(Delivery).where(Delivery.public_id == public_id))
    if found is None:
        raise NoSuchDelivery
    return found


def delivery_row(session: Session, row: Delivery, purpose: str) -> DeliveryRow:
    """Return one delivery with letter and fate."""
    return _opened(session, [row], purpose)[0]


def deliveries_of(session: Session, statement_id: int, purpose: str) -> list[DeliveryRow]:
    """Return every delivery of a statement's appeal, in the order of its letters."""
    rows = session.scalars(
        select(Delivery)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .where(Appeal.statement_id == statement_id)
        .order_by(Delivery.letter_id)
    ).all()
    return _opened(session, rows, purpose)


def count_by_state(session: Session, statement_id: int) -> dict[DeliveryState, int]:
    """Return how many deliveries of a statement stand where; nothing is opened."""
    mails = session.scalars(
        select(Delivery.mail_id)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .where(Appeal.statement_id == statement_id)
    ).all()
    counts = dict.fromkeys(DeliveryState, 0)
    for fate in fates_of(session, mails).values():
        counts[state_of(fate.state)] += 1
    return counts


def statement_of(session: Session, row: Delivery) -> int:
    """Return the row id of the statement that a delivery belongs to."""
    return session.scalars(select(Appeal.statement_id).where(Appeal.id == row.appeal_id)).one()


def ruling_of(session: Session, row: Delivery) -> Decided | None:
    """Return what somebody decided about an uncertain hand-over, if anybody did."""
    if row.ruling_sealed is None:
        return None
    fields = open_one(session, ruling_place(row.public_id), row.ruling_sealed, "decision on a delivery")
    return Decided(fields["decision"], fields["evidence"], fields["organiser"], datetime.fromisoformat(fields["at"]))


def ruling_place(public_id: str) -> Place:
    """Return where a decision about a delivery is sealed."""
    return Place("deliveries", "ruling_sealed", public_id)


def _opened(session: Session, rows: Sequence[Delivery], purpose: str) -> list[DeliveryRow]:
    letters = letters_by_id(session, [row.letter_id for row in rows], purpose)
    fates = fates_of(session, [row.mail_id for row in rows])
    released = dict(
        session.execute(
            select(Appeal.id, Appeal.released_at).where(Appeal.id.in_({row.appeal_id for row in rows}))
        ).all()
    )
    return [
        DeliveryRow(
            row.id, row.public_id, row.appeal_id, letters[row.letter_id], fates[row.mail_id],
            released.get(row.appeal_id),
        )
        for row in rows
    ]  # fmt: skip
