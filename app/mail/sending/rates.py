"""So many mails a minute: a virtual clock for each lane, which every mail moves on by one interval (GCRA).

ITU-T I.371 calls it the generic cell rate algorithm. One time in a row is all it keeps, and one statement moves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.base import clock
from app.base.database import UtcDateTime
from app.base.rows import insert_into
from app.mail.sending.models import MailLane

BURST_SECONDS = 5.0  # so much of a rate may go at once …
LEAST_BURST = 10  # … and never fewer mails than this
SLOTS_TOGETHER = timedelta(seconds=5)  # slots come due in groups, so that a batch stays a batch

_lanes: Table = MailLane.__table__  # type: ignore[assignment]
_lane = _lanes.c


@dataclass(frozen=True)
class Rate:
    """So many a minute, with a burst, in a lane whose virtual clock runs ahead by one interval for each mail."""

    per_minute: int

    def interval(self, mails: int) -> timedelta:
        """Return what so many mails take, rounded up to the millisecond that SQLite counts in."""
        return timedelta(milliseconds=math.ceil(mails * 60_000 / self.per_minute))

    @property
    def burst(self) -> timedelta:
        """How far the virtual clock may be ahead of the real one while a mail still goes at once."""
        return max(timedelta(seconds=BURST_SECONDS), self.interval(LEAST_BURST))

    def ready_at(self, virtual: datetime, behind: int) -> datetime:
        """Return when the mail may go after which so many others of its batch were counted."""
        return virtual - self.interval(behind) - self.burst


class _Advanced(FunctionElement[datetime]):
    """A virtual clock, brought up to now if it is behind, and moved on by as much as a new value is after now."""

    type = UtcDateTime()
    inherit_cache = True
    name = "advanced"


@compiles(_Advanced, "postgresql")
def _advanced_postgresql(element: _Advanced, compiler: SQLCompiler, **options: Any) -> str:
    old, new, now = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(greatest({old}, {now}) + ({new} - {now}))"


@compiles(_Advanced, "sqlite")
def _advanced_sqlite(element: _Advanced, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite's dates count milliseconds; three zeros make the text what UtcDateTime stores.
    old, new, now = (compiler.process(clause, **options) for clause in element.clauses)
    seconds = f"printf('%+.3f seconds', (julianday({new}) - julianday({now})) * 86400.0)"
    return f"(strftime('%Y-%m-%d %H:%M:%f', max(coalesce({old}, ''), {now}), {seconds}) || '000')"


def advance(session: Session, rate: Rate, mails: Mapping[bytes, int]) -> dict[bytes, datetime]:
    """Move the virtual clocks of lanes on by so many mails each, in one statement; return where they stand."""
    if not mails:
        return {}
    now = current_time()
    rows = [
        {"lane_key": lane, "next_slot_at": now + rate.interval(mails[lane]), "used_at": now, "strikes": 0}
        for lane in sorted(mails)
    ]
    upsert = insert_into(session, _lanes)
    upsert = upsert.on_conflict_do_update(
        index_elements=[_lane.lane_key],
        set_={
            "next_slot_at": _Advanced(_lane.next_slot_at, upsert.excluded.next_slot_at, upsert.excluded.used_at),
            "used_at": upsert.excluded.used_at,
        },
    )
    moved = session.execute(upsert.returning(_lane.lane_key, _lane.next_slot_at), rows)
    return {row.lane_key: row.next_slot_at for row in moved}


def together(at: datetime) -> datetime:
    """Round a slot up, so that the slots of some seconds come due together."""
    step = SLOTS_TOGETHER.total_seconds()
    return datetime.fromtimestamp(math.ceil(at.timestamp() / step) * step, UTC)


def current_time() -> datetime:
    """Return the time in the milliseconds that SQLite counts in."""
    now = clock.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
