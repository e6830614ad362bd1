"""Rates hold over all workers, and a mail that can go is never held up by one that can't."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.mail.sending import pace
from app.mail.sending.models import MailLane
from app.mail.sending.pace import Admission, Heard, Pace, Wish, admit
from tests.mail.sending.pacing import BATCH, NO_LIMIT, NOON, admit_batch, batch_of, going, in_future, statements_of

# Rates


def test_one_domain_costs_three_statements(shared: Database) -> None:
    limits = Pace("relay.example.org", 4, 0, 2, 600)
    with shared.writing() as session, statements_of(shared.engine) as noted:
        admit(session, limits, batch_of("example.org"), "one", in_future(minutes=2))
    assert len(noted) == 3
    with shared.writing() as session, statements_of(shared.engine) as noted:
        wishes = [Wish(number, f"d{number}.example", True) for number in range(BATCH)]
        admit(session, limits, wishes, "one", in_future(minutes=2))
    assert len(noted) == 3, "nor do twenty-five domains cost more"


def test_no_limit_writes_nothing(shared: Database) -> None:
    with shared.writing() as session, statements_of(shared.engine) as noted:
        assert len(going(admit(session, NO_LIMIT, batch_of("example.org"), "one", in_future(minutes=2)))) == BATCH
    assert [statement for statement in noted if not statement.startswith("SELECT")] == []
    assert len(noted) == 1


def test_a_batch_stays_a_batch(shared: Database) -> None:
    """At 600 a minute two batches go at once, and what waits comes due in groups."""
    clock.freeze(NOON)
    limits = replace(NO_LIMIT, domain_per_minute=600)
    assert [len(going(admit_batch(shared, limits, batch_of("example.org")))) for _ in range(3)] == [25, 25, 0]
    admitted = [admit_batch(shared, limits, batch_of("example.org")) for _ in range(4)]
    groups = Counter(admission.later for batch in admitted for admission in batch.values())
    assert len(groups) <= 4, "a hundred mails in groups of five seconds' worth"
    assert all(admission.has_slot for batch in admitted for admission in batch.values())


def test_a_slot_is_honoured_once_and_not_for_ever(shared: Database) -> None:
    clock.freeze(NOON)
    limits = replace(NO_LIMIT, domain_per_minute=60)
    admit_batch(shared, limits, batch_of("example.org", many=100))
    held = [Wish(number, "example.org", True, has_slot=True, due_at=clock.now()) for number in range(3)]
    assert len(going(admit_batch(shared, limits, held))) == 3
    old = [replace(wish, due_at=clock.now() - timedelta(minutes=2)) for wish in held]
    assert going(admit_batch(shared, limits, old)) == [], "after an outage, slots of an hour must not come at once"


def test_awaited_mail_waits_for_no_slot_but_counts(shared: Database) -> None:
    clock.freeze(NOON)
    limits = replace(NO_LIMIT, domain_per_minute=60)
    assert len(going(admit_batch(shared, limits, batch_of("example.org", is_bulk=False, many=40)))) == 40
    admitted = admit_batch(shared, limits, batch_of("example.org", many=1))
    assert (admitted[0].later or NOON) >= NOON + timedelta(seconds=31)


def test_the_server_takes_awaited_mail_first_and_wastes_no_room(shared: Database) -> None:
    clock.freeze(NOON)
    limits = replace(NO_LIMIT, server_per_minute=60)
    mixed = [*batch_of("a.example", many=15), *batch_of("b.example", is_bulk=False, first=15, many=5)]
    with shared.writing() as session:
        assert pace.server_room(session, limits) == 10
    admitted = admit_batch(shared, limits, mixed)
    assert sorted(going(admitted)) == [0, 1, 2, 3, 4, 15, 16, 17, 18, 19]
    clock.advance(seconds=5)
    with shared.writing() as session:
        assert pace.server_room(session, limits) == 5, "what had to wait took nothing"
        assert pace.server_room(session, NO_LIMIT) is None


def test_parallel_workers_share_one_rate(shared: Database) -> None:
    limits, gate = replace(NO_LIMIT, domain_per_minute=600), threading.Barrier(6)
    clock.freeze(NOON)

    def work(worker: int) -> list[Admission]:
        gate.wait()
        return list(
            admit_batch(shared, limits, batch_of("example.org", first=worker * BATCH), f"worker {worker}").values()
        )

    with ThreadPoolExecutor(6) as pool:
        admitted = [admission for batch in pool.map(work, range(6)) for admission in batch]
    assert sum(admission.later is None for admission in admitted) == 50
    with shared.reading() as session:
        virtual = session.scalars(select(MailLane.next_slot_at)).one()
    assert virtual == NOON + timedelta(seconds=15), "150 mails at ten a second, none of them uncounted"


# Nobody starves: a queue like the outbox, with the clock standing still but for what sending takes


@dataclass
class _Queue:
    """Mails in the order in which the outbox gives them out: by priority, by due time, by age."""

    database: Database
    limits: Pace
    ill: frozenset[str] = frozenset()
    send_seconds: dict[str, float] = field(default_factory=dict)
    waiting: dict[int, tuple[int, datetime, Wish]] = field(default_factory=dict)
    sent: list[tuple[datetime, int, str]] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)

    def put(self, domain: str, many: int, *, is_bulk: bool = True) -> list[int]:
        first = len(self.waiting) + len(self.sent)
        for wish in batch_of(domain, is_bulk=is_bulk, first=first, many=many):
            self.waiting[wish.id] = (20 if is_bulk else 0, clock.now(), wish)
        return list(range(first, first + many))

    def work_off(self) -> int:
        due = [(*place[:2], number) for number, place in self.waiting.items() if place[1] <= clock.now()]
        claimed = [(number, self.waiting[number]) for _, _, number in sorted(due)[:BATCH]]
        wishes = [replace(wish, due_at=due_at) for _, (_, due_at, wish) in claimed]
        admitted = admit_batch(self.database, self.limits, wishes)
        heard = Heard()
        for number, (priority, _due_at, wish) in claimed:
            later = admitted[number].later
            if later is not None:
                self.waiting[number] = (priority, later, replace(wish, has_slot=admitted[number].has_slot))
                continue
            seconds = self.send_seconds.get(wish.domain, 0.01)
            clock.advance(seconds=seconds)
            heard.add(wish.domain, seconds, is_put_off=wish.domain in self.ill)
            if wish.domain in self.ill:
                self.failed[number] += 1
                self.waiting[number] = (priority, in_future(minutes=1), replace(wish, has_slot=False))
            else:
                del self.waiting[number]
                self.sent.append((clock.now(), number, wish.domain))
        with self.database.writing() as session:
            pace.note_heard(session, self.limits, heard)
            pace.leave_seats(session, "one")
        return len(claimed)

    def work_until(self, end: datetime) -> None:
        while clock.now() < end:
            if not self.work_off():
                clock.freeze(max(clock.now(), min([end, *(due_at for _, due_at, _ in self.waiting.values())])))

    def sent_at(self, number: int) -> datetime | None:
        return next((at for at, sent, _domain in self.sent if sent == number), None)


def test_the_oldest_hundred_of_a_stuck_domain_block_nobody(shared: Database) -> None:
    clock.freeze(NOON)
    queue = _Queue(shared, Pace("relay", 4, 0, 2, 600), frozenset({"stuck.example"}), {"stuck.example": 2.0})
    stuck = queue.put("stuck.example", 100)
    clock.advance(seconds=1)
    others = [queue.put(f"d{number}.example", 1)[0] for number in range(100)]
    queue.work_until(NOON + timedelta(hours=3))
    arrived = [at for number in others if (at := queue.sent_at(number))]
    assert len(arrived) == 100
    assert max(arrived) < NOON + timedelta(seconds=60), "one batch that fails at two seconds each, and no more"
    assert max(queue.failed[number] for number in stuck) <= 6, "three hours cost no mail its tries"
    assert sum(queue.failed.values()) < 40, "after a rest one mail tries for all"


@pytest.mark.parametrize("per_minute", [0, 600])
def test_thousands_of_a_slow_domain_delay_others_by_one_batch(light: Database, per_minute: int) -> None:
    clock.freeze(NOON)
    queue = _Queue(light, Pace("relay", 4, 0, 2, per_minute), send_seconds={"slow.example": 1.0})
    queue.put("slow.example", 3_000)
    for _ in range(2):
        clock.advance(seconds=1)
        begun, already = clock.now(), len(queue.sent)
        (other,) = queue.put("other.example", 1)
        while queue.sent_at(other) is None:
            queue.work_off()
        assert len(queue.sent) - already <= BATCH + 1
        assert clock.now() - begun <= timedelta(seconds=BATCH + 1)
        queue.work_until(clock.now() + timedelta(minutes=3))
    (awaited,) = queue.put("slow.example", 1, is_bulk=False)
    queue.work_off()
    assert queue.sent_at(awaited) is not None, "what somebody waits for overtakes"
    minutes = (clock.now() - NOON) / timedelta(minutes=1)
    assert len(queue.sent) > 40 * minutes, "and the slow domain gets most of the time that nobody else wants"


def test_an_hour_keeps_the_rate(light: Database) -> None:
    clock.freeze(NOON)
    limit = 30
    queue = _Queue(light, replace(NO_LIMIT, domain_per_minute=limit))
    queue.put("example.org", 2_000)
    queue.put("elsewhere.example", 50)
    queue.work_until(NOON + timedelta(hours=1))
    times = [at for at, _number, domain in queue.sent if domain == "example.org"]
    busiest = max(sum(start <= at < start + timedelta(minutes=1) for at in times) for start in times)
    assert busiest <= limit + 10, "so many a minute and the burst"
    assert limit * 60 <= len(times) <= limit * 60 + 10, "and the rate is used"


def test_an_outage_ends_without_a_flood(light: Database) -> None:
    clock.freeze(NOON)
    limit = 30
    queue = _Queue(light, replace(NO_LIMIT, domain_per_minute=limit))
    queue.put("example.org", 1_000)
    while queue.work_off():
        pass
    clock.advance(minutes=20)
    back = clock.now()
    queue.work_until(back + timedelta(minutes=5))
    times = [at for at, _number, _domain in queue.sent if at >= back]
    busiest = max(sum(start <= at < start + timedelta(minutes=1) for at in times) for start in times)
    assert busiest <= 2 * limit + 10, "slots of the last minute, and the rate"
