"""Absorb what the checkpoint does not hold yet, and put right what a recount finds."""

from __future__ import annotations

import secrets
from collections import Counter

from sqlalchemy import delete, insert, select, text, tuple_
from sqlalchemy.orm import Session

from app.base.rows import insert_into
from app.counts.models import CountCheckpoint, CountDelta
from app.counts.queries import differences

ABSORBED_AT_ONCE = 5_000
_KEY = (CountDelta.statement_id, CountDelta.id)
_RECOUNTS = 1_380_013  # the first key of their advisory locks; the marks of readers take the one before
_WAIT = text("SELECT pg_advisory_xact_lock(:kind, :statement)")


def absorb(session: Session, at_most: int = ABSORBED_AT_ONCE) -> int:
    """Take some deltas away and add exactly these to the checkpoint; return how many there were.

    What a transaction writes that commits later is simply not among them. Several may do this at once: each takes
    others, and the parts are changed in one order, so that none waits for one who waits for it.
    """
    free = select(*_KEY).limit(at_most).with_for_update(skip_locked=True)
    columns = (CountDelta.statement_id, CountDelta.part, CountDelta.number)
    taken = session.execute(delete(CountDelta).where(tuple_(*_KEY).in_(free)).returning(*columns)).all()
    sums: Counter[tuple[int, str]] = Counter()
    for statement_id, part, number in taken:
        sums[statement_id, part] += number
    rows = [{"statement_id": each, "part": part, "number": number} for (each, part), number in sorted(sums.items())]
    if rows:
        adding = insert_into(session, CountCheckpoint.__table__)
        together = CountCheckpoint.number + adding.excluded.number
        session.execute(
            adding.on_conflict_do_update(index_elements=["statement_id", "part"], set_={"number": together}), rows
        )
    return len(taken)


def put_right(session: Session, statement_id: int) -> dict[str, int]:
    """Recount a statement, and let its totals equal that; return what was changed, mostly nothing.

    What is signed meanwhile adds itself: a difference is written down as one more delta. Workers that recount at the
    same time wait for each other, so that none puts right what another one just did.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_WAIT, {"kind": _RECOUNTS, "statement": statement_id})
    found = differences(session, statement_id)
    if found:
        rows = [
            {"statement_id": statement_id, "id": secrets.token_bytes(16), "part": part, "number": number}
            for part, number in found.items()
        ]
        session.execute(insert(CountDelta.__table__), rows)  # type: ignore[arg-type]
    return found
