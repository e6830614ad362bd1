"""Orders to write to very many: taken in a moment, worked off in short transactions, and resumed after a kill.

Each chunk moves the order's mark together with the mails it queues, so whatever happens, nobody is written to twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.invitations.actions import ask_prepared, hold_statement, remind_among
from app.invitations.models import BulkOrder, Invitation
from app.invitations.queries import asked_between, prepared_between
from app.invitations.states import Errand, NotOpen
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, hold_open, is_open
from app.statements.states import StatementClosed

CHUNK = 500  # invitations in one transaction, at most


@dataclass(frozen=True)
class BulkOrderProgress:
    """How far an order has come."""

    public_id: str
    errand: Errand
    mailed: int
    expected: int
    is_stopping: bool


def order(session: Session, actor: str, statement: Statement, errand: Errand, expected: int) -> str:
    """Order all who are prepared to be asked, or all who are silent to be reminded; return the order's public id.

    People who are prepared after this are not meant. While such an order is being worked off, another is the same.
    Raises NotOpen.
    """
    statement = hold_statement(session, statement)
    if not is_open(statement):
        raise NotOpen
    same = select(BulkOrder.public_id).where(*_under_way(statement.id), BulkOrder.errand == errand)
    if found := session.scalar(same.where(BulkOrder.stopped_at.is_(None)).limit(1)):
        return found
    upto = select(func.max(Invitation.id)).where(Invitation.statement_id == statement.id)
    asking = BulkOrder(
        statement_id=statement.id,
        errand=errand,
        ordered_by=actor,
        upto_id=session.scalar(upto) or 0,
        expected=expected,
        ordered_at=clock.now(),
    )
    session.add(asking)
    session.flush()
    action = "invitation.ask_ordered" if errand is Errand.ASK else "invitation.remind_ordered"
    record(session, actor, action, statement.public_id, campaign_public_id(session, statement))
    return asking.public_id


def stop(session: Session, actor: str, statement: Statement, public_id: str) -> bool:
    """Stop an order where it stands; mails that are queued already go out. Tell whether there was anything to stop."""
    # Held first: what a worker is queueing at this moment is older than the stop.
    wanted = select(BulkOrder).where(
        BulkOrder.public_id == public_id, *_under_way(statement.id), BulkOrder.stopped_at.is_(None)
    )
    asking = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if asking is None:
        return False
    asking.stopped_at = clock.now()
    session.flush()
    campaign = campaign_public_id(session, statement)
    record(session, actor, "invitation.order_stopped", statement.public_id, campaign)
    return True


def under_way(session: Session, statement_id: int) -> list[BulkOrderProgress]:
    """Return the orders of a statement that are being worked off, oldest first."""
    columns = BulkOrder.public_id, BulkOrder.errand, BulkOrder.mailed, BulkOrder.expected, BulkOrder.stopped_at
    rows = session.execute(select(*columns).where(*_under_way(statement_id)).order_by(BulkOrder.id))
    return [
        BulkOrderProgress(row.public_id, row.errand, row.mailed, row.expected, is_stopping=row.stopped_at is not None)
        for row in rows
    ]


def unfinished(session: Session) -> list[int]:
    """Return the row ids of all orders that are being worked off, oldest first."""
    return list(session.scalars(select(BulkOrder.id).where(BulkOrder.finished_at.is_(None)).order_by(BulkOrder.id)))


def work_on(session: Session, asking_id: int, most: int | None = None) -> bool:
    """Write to the next chunk of an order; tell whether there is more to do.

    A reminder opens and seals an answer too, so half as many of them are a chunk. An order ends with its last
    invitation, when it was stopped, and when the statement can't be signed any more.
    """
    asking = session.get(BulkOrder, asking_id, with_for_update=True)
    if asking is None or asking.finished_at is not None:
        return False
    if asking.stopped_at is None:
        # Held against closing only, so that people sign meanwhile.
        with suppress(StatementClosed):
            if _next_chunk(session, asking, hold_open(session, asking.statement_id), most or CHUNK):
                return True
    asking.finished_at = clock.now()
    return False


def _next_chunk(session: Session, asking: BulkOrder, statement: Statement, most: int) -> bool:
    """Write to the next of an order and move its mark; tell whether more may follow."""
    place = statement.id, asking.done_id, asking.upto_id
    if asking.errand is Errand.ASK:
        prepared = prepared_between(session, *place, most)
        ask_prepared(session, asking.ordered_by, statement, prepared)
        ids, mailed, chunk = [one.id for one in prepared], len(prepared), most
    else:
        chunk = max(1, most // 2)
        asked = asked_between(session, *place, chunk)
        ids = [row_id for row_id, _public_id in asked]
        mailed = remind_among(session, asking.ordered_by, statement, [public_id for _row_id, public_id in asked])
    asking.mailed += mailed
    asking.done_id = ids[-1] if ids else asking.upto_id
    return len(ids) == chunk


def _under_way(statement_id: int) -> tuple[ColumnElement[bool], ...]:
    return BulkOrder.statement_id == statement_id, BulkOrder.finished_at.is_(None)
