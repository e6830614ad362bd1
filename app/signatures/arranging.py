"""Put a list into the order that was chosen since, and take over what was mended about the names in it.

What is signed or changed is given its key at once. Here the others get theirs, some hundreds at a time, so that nobody
who signs waits for a long list. Until that is done the list stands partly in its former order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.base.rows import belongs_to, portions
from app.directory.models import Signatory
from app.signatures.lists import names_known
from app.signatures.models import Signature
from app.signatures.orders import ListOrder
from app.signatures.queries import PUBLIC_ENTRIES, after_place, is_standing, opened, signer_key
from app.signatures.states import SignatureState
from app.statements.models import Statement
from app.statements.states import NameOrder, StatementState
from app.visibility.states import Audience, Visibility, shown

ARRANGED_AT_ONCE = 500
# The clock is read before a transaction commits: an entry that was changed this long ago may only now be seen.
COMMITTED_WITHIN = timedelta(minutes=10)
_ONCE = ", once"
_WALK = (Signature.visibility, Signature.position, Signature.id)
ListPlace = tuple[Visibility, int, int]


@dataclass(frozen=True)
class OrderedList:
    """A statement whose list stands by name, or did before."""

    id: int
    public_id: str
    campaign_id: int
    order: ListOrder
    arranged_as: str | None

    @property
    def is_arranged(self) -> bool:
        """Tell whether every signature has the key of this order."""
        return self.arranged_as == self.order.mark


def ordered_lists(session: Session) -> list[OrderedList]:
    """Return the statements whose signatures have keys, or are to get them."""
    rows = session.execute(
        select(
            Statement.id, Statement.public_id, Statement.campaign_id, Statement.name_order, Statement.language,
            Statement.arranged_as,
        )
        .where(
            or_(Statement.name_order != NameOrder.DAY, Statement.arranged_as.is_not(None)),
            Statement.state.not_in([StatementState.DRAFTING, StatementState.WITHDRAWN]),
        )
        .order_by(Statement.id)
    ).all()  # fmt: skip
    return [
        OrderedList(row.id, row.public_id, row.campaign_id, ListOrder(row.name_order, row.language), row.arranged_as)
        for row in rows
    ]


def arrange_portion(session: Session, found: OrderedList, after: ListPlace | None) -> ListPlace | None:
    """Give the signatures that come after a place their keys; return the last one's place, None where none is left.

    They are walked along an index that their keys don't stand in, so that what is given one does not come again.
    """
    listed = _held(*is_standing(found.id), Signature.visibility.in_(PUBLIC_ENTRIES))
    wanted = listed.order_by(*_WALK).limit(ARRANGED_AT_ONCE)
    parts = after_place(_WALK, after) if after is not None else ((),)
    rows = next((rows for part in parts if (rows := session.scalars(wanted.where(*part)).all())), [])
    _give_keys(session, found.order, rows)
    return (rows[-1].visibility, rows[-1].position, rows[-1].id) if rows else None


def note_arranged(session: Session, found: OrderedList) -> None:
    """Remember how far a list has come: arranged once, then for good.

    What somebody was just changing, perhaps by the former order, is left out the first time, so there is a second one.
    """
    first = found.order.mark + _ONCE
    done = found.order.mark if found.arranged_as == first else first
    still = Statement.id == found.id, Statement.name_order == found.order.by
    session.execute(update(Statement).where(*still).values(arranged_as=done))


def mended_since(session: Session, found: OrderedList, since: datetime) -> list[bytes]:
    """Return whose entries in the directory were changed since a time, as digests of the statement's signers.

    Only the order by family name asks the directory; by the name as written, the signature's own counts.
    """
    if found.order.by is not NameOrder.FAMILY:
        return []
    changed = select(Signatory.public_id).where(
        Signatory.campaign_id == found.campaign_id, Signatory.changed_at >= since - COMMITTED_WITHIN
    )
    return [signer_key(session, found.public_id, signatory) for signatory in session.scalars(changed)]


def take_over_mended(session: Session, found: OrderedList, signers: Sequence[bytes]) -> None:
    """Give those among these who stand in the list their keys anew."""
    for part in portions(signers):
        signed = _held(Signature.signer_key.in_(part), belongs_to(Signature.statement_id, found.id))
        rows = session.scalars(signed.order_by(Signature.id)).all()
        _give_keys(session, found.order, [row for row in rows if _is_listed(row)])


def _held(*conditions: ColumnElement[bool]) -> Select[Signature]:
    """Return what fits, but for what somebody is just changing."""
    wanted = select(Signature).where(*conditions).with_for_update(skip_locked=True)
    return wanted.execution_options(populate_existing=True)


def _is_listed(row: Signature) -> bool:
    return row.state is SignatureState.SIGNED and row.visibility in PUBLIC_ENTRIES


def _give_keys(session: Session, order: ListOrder, rows: Sequence[Signature]) -> None:
    people = opened(session, rows)
    seen = [shown(signed.visibility, Audience.PUBLIC, signed.identity) for signed in people]
    known = names_known(session, order, people, seen)
    keys = [order.key(one, signed.kind, known.get(signed.signatory)) for signed, one in zip(people, seen, strict=True)]
    changed = [{"which": row.id, "key": key} for row, key in zip(rows, keys, strict=True) if row.collation_key != key]
    if changed:
        table: Any = Signature.__table__
        given = update(table).where(table.c.id == bindparam("which")).values(collation_key=bindparam("key"))
        session.execute(given, changed)
