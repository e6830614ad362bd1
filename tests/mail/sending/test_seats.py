"""Seats and rests hold over all workers, and nobody sits or rests for longer than needed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from app.base import clock
from app.base.database import Database
from app.mail.sending import pace
from app.mail.sending.models import MailLane, MailSeat
from app.mail.sending.pace import Heard, Pace, Wish, domain_lane, server_lane
from tests.mail.sending.pacing import BATCH, NO_LIMIT, NOON, admit_batch, batch_of, going, in_future

# Seats


def test_nobody_exceeds_the_seats_of_a_lane(shared: Database) -> None:
    lane, most, changed = b"l" * 16, 3, threading.Condition()
    sitting: set[str] = set()
    counts: list[int] = []

    def come_and_go(holder: str) -> None:
        for _ in range(12):
            with shared.writing() as session:
                got = pace.take_seat(session, lane, most, holder, in_future(minutes=1))
            if got:
                with changed:
                    sitting.add(holder)
                    counts.append(len(sitting))
                    changed.notify_all()
                    # A sender who sits down stays until all seats were taken once.
                    changed.wait_for(lambda: most in counts, timeout=20)
                    sitting.remove(holder)
                with shared.writing() as session:
                    pace.leave_seats(session, holder)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(come_and_go, [f"worker {number}" for number in range(6)]))
    assert max(counts) == most
    assert len(counts) >= 12


def test_all_seats_are_used_and_no_more(shared: Database) -> None:
    lane, gate = b"l" * 16, threading.Barrier(8)

    def take(worker: int) -> bool:
        gate.wait()
        with shared.writing() as session:
            return pace.take_seat(session, lane, 4, f"worker {worker}", in_future(minutes=1))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 4


def test_a_holder_sits_on_one_seat(shared: Database) -> None:
    with shared.writing() as session:
        for _ in range(3):
            assert pace.take_seat(session, b"l" * 16, 4, "one", in_future(minutes=1))
        assert session.scalar(select(func.count()).select_from(MailSeat)) == 1


def test_the_seat_of_the_dead_comes_free(shared: Database) -> None:
    lane = b"l" * 16
    clock.freeze(NOON)
    with shared.writing() as session:
        assert pace.take_seat(session, lane, 1, "dead", in_future(minutes=1))
        clock.advance(seconds=30)
        assert not pace.take_seat(session, lane, 1, "living", in_future(minutes=1))
        clock.advance(seconds=31)
        assert pace.take_seat(session, lane, 1, "living", in_future(minutes=1))
        pace.keep_seats(session, "dead", in_future(minutes=5))
        pace.leave_seats(session, "dead")
        assert not pace.take_seat(session, lane, 1, "third", in_future(minutes=1)), "the dead keep and leave nothing"


def test_a_kept_seat_lasts(shared: Database) -> None:
    lane = b"l" * 16
    clock.freeze(NOON)
    with shared.writing() as session:
        pace.take_seat(session, lane, 1, "one", in_future(minutes=1))
        pace.keep_seats(session, "one", in_future(minutes=3))
        clock.advance(minutes=2)
        assert not pace.take_seat(session, lane, 1, "two", in_future(minutes=1))
        pace.leave_seats(session, "one", [b"other".ljust(16)])
        assert not pace.take_seat(session, lane, 1, "two", in_future(minutes=1))
        pace.leave_seats(session, "one", [lane])
        assert pace.take_seat(session, lane, 1, "two", in_future(minutes=1))


def test_a_full_domain_makes_its_mails_wait_and_no_others(shared: Database) -> None:
    limits = replace(NO_LIMIT, domain_connections=2)
    for holder in ("one", "two"):
        assert len(going(admit_batch(shared, limits, batch_of("slow.example"), holder))) == BATCH
    mixed = [*batch_of("slow.example", many=10), *batch_of("quick.example", first=10, many=10)]
    admitted = admit_batch(shared, limits, mixed, "three")
    assert going(admitted) == list(range(10, 20))
    assert all(timedelta(0) < (admitted[n].later or NOON) - clock.now() < timedelta(seconds=6) for n in range(10))


def test_nobody_sits_where_nothing_goes(shared: Database) -> None:
    """A worker whose mails all wait for their slots leaves the domain's seats to others."""
    limits = replace(NO_LIMIT, domain_connections=1, domain_per_minute=60)
    clock.freeze(NOON)
    assert len(going(admit_batch(shared, limits, batch_of("example.org", many=10)))) == 10
    with shared.writing() as session:
        pace.leave_seats(session, "one")
    assert going(admit_batch(shared, limits, batch_of("example.org"))) == []
    assert going(admit_batch(shared, limits, batch_of("example.org", is_bulk=False, many=1), "two")) == [0]


# Rests


def test_a_server_rests_longer_each_time_and_at_most_an_hour(shared: Database) -> None:
    clock.freeze(NOON)
    with shared.writing() as session:
        lane = server_lane(session, "relay.example.org")
        assert pace.resting_until(session, lane) is None
        for minutes in (1, 5, 15, 60, 60):
            until = pace.rest(session, lane)
            assert 0.8 * minutes <= (until - clock.now()) / timedelta(minutes=1) <= minutes
            assert pace.rest(session, lane) == until, "another failure meanwhile adds nothing"
            assert pace.resting_until(session, lane) == until
            clock.freeze(until)
            assert pace.resting_until(session, lane) is None
        pace.revive(session, [lane])
        assert pace.rest(session, lane) - clock.now() <= timedelta(minutes=1)


