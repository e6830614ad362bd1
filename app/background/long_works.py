"""Long work of people: ordered on a page in a moment, worked off in portions, resumed after a kill, with its progress.

A stage says what a portion of a kind of work is, and runs `work_off` as a long job of the calendar. A portion writes
what it did together with where it stopped, in one transaction, so that a kill loses the portion in hand and doubles
none; work that can't be cut begins anew instead. When nothing is left to do, the order is taken away: what came of it
stands in the stage's own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app.background.models import LongWork
from app.background.pacing import SHARE_FOR_OTHERS, WorkPace
from app.base import clock
from app.base.database import Database
from app.base.identifiers import new_public_id
from app.base.locales import page_language, rendering_in
from app.base.logs import place_of
from app.base.parts import parts_of
from app.base.rows import insert_into

log = structlog.get_logger()
MOST_FAILURES = 3


@dataclass(frozen=True)
class Ordered:
    """Long work as a portion of it, or a page that waits for it, sees it."""

    kind: str
    subject: str
    ordered_by: str
    language: str
    step: str
    done: int
    expected: int
    has_failed: bool

    @property
    def percent(self) -> int:
        """How far it has come, of a hundred."""
        return min(100, 100 * self.done // self.expected) if self.expected else 0


# Does the next portion of a work in transactions of its own, at the pace handed in; tells whether there is more to do.
Portion = Callable[[Database, Ordered, WorkPace], bool]


def order_work(session: Session, kind: str, subject: str, actor: str, expected: int) -> None:
    """Order work of so many rows. What is ordered already goes on; what had failed is tried again."""
    ordering = insert_into(session, LongWork).values(
        public_id=new_public_id(), kind=kind, subject=subject, ordered_by=actor, language=page_language(), step="",
        done=0, expected=expected, failures=0, ordered_at=clock.now(),
    )  # fmt: skip
    same = [LongWork.kind, LongWork.subject]
    session.execute(ordering.on_conflict_do_update(index_elements=same, set_={"failures": 0}))


def work_of(session: Session, subject: str) -> Ordered | None:
    """Return the work that is under way for a subject; where there are several, the one ordered first."""
    row = session.scalar(select(LongWork).where(LongWork.subject == subject).order_by(LongWork.id).limit(1))
    return _seen(row) if row is not None else None


def tell_progress(session: Session, work: Ordered, step: str, done: int, *, is_lasting: bool = True) -> None:
    """Write down how far a work has come, for the page that waits for it.

    What is lasting needs not be done again, so failures are counted anew from here; work that begins anew after a
    failure would fail for ever otherwise.
    """
    telling = update(LongWork).where(*_same(work)).values(step=step, done=done)
    session.execute(telling.values(failures=0) if is_lasting else telling)


def drop_work(session: Session, subject: str) -> None:
    """Take the orders for a subject away: done, or not wanted any more."""
    session.execute(delete(LongWork).where(LongWork.subject == subject))


def work_off(app: Flask, portions: Mapping[str, Portion], share_for_others: float = SHARE_FOR_OTHERS) -> int:
    """Work off all work of these kinds, by turns; return how many portions there were.

    Work that fails stops none of the others, and is left alone once it has failed a few times on end.
    """
    database: Database = parts_of(app).database
    paces: dict[str, WorkPace] = {}
    number = 0
    while waiting := _waiting(database, list(portions)):
        for work in waiting:
            pace = paces.setdefault(work.subject, WorkPace(share_for_others if database.is_sqlite else 0.0))
            _do_portion(database, work, portions[work.kind], pace)
            number += 1
            pace.rest()
    return number


def _do_portion(database: Database, work: Ordered, portion: Portion, pace: WorkPace) -> None:
    try:
        with rendering_in(work.language):
            has_more = portion(database, work, pace)
        if not has_more:
            with database.writing() as session:
                session.execute(delete(LongWork).where(*_same(work)))
    except Exception as error:  # noqa: BLE001 - one work that fails must not stop the others; it is tried again
        log.error("long_work.failed", kind=work.kind, error=type(error).__name__, place=place_of(error))
        with database.writing() as session:
            session.execute(update(LongWork).where(*_same(work)).values(failures=LongWork.failures + 1))


def _waiting(database: Database, kinds: list[str]) -> list[Ordered]:
    with database.reading() as session:
        wanted = select(LongWork).where(LongWork.kind.in_(kinds), LongWork.failures < MOST_FAILURES)
        return [_seen(row) for row in session.scalars(wanted.order_by(LongWork.id))]


def _same(work: Ordered) -> tuple[ColumnElement[bool], ...]:
    return LongWork.kind == work.kind, LongWork.subject == work.subject


def _seen(row: LongWork) -> Ordered:
    return Ordered(
        row.kind, row.subject, row.ordered_by, row.language, row.step, row.done, row.expected,
        row.failures >= MOST_FAILURES,
    )  # fmt: skip
