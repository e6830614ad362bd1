"""How fast mails may go: to the mail server and to each recipient domain, so many at once and so many a minute.

A lane is the way to one server or domain; its key is a digest that names neither. All workers share the lanes.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Table, case, delete, or_, select, update
from sqlalchemy.orm import Session

from app.base.rows import insert_into
from app.mail.sending.models import MailLane, MailSeat
from app.mail.sending.rates import Rate, advance, current_time, together
from app.mail.sending.seats import (
    STRIKES,
    LaneStanding,
    domain_lane as domain_lane,
    keep_seats as keep_seats,
    leave_all_but as leave_all_but,
    leave_seats as leave_seats,
    look,
    server_lane as server_lane,
    sit,
    take_seat as take_seat,
)

RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
SLOT_LASTS = timedelta(minutes=1)  # after a pause or an outage, old slots must not come all at once
SEAT_WAIT_SECONDS = (2.0, 5.0)
PROBE_WAIT_SECONDS = (20.0, 40.0)
PROBED_FOR = timedelta(minutes=10)  # after a rest: time enough for one mail to come through
STRIKES_LAST = timedelta(hours=6)  # what failed longer ago is no longer in a row
SLOW_SECONDS = 5.0  # what a domain may take of one batch before others are let pass
PAUSE_SECONDS = (2.0, 30.0)  # for a quarter of the time that the batch took, within these
KEPT_DAYS = 3

_lanes: Table = MailLane.__table__  # type: ignore[assignment]
_seats: Table = MailSeat.__table__  # type: ignore[assignment]
_lane, _seat = _lanes.c, _seats.c


@dataclass(frozen=True)
class Pace:
    """The limits in force; 0 is no limit. `server` is the mail server's name."""

    server: str
    server_connections: int
    server_per_minute: int
    domain_connections: int
    domain_per_minute: int


@dataclass(frozen=True)
class Wish:
    """A claimed mail that would go now. `has_slot` tells that `due_at` was given to it as its place in the pace."""

    id: int
    domain: str
    is_bulk: bool
    has_slot: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True)
class Admission:
    """Whether a mail goes now (no `later`) or waits until a time, which may be its slot then."""

    later: datetime | None = None
    has_slot: bool = False


@dataclass
class Heard:
    """What a batch's domains answered, from its first mail to its last."""

    answered: set[str] = field(default_factory=set)
    put_off: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, domain: str, seconds: float, *, is_put_off: bool) -> None:
        """Note how long one mail took, and whether the domain put it off or gave an answer that stands.

        A full mailbox and greylisting put off one mail and not a domain: leave them out, or note them as answers.
        """
        self.seconds[domain] += seconds
        if is_put_off:
            self.put_off[domain] += 1
        else:
            self.answered.add(domain)


def resting_until(session: Session, lane: bytes) -> datetime | None:
    """Return until when nothing may go through a lane, or None."""
    until: datetime | None = session.scalar(select(_lane.resting_until).where(_lane.lane_key == lane))
    return until if until is not None and until > current_time() else None


def rest(session: Session, lane: bytes) -> datetime:
    """Let a lane rest after the server was the trouble, longer each time; return until when.

    While it rests, what others report of the same trouble adds nothing.
    """
    return _strike(session, lane, 1, first_rest_at=1) or current_time() + RESTS[0]


def strike_domain(session: Session, lane: bytes, number: int = 1) -> datetime | None:
    """Count temporary failures of a domain, and let it rest after three in a row; return until when it rests.

    Leave out what is about one mailbox or one new mail: a full mailbox, greylisting.
    """
    return _strike(session, lane, number, first_rest_at=STRIKES)


def revive(session: Session, lanes: Iterable[bytes]) -> None:
    """Forget the failures and the rest of lanes through which something was accepted."""
    wanted = sorted(set(lanes))
    if wanted:
        troubled = _lane.strikes > 0
        # A lane that another worker changes right now is left to the next success: waiting could go in a circle.
        free = select(_lane.lane_key).where(_lane.lane_key.in_(wanted), troubled).with_for_update(skip_locked=True)
        session.execute(update(_lanes).where(_lane.lane_key.in_(free)).values(strikes=0, resting_until=None))


def is_news(session: Session, pace: Pace, heard: Heard) -> bool:
    """Tell whether `note_heard` would change anything: the usual batch, in which all is well, writes nothing."""
    if heard.put_off or any(seconds >= SLOW_SECONDS for seconds in heard.seconds.values()):
        return True
    well = [domain_lane(session, domain) for domain in heard.answered]
    lanes = [*well, server_lane(session, pace.server)] if well else []
    return (
        session.scalar(select(_lane.lane_key).where(_lane.lane_key.in_(lanes), _lane.strikes > 0).limit(1)) is not None
    )