def test_old_trouble_is_not_in_a_row(shared: Database) -> None:
    clock.freeze(NOON)
    with shared.writing() as session:
        for _ in range(3):
            clock.freeze(pace.rest(session, b"l" * 16))
        clock.advance(hours=7)
        assert pace.rest(session, b"l" * 16) - clock.now() <= timedelta(minutes=1)


def test_workers_that_fail_together_let_the_server_rest_once(shared: Database) -> None:
    gate = threading.Barrier(4)

    def fail(_worker: int) -> None:
        gate.wait()
        with shared.writing() as session:
            pace.rest(session, b"l" * 16)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(4)))
    with shared.reading() as session:
        assert session.scalars(select(MailLane.strikes)).one() == 1


def test_one_failure_is_no_rest(shared: Database) -> None:
    """Greylisting answers every new mail with 451 once."""
    with shared.writing() as session:
        lane = domain_lane(session, "grey.example")
        assert [pace.strike_domain(session, lane), pace.strike_domain(session, lane)] == [None, None]
        pace.revive(session, [lane])
        assert [pace.strike_domain(session, lane), pace.strike_domain(session, lane)] == [None, None]
        assert pace.strike_domain(session, lane) is not None


def test_a_batch_of_failures_is_one_step(shared: Database) -> None:
    clock.freeze(NOON)
    with shared.writing() as session:
        lane = domain_lane(session, "ill.example")
        for minutes in (1, 5, 15, 60, 60):
            until = pace.strike_domain(session, lane, 25)
            assert until is not None
            assert 0.8 * minutes <= (until - clock.now()) / timedelta(minutes=1) <= minutes
            clock.freeze(until)


def test_mails_of_a_resting_domain_wait_and_then_one_tries(shared: Database) -> None:
    clock.freeze(NOON)
    limits = replace(NO_LIMIT, domain_connections=2)
    with shared.writing() as session:
        lane = domain_lane(session, "ill.example")
        until = pace.strike_domain(session, lane, 3) or NOON
    awaited = Wish(99, "ILL.example", is_bulk=False)
    admitted = admit_batch(shared, limits, [*batch_of("ill.example"), awaited, Wish(100, "well.example", True)])
    assert going(admitted) == [100]
    assert all((admission.later or until) >= until for admission in admitted.values())
    clock.freeze(until)
    assert going(admit_batch(shared, limits, [*batch_of("ill.example"), awaited])) == [99]
    with shared.writing() as session:
        pace.revive(session, [lane])
    assert len(going(admit_batch(shared, limits, [*batch_of("ill.example"), awaited]))) == 26


def test_a_domain_is_one_however_it_is_written(shared: Database) -> None:
    with shared.reading() as session:
        assert domain_lane(session, "Bücher.Example.") == domain_lane(session, "xn--bcher-kva.example")
        assert domain_lane(session, "example.org") != server_lane(session, "example.org")


def test_purge_forgets_lanes_and_seats_of_days_ago(shared: Database) -> None:
    clock.freeze(NOON)
    limits = Pace("relay.example.org", 4, 0, 2, 600)
    admit_batch(shared, limits, batch_of("old.example"))
    clock.advance(days=2, hours=23)
    admit_batch(shared, limits, batch_of("new.example"))
    clock.advance(hours=2)
    with shared.writing() as session:
        pace.purge(session)
        wanted = [domain_lane(session, "new.example")]
        assert list(session.scalars(select(MailLane.lane_key))) == wanted
        assert list(session.scalars(select(MailSeat.lane_key))) == wanted


def test_what_a_batch_heard_revives_strikes_and_lets_pass(shared: Database) -> None:
    clock.freeze(NOON)
    with shared.writing() as session:
        server = server_lane(session, NO_LIMIT.server)
        well, ill, slow = (domain_lane(session, f"{name}.example") for name in ("well", "ill", "slow"))
        for lane in (server, well):
            pace.rest(session, lane)
        clock.advance(hours=1)
        heard = Heard()
        for _ in range(3):
            heard.add("well.example", 0.1, is_put_off=False)
            heard.add("well.example", 0.1, is_put_off=True)
            heard.add("ill.example", 9, is_put_off=True)
            heard.add("slow.example", 9, is_put_off=False)
        pace.note_heard(session, NO_LIMIT, heard)
        assert [pace.resting_until(session, lane) is not None for lane in (server, well, ill, slow)] == [
            False, False, True, True,
        ]  # fmt: skip
        assert (pace.rest(session, server) - clock.now()) <= timedelta(minutes=1), "its strikes are forgotten"
    mixed = [*batch_of("slow.example"), Wish(90, "slow.example", False), Wish(91, "ill.example", False)]
    assert going(admit_batch(shared, NO_LIMIT, mixed)) == [90], "a slow domain still gets what somebody waits for"
