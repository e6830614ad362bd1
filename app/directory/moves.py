"""Remember that an address was changed until its former reader has been told; a later stage knows whom to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import Place, open_many, seal
from app.directory.models import AddressChange


@dataclass(frozen=True)
class FormerAddress:
    """An address that somebody of the directory (row id) had until it was changed."""

    id: int
    public_id: str
    signatory_id: int
    email: str
    changed_at: datetime


def note_former(session: Session, former: Mapping[int, str]) -> None:
    """Remember the addresses that signatories (row ids) had; those who had none are left out."""
    now = clock.now()
    rows = []
    for signatory_id, email in former.items():
        if email:
            public_id = new_public_id()
            sealed = seal(session, _place(public_id), {"email": email})
            rows.append(
                {"public_id": public_id, "signatory_id": signatory_id, "former_sealed": sealed, "changed_at": now}
            )
    if rows:
        session.execute(insert(AddressChange), rows)


def untold(session: Session, limit: int) -> list[FormerAddress]:
    """Return former addresses whose reader has not been told, oldest first."""
    rows = session.scalars(select(AddressChange).order_by(AddressChange.id).limit(limit)).all()
    places = [(_place(row.public_id), row.former_sealed) for row in rows]
    opened = open_many(session, places, "tell of a changed address") if places else []
    return [
        FormerAddress(row.id, row.public_id, row.signatory_id, found["email"], row.changed_at)
        for row, found in zip(rows, opened, strict=True)
    ]


def forget_former(session: Session, former: Sequence[FormerAddress]) -> None:
    """Forget what was told, or concerns nobody."""
    session.execute(delete(AddressChange).where(AddressChange.id.in_([each.id for each in former])))


def _place(public_id: str) -> Place:
    return Place("address_changes", "former_sealed", public_id)