def note_heard(session: Session, pace: Pace, heard: Heard) -> None:
    """Draw from what a batch heard how its server and domains fare: well again, to rest, or to let others pass.

    Best in a transaction of its own, after what came of the mails was committed: lanes are touched in their order, but
    what waits for another worker's lane should hold nothing that must not be lost.
    """
    well = [domain_lane(session, domain) for domain in heard.answered]
    revive(session, [*well, server_lane(session, pace.server)] if well else [])
    lanes = {domain_lane(session, domain): domain for domain in heard.seconds}
    for lane, domain in sorted(lanes.items()):
        if heard.put_off[domain] and domain not in heard.answered:
            strike_domain(session, lane, heard.put_off[domain])
        else:
            let_others_pass(session, {lane: heard.seconds[domain]})


def let_others_pass(session: Session, seconds_spent: Mapping[bytes, float]) -> None:
    """Hold bulk mail to slow domains back for a while after a batch that took long, by lane.

    The oldest mails are claimed first. Without this, ten thousand of a domain that takes a second for each would go
    before whatever was queued after them.
    """
    now = current_time()
    slow = {lane: seconds for lane, seconds in seconds_spent.items() if seconds >= SLOW_SECONDS}
    if not slow:
        return
    rows = [
        {"lane_key": lane, "resting_until": now + _pause_after(slow[lane]), "used_at": now, "strikes": 0}
        for lane in sorted(slow)
    ]
    upsert = insert_into(session, _lanes)
    upsert = upsert.on_conflict_do_update(
        index_elements=[_lane.lane_key],
        set_={"resting_until": upsert.excluded.resting_until, "used_at": upsert.excluded.used_at},
        where=or_(_lane.resting_until.is_(None), _lane.resting_until <= upsert.excluded.used_at),
    )
    session.execute(upsert, rows)


def server_room(session: Session, pace: Pace) -> int | None:
    """Return how many mails the server may be given at once now, or None where it has no limit."""
    if not pace.server_per_minute:
        return None
    rate, now = Rate(pace.server_per_minute), current_time()
    virtual = session.scalar(select(_lane.next_slot_at).where(_lane.lane_key == server_lane(session, pace.server)))
    left = rate.burst - max(timedelta(0), (virtual or now) - now)
    return max(0, math.floor(left / timedelta(minutes=1) * pace.server_per_minute))


def admit(session: Session, pace: Pace, wishes: Sequence[Wish], holder: str, until: datetime) -> dict[int, Admission]:
    """Tell for each mail of a batch whether it goes now or until when it waits; take the slots and seats for it.

    Where there is a limit on connections, a holder has a seat in the lane of each domain to which mails go now.
    """
    by_lane: dict[bytes, list[Wish]] = defaultdict(list)
    lanes = {domain: domain_lane(session, domain) for domain in {wish.domain for wish in wishes}}
    for wish in _awaited_first(wishes):
        by_lane[lanes[wish.domain]].append(wish)
    seen = look(session, by_lane, holder)
    found = _held_back(by_lane, seen, pace.domain_connections)
    if pace.domain_per_minute:
        _keep_domain_rate(session, Rate(pace.domain_per_minute), _going(by_lane, found), found)
    _let_pass(by_lane, seen, pace.domain_per_minute > 0, found)
    if pace.server_per_minute:
        _keep_server_rate(session, pace, [wish for wish in _awaited_first(wishes) if wish.id not in found], found)
    if pace.domain_connections:
        # Last, so that nobody sits in the lane of a domain to which nothing goes.
        wanted = {lane: seen[lane].seat(pace.domain_connections) for lane in _going(by_lane, found)}
        seated = sit(session, wanted, holder, until)
        for lane in wanted.keys() - seated:
            found |= {wish.id: _wait_for_seat(wish, wish.is_bulk) for wish in by_lane[lane] if wish.id not in found}
    return {wish.id: found.get(wish.id, Admission()) for wish in wishes}


def purge(session: Session) -> None:
    """Delete lanes and seats that nobody used for days."""
    before = current_time() - timedelta(days=KEPT_DAYS)
    unused = or_(_lane.resting_until.is_(None), _lane.resting_until < before)
    ahead = or_(_lane.next_slot_at.is_(None), _lane.next_slot_at < before)
    session.execute(delete(_lanes).where(_lane.used_at < before, unused, ahead))
    session.execute(delete(_seats).where(_seat.held_until < before))


def _held_back(
    by_lane: Mapping[bytes, Sequence[Wish]], seen: Mapping[bytes, LaneStanding], most: int
) -> dict[int, Admission]:
    """Return what waits because its domain rests, has just rested, or has no seat free."""
    found: dict[int, Admission] = {}
    now = current_time()
    for lane, queue in by_lane.items():
        state = seen[lane]
        end = state.resting_until
        if end is not None and end > now and state.strikes >= STRIKES:
            # Slots are given anew afterwards; otherwise all slots of the meantime would come at once.
            found |= {wish.id: Admission(end + _some(SEAT_WAIT_SECONDS)) for wish in queue}
        elif most and not state.free(most):
            found |= {wish.id: _wait_for_seat(wish, _holds_slot(wish, now)) for wish in queue}
        elif state.strikes >= STRIKES and end is not None and now - end < PROBED_FOR:
            # Whether the domain is well again, one mail may find out. The others would only fail with it.
            found |= {wish.id: Admission(now + _some(PROBE_WAIT_SECONDS)) for wish in queue[1:]}
    return found


