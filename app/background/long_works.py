"""Long work of people: ordered on a page in a moment, worked off in portions, resumed after a kill, with its progress.

A stage says what a portion of a kind of work is, and runs `work_off` as a long job of the calendar. A portion writes
what it did together with where it stopped, in one transaction, so that a kill loses the portion in hand and doubles
none; work that can't be cut begins anew instead, and takes its order away in the transaction that writes what came of
it. When nothing is left to do, the order is taken away: what came of it stands in the stage's own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.background.models import CalendarEntry, LongWork
from app.background.pacing import SHARE_FOR_OTHERS, WorkPace
from app.base import clock
from app.base.database import Database
from app.base.errors import Conflict, Refusal
from app.base.identifiers import new_public_id
from app.base.locales import page_language, rendering_in
from app.base.logs import place_of
from app.base.parts import parts_of
from app.base.rows import has_changed, insert_into
from app.base.sealing import Place, open_one, seal

log = structlog.get_logger()
MOST_FAILURES = 3
# A worker's calendar does something every few seconds; one that did nothing for so long isn't running.
WORKER_SILENT_AFTER = timedelta(seconds=90)
SEALED_BYTES = 1024


@dataclass(frozen=True)
class Ordered:
    """Long work as a portion of it, or a page that waits for it, sees it."""

    public_id: str
    kind: str
    subject: str
    ordered_by: str
    language: str
    step: str
    done: int
    expected: int
    has_failed: bool
    ordered_at: datetime
    asked: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""  # what stood in its way, in the words for whoever ordered it

    @property
    def percent(self) -> int:
        """How far it has come, of a hundred."""
        return min(100, 100 * self.done // self.expected) if self.expected else 0


class WorkDropped(Exception):
    """Nobody wants the work in hand any more, or another process has done it: what was begun is left."""


# Does the next portion of a work in transactions of its own, at the pace handed in; tells whether there is more to do.
Portion = Callable[[Database, Ordered, WorkPace], bool]


def order_work(
    session: Session, kind: str, subject: str, actor: str, expected: int, asked: Mapping[str, str] | None = None
) -> None:
    """Order work of so many rows; `asked` says more closely what is wanted.

    What is ordered already goes on as it was asked for. What has failed is tried again as an order of whoever tries:
    what comes of it is theirs, not somebody's who ordered it long ago and may not be there any more (law 6).
    """
    public_id = new_public_id()
    ordering = insert_into(session, LongWork).values(
        public_id=public_id, kind=kind, subject=subject, ordered_by=actor, language=page_language(), step="",
        done=0, expected=expected, failures=0, ordered_at=clock.now(),
        asked_sealed=seal(session, _place(public_id, "asked"), dict(asked), SEALED_BYTES) if asked else None,
    )  # fmt: skip
    names = "public_id", "ordered_by", "language", "expected", "ordered_at", "asked_sealed"
    anew = {name: ordering.excluded[name] for name in names} | {"failures": 0, "refusal_sealed": None}
    has_failed = LongWork.failures >= MOST_FAILURES
    same = [LongWork.kind, LongWork.subject]
    session.execute(ordering.on_conflict_do_update(index_elements=same, set_=anew, where=has_failed))


def work_of(session: Session, subject: str, kinds: Iterable[str] = ()) -> Ordered | None:
    """Return the work for a subject that is under way, perhaps of some kinds only; of several the one ordered first."""
    wanted = select(LongWork).where(LongWork.subject == subject).order_by(LongWork.id).limit(1)
    if kinds:
        wanted = wanted.where(LongWork.kind.in_(list(kinds)))
    row = session.scalar(wanted)
    return _seen(session, row) if row is not None else None


def has_work(session: Session, kinds: Iterable[str]) -> bool:
    """Tell whether work of these kinds waits for a worker."""
    waiting = select(LongWork.id).where(LongWork.kind.in_(list(kinds)), LongWork.failures < MOST_FAILURES)
    return session.scalar(waiting.limit(1)) is not None


def is_worker_silent(session: Session) -> bool:
    """Tell whether no worker has done anything for a while, so that what is ordered waits until one runs."""
    finished, held = session.execute(
        select(func.max(CalendarEntry.finished_at), func.max(CalendarEntry.held_until))
    ).one()
    now = clock.now()
    return (finished is None or finished < now - WORKER_SILENT_AFTER) and (held is None or held < now)


def tell_progress(session: Session, work: Ordered, step: str, done: int, *, is_lasting: bool = True) -> None:
    """Write down how far a work has come, for the page that waits for it. Raises WorkDropped if nobody waits.

    What is lasting needs not be done again, so failures are counted anew from here; work that begins anew after a
    failure would fail for ever otherwise.
    """
    telling = update(LongWork).where(LongWork.public_id == work.public_id).values(step=step, done=done)
    if not has_changed(session.execute(telling.values(failures=0) if is_lasting else telling)):
        raise WorkDropped


def finish_work(session: Session, work: Ordered) -> None:
    """Take an order away in the transaction that writes what came of it. Raises WorkDropped if it is gone already.

    So nothing is done twice: not by two workers, not after a kill, not after somebody stopped it.
    """
    if not has_changed(session.execute(delete(LongWork).where(LongWork.public_id == work.public_id))):
        raise WorkDropped


def drop_work(session: Session, subject: str, kinds: Iterable[str] = ()) -> bool:
    """Take the orders for a subject away, perhaps of some kinds only; tell whether there were any.

    Where there are none, a worker has come first, and whoever wanted to stop it must not be told that it did nothing.
    """
    dropping = delete(LongWork).where(LongWork.subject == subject)
    return has_changed(session.execute(dropping.where(LongWork.kind.in_(list(kinds))) if kinds else dropping))


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
                session.execute(delete(LongWork).where(LongWork.public_id == work.public_id))
    except WorkDropped:
        log.info("long_work.dropped", kind=work.kind)
    except Refusal as refusal:
        _refuse(database, work, refusal)
    except Exception as error:  # noqa: BLE001 - one work that fails must not stop the others; it is tried again
        log.error("long_work.failed", kind=work.kind, error=type(error).__name__, place=place_of(error))
        _count_failure(database, work)


def _refuse(database: Database, work: Ordered, refusal: Refusal) -> None:
    """Keep what stands in the way for the page; what somebody changed meanwhile may be otherwise the next time."""
    log.info("long_work.refused", kind=work.kind, refusal=type(refusal).__name__)
    with rendering_in(work.language):
        said = {"message": refusal.message}
    with database.writing() as session:
        sealed = seal(session, _place(work.public_id, "refusal"), said, SEALED_BYTES)
        ending = update(LongWork).where(LongWork.public_id == work.public_id).values(refusal_sealed=sealed)
        session.execute(ending if isinstance(refusal, Conflict) else ending.values(failures=MOST_FAILURES))
    if isinstance(refusal, Conflict):
        _count_failure(database, work)


def _count_failure(database: Database, work: Ordered) -> None:
    with database.writing() as session:
        same = LongWork.public_id == work.public_id
        session.execute(update(LongWork).where(same).values(failures=LongWork.failures + 1))


def _waiting(database: Database, kinds: list[str]) -> list[Ordered]:
    with database.reading() as session:
        wanted = select(LongWork).where(LongWork.kind.in_(kinds), LongWork.failures < MOST_FAILURES)
        return [_seen(session, row) for row in session.scalars(wanted.order_by(LongWork.id))]


def _seen(session: Session, row: LongWork) -> Ordered:
    asked, refusal = (
        open_one(session, _place(row.public_id, name), sealed, "do long work") if sealed is not None else {}
        for name, sealed in (("asked", row.asked_sealed), ("refusal", row.refusal_sealed))
    )
    return Ordered(
        row.public_id, row.kind, row.subject, row.ordered_by, row.language, row.step, row.done, row.expected,
        row.failures >= MOST_FAILURES, row.ordered_at, asked, refusal.get("message", ""),
    )  # fmt: skip


def _place(public_id: str, name: str) -> Place:
    return Place("long_works", f"{name}_sealed", public_id)
