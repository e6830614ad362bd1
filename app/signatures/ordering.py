"""The order of the public list is the coordinators': the people they pin stand first, in the order they set.

Only public signatures can be pinned, since a pin on a hidden one would tell that somebody prominent hides there.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.signatures.models import Signature
from app.signatures.states import UNPINNED, NotPinnable, SignatureState
from app.statements.models import Statement
from app.statements.queries import campaign_public_id
from app.visibility.states import Visibility


class Move(StrEnum):
    """What a coordinator does with one signature's place."""

    PIN = "pin"
    UNPIN = "unpin"
    UP = "up"
    DOWN = "down"


def move(session: Session, actor: str, statement: Statement, public_id: str, how: Move) -> None:
    """Pin a public signature behind those that are pinned, unpin it, or move it by one place.

    At an end of the list nothing happens, and pinning what is pinned changes nothing. Raises NotPinnable.
    """
    session.execute(select(Statement.id).where(Statement.id == statement.id).with_for_update())
    row = session.scalars(
        select(Signature).where(
            Signature.public_id == public_id,
            Signature.statement_id == statement.id,
            Signature.state == SignatureState.SIGNED,
            Signature.visibility == Visibility.PUBLIC,
        )
    ).one_or_none()
    if row is None:
        raise NotPinnable
    before = _pinned(session, row)
    after = _moved(before, row.id, how)
    if after == before:
        return
    if how is Move.UNPIN:
        session.execute(update(Signature).where(Signature.id == row.id).values(position=UNPINNED))
    for number, one in enumerate(after, 1):
        session.execute(update(Signature).where(Signature.id == one).values(position=number))
    record(session, actor, "signature.order_changed", public_id, campaign_public_id(session, statement), move=how)


def _pinned(session: Session, row: Signature) -> list[int]:
    """Return the pinned signatures of the same kind, by row id and in their order."""
    return list(
        session.scalars(
            select(Signature.id)
            .where(
                Signature.statement_id == row.statement_id,
                Signature.kind == row.kind,
                Signature.position < UNPINNED,
                Signature.state == SignatureState.SIGNED,
            )
            .order_by(Signature.position, Signature.id)
        )
    )


def _moved(pinned: Sequence[int], one: int, how: Move) -> list[int]:
    order = list(pinned)
    if how is Move.PIN:
        return order if one in order else [*order, one]
    if one not in order:
        return order
    at = order.index(one)
    order.remove(one)
    if how is Move.UNPIN:
        return order
    order.insert(max(at - 1, 0) if how is Move.UP else at + 1, one)
    return order