def _going(by_lane: Mapping[bytes, Sequence[Wish]], found: Mapping[int, Admission]) -> dict[bytes, list[Wish]]:
    """Return by lane what still goes."""
    going = {lane: [wish for wish in queue if wish.id not in found] for lane, queue in by_lane.items()}
    return {lane: queue for lane, queue in going.items() if queue}


def _wait_for_seat(wish: Wish, holds_slot: bool) -> Admission:
    return Admission(current_time() + _some(SEAT_WAIT_SECONDS), holds_slot)


def _awaited_first(wishes: Sequence[Wish]) -> list[Wish]:
    return sorted(wishes, key=lambda wish: wish.is_bulk)


def _keep_domain_rate(
    session: Session, rate: Rate, going: Mapping[bytes, Sequence[Wish]], found: dict[int, Admission]
) -> None:
    """Count mails in their domains' rates; bulk mail for which there is no room at once gets a later slot."""
    now = current_time()
    counted = {
        lane: [wish for wish in queue if not (wish.is_bulk and _holds_slot(wish, now))] for lane, queue in going.items()
    }
    virtual = advance(session, rate, {lane: len(queue) for lane, queue in counted.items() if queue})
    for lane, clock_of_lane in virtual.items():
        behind = len(counted[lane])
        for wish in counted[lane]:
            behind -= 1
            ready_at = rate.ready_at(clock_of_lane, behind)
            if wish.is_bulk and ready_at > now:
                found[wish.id] = Admission(together(ready_at), True)


def _let_pass(
    by_lane: Mapping[bytes, Sequence[Wish]],
    seen: Mapping[bytes, LaneStanding],
    has_rate: bool,
    found: dict[int, Admission],
) -> None:
    """Let bulk mail of slow domains wait, with the slots that it has by now, until others have passed."""
    now = current_time()
    for lane, queue in by_lane.items():
        end = seen[lane].resting_until
        if end is not None and seen[lane].lets_pass(now):
            for wish in queue:
                if wish.is_bulk:
                    later = found.get(wish.id, Admission()).later or end
                    found[wish.id] = Admission(max(later, end), has_rate)


def _keep_server_rate(session: Session, pace: Pace, ready: Sequence[Wish], found: dict[int, Admission]) -> None:
    """Count mails in the server's rate. Those that find no room wait and take none of it, so nothing is wasted."""
    if not ready:
        return
    rate, now, lane = Rate(pace.server_per_minute), current_time(), server_lane(session, pace.server)
    virtual = advance(session, rate, {lane: len(ready)})[lane]
    waiting = 0
    for place, wish in enumerate(ready, start=1):
        ready_at = rate.ready_at(virtual, len(ready) - place)
        if ready_at > now:
            waiting += 1
            holds = wish.is_bulk and pace.domain_per_minute > 0
            found[wish.id] = Admission(together(ready_at) if wish.is_bulk else ready_at, holds)
    if waiting:
        # The row has been ours since it was advanced, so nobody else has read what is given back.
        given_back = virtual - rate.interval(waiting)
        session.execute(update(_lanes).where(_lane.lane_key == lane).values(next_slot_at=given_back))


def _strike(session: Session, lane: bytes, number: int, first_rest_at: int) -> datetime | None:
    """Add strikes to a lane that does not rest; from `first_rest_at` on each call lets it rest, and longer."""
    now = current_time()
    before = min(number, first_rest_at)
    last = case((_lane.resting_until <= now - STRIKES_LAST, 0), else_=_lane.strikes)
    strikes = case(
        (last >= first_rest_at, last + 1), (last + number >= first_rest_at, first_rest_at), else_=last + number
    )
    ends = [now + _some((0.8 * length.total_seconds(), length.total_seconds())) for length in RESTS]
    until = case(
        *((strikes == first_rest_at + step, end) for step, end in enumerate(ends[:-1])),
        (strikes >= first_rest_at, ends[-1]),
        else_=None,
    )
    upsert = insert_into(session, _lanes).values(
        lane_key=lane, strikes=before, resting_until=ends[0] if before == first_rest_at else None, used_at=now
    )
    upsert = upsert.on_conflict_do_update(
        index_elements=[_lane.lane_key],
        set_={"strikes": strikes, "resting_until": until, "used_at": now},
        where=or_(_lane.resting_until.is_(None), _lane.resting_until <= now, _lane.strikes < first_rest_at),
    )
    session.execute(upsert)
    return resting_until(session, lane)


def _holds_slot(wish: Wish, now: datetime) -> bool:
    return wish.has_slot and (wish.due_at is None or now - wish.due_at <= SLOT_LASTS)


def _pause_after(seconds: float) -> timedelta:
    shortest, longest = PAUSE_SECONDS
    return timedelta(milliseconds=math.ceil(1000 * min(max(seconds / 4, shortest), longest)))


def _some(seconds: tuple[float, float]) -> timedelta:
    """Return a chance time between two, in milliseconds: those who wait come back one by one."""
    return timedelta(milliseconds=math.floor(1000 * random.uniform(*seconds)))  # noqa: S311 - no secret
