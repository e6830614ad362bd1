"""Lanes to servers and domains, and the seats in them: so many senders at once, over all workers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table, delete, literal, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from app.background.holders import gone
from app.base.addresses import canonical_domain
from app.base.database import UtcDateTime
from app.base.rows import insert_into
from app.base.sealing import blind_index
from app.mail.sending.models import MailLane, MailSeat
from app.mail.sending.rates import current_time

STRIKES = 3  # temporary failures of a domain in a row before it rests: a single one may be greylisting

_lanes: Table = MailLane.__table__  # type: ignore[assignment]
_seats: Table = MailSeat.__table__  # type: ignore[assignment]
_lane, _seat = _lanes.c, _seats.c


@dataclass
class LaneStanding:
    """What was found of a domain's lane."""

    resting_until: datetime | None = None
    strikes: int = 0
    ours: int | None = None
    taken: set[int] = field(default_factory=set)

    def lets_pass(self, now: datetime) -> bool:
        """Tell whether bulk mail waits because the domain was slow; what somebody waits for goes all the same."""
        return self.resting_until is not None and self.resting_until > now and self.strikes < STRIKES

    def free(self, most: int) -> list[int]:
        """Return the numbers that can be had: one's own, or whichever nobody sits on."""
        return [self.ours] if self.ours else [number for number in range(1, most + 1) if number not in self.taken]

    def seat(self, most: int) -> int:
        """Return one of them; workers that come together choose different ones."""
        return random.choice(self.free(most) or [1])  # noqa: S311 - no secret


def server_lane(session: Session, server: str) -> bytes:
    """Return the key of a mail server's lane."""
    return blind_index(session, "mail server", canonical_domain(server))


def domain_lane(session: Session, domain: str) -> bytes:
    """Return the key of a recipient domain's lane."""
    return blind_index(session, "mail domain", canonical_domain(domain))


def take_seat(session: Session, lane: bytes, most: int, holder: str, until: datetime) -> bool:
    """Take one of a lane's `most` seats until a time; tell whether one was free, expired, or ours already.

    A holder is one sender, which sits on one seat of a lane. Its seat comes free when it leaves or when time is over.
    """
    if most <= 0:
        return True
    seen = look(session, [lane], holder)[lane]
    return any(sit(session, {lane: number}, holder, until) for number in seen.free(most))


def keep_seats(session: Session, holder: str, until: datetime) -> None:
    """Keep every seat of a holder until a later time."""
    session.execute(
        update(_seats).where(_seat.holder == holder, _seat.held_until > current_time()).values(held_until=until)
    )


def leave_seats(session: Session, holder: str, lanes: Iterable[bytes] | None = None) -> None:
    """Leave a holder's seats, in some lanes or in all."""
    left = delete(_seats).where(_seat.holder == holder)
    session.execute(left if lanes is None else left.where(_seat.lane_key.in_(sorted(lanes))))


def leave_for_the_dead(session: Session) -> None:
    """Leave the seats of processes of this machine that have ended."""
    dead = gone(session.scalars(select(_seat.holder).distinct()))
    if dead:
        session.execute(delete(_seats).where(_seat.holder.in_(dead)))


def leave_all_but(session: Session, holder: str, lanes: Iterable[bytes]) -> None:
    """Leave a holder's seats in every lane but these."""
    session.execute(delete(_seats).where(_seat.holder == holder, _seat.lane_key.not_in(sorted(lanes))))


def look(session: Session, lanes: Iterable[bytes], holder: str) -> dict[bytes, LaneStanding]:
    """Read how lanes stand and who sits where, in one statement."""
    wanted = sorted(lanes)
    now, seen = current_time(), {lane: LaneStanding() for lane in wanted}
    nobody, never = null().cast(_seat.holder.type), null().cast(_seat.number.type)
    of_lanes = select(_lane.lane_key, _lane.resting_until.label("until"), _lane.strikes, never.label("number"), nobody)
    of_seats = select(_seat.lane_key, _seat.held_until, never, _seat.number, _seat.holder)
    rows = union_all(
        of_lanes.where(_lane.lane_key.in_(wanted)),
        of_seats.where(_seat.lane_key.in_(wanted), _seat.held_until > now),
    )
    for key, until, strikes, number, sitting in session.execute(rows):
        lane = seen[key]
        if number is None:
            lane.resting_until, lane.strikes = until, strikes
        elif sitting == holder:
            lane.ours = number
        else:
            lane.taken.add(number)
    return seen


def sit(session: Session, numbers: Mapping[bytes, int], holder: str, until: datetime) -> set[bytes]:
    """Take one seat in each lane, where it is free, expired or ours, in one statement; return the lanes."""
    if not numbers:
        return set()
    upsert = insert_into(session, _seats)
    upsert = upsert.on_conflict_do_update(
        index_elements=[_seat.lane_key, _seat.number],
        set_={"holder": upsert.excluded.holder, "held_until": upsert.excluded.held_until},
        where=or_(_seat.holder == upsert.excluded.holder, _seat.held_until <= literal(current_time(), UtcDateTime())),
    )
    # Always in the same order, so that two workers never wait for each other in a circle.
    rows = [
        {"lane_key": lane, "number": numbers[lane], "holder": holder, "held_until": until} for lane in sorted(numbers)
    ]
    return set(session.scalars(upsert.returning(_seat.lane_key), rows))
