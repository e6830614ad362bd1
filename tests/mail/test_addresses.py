"""Caps protect third parties over all statements and workers, bounces stop an address, and the table tells nobody."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.addresses import (
    AddressedMail,
    check,
    forgive,
    is_stopped,
    note_bounce,
    stir,
)
from app.mail.models import MailAddress
from app.mail.registry import Registry
from app.mail.states import Cap
from app.smtp.states import Trouble
from tests.laws.seizure import SHORTEST_TELLING, every_row
from tests.mail.sending.pacing import statements_of
from tests.signatures.scene import invite

NIGHT = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
ADA = "ada@example.org"
BATCH = 25


@dataclass
class _Seeker:
    """Knows who answered, and notes who was asked for."""

    answered: set[str] = field(default_factory=set)
    asked_for: list[str] = field(default_factory=list)

    def registry(self) -> Registry:
        registry = Registry()
        registry.register_seeker(self)
        return registry

    def __call__(self, _session: Session, address: str) -> bool:
        self.asked_for.append(address)
        return address in self.answered


def _letters(cap: Cap, many: int = 1, address: str = ADA) -> list[AddressedMail]:
    return [AddressedMail(number, address, cap) for number in range(many)]


def _check(
    database: Database, letters: Sequence[AddressedMail], registry: Registry | None = None
) -> dict[int, Trouble]:
    with database.writing() as session:
        return check(session, registry or Registry(), letters)


def _passes(database: Database, cap: Cap, address: str = ADA, registry: Registry | None = None) -> bool:
    return not _check(database, _letters(cap, address=address), registry)


def _at_once(workers: int, act: Callable[[int], bool]) -> int:
    """Count how many of so many workers that start together succeed."""
    gate = threading.Barrier(workers)

    def start(number: int) -> bool:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(start, range(workers)))


def test_an_address_gets_three_confirmations_a_day(shared: Database) -> None:
    clock.freeze(NIGHT)
    written = ["ada@example.org", "Ada@Example.ORG", " ada@example.org", "ADA@example.org", "ada@example.org"]
    assert [_passes(shared, Cap.CONFIRMATION, address) for address in written] == [True] * 3 + [False] * 2
    assert _passes(shared, Cap.CONFIRMATION, "other@example.org")
    assert _passes(shared, Cap.UNASKED), "the caps count apart"
    clock.advance(minutes=31)
    assert [_passes(shared, Cap.CONFIRMATION) for _ in range(4)] == [True] * 3 + [False]


def test_an_address_that_never_answered_gets_five_mails(shared: Database) -> None:
    clock.freeze(NIGHT)
    seeker = _Seeker()
    passed = []
    for _ in range(7):
        passed.append(_passes(shared, Cap.UNASKED, registry=seeker.registry()))
        clock.advance(days=40)
    assert passed == [True] * 5 + [False] * 2
    assert seeker.asked_for == [ADA] * 2, "nobody is looked for while there is room"


def test_a_reader_who_answered_is_not_capped_and_nothing_of_it_is_kept(shared: Database) -> None:
    registry = _Seeker({ADA}).registry()
    _check(shared, [*_letters(Cap.UNASKED, 5), AddressedMail(5, "bob@example.org", Cap.UNASKED)], registry)
    with shared.reading() as session:
        before = session.execute(select(MailAddress.__table__)).all()
    assert all(_passes(shared, Cap.UNASKED, registry=registry) for _ in range(3))
    with shared.reading() as session:
        assert session.execute(select(MailAddress.__table__)).all() == before


def test_what_was_counted_is_not_counted_again(shared: Database) -> None:
    again = [AddressedMail(number, ADA, Cap.CONFIRMATION, is_counted=True) for number in range(10)]
    assert _check(shared, again) == {}
    assert [_passes(shared, Cap.CONFIRMATION) for _ in range(4)] == [True] * 3 + [False]
    assert _check(shared, again) == {}


def test_a_batch_may_hold_an_address_more_than_once(shared: Database) -> None:
    letters = [
        *[AddressedMail(number, ADA, Cap.CONFIRMATION) for number in range(5)],
        *[AddressedMail(number, ADA.upper(), Cap.UNASKED) for number in range(5, 12)],
        AddressedMail(12, "bob@example.org", Cap.UNASKED),
        AddressedMail(13, ADA, Cap.NONE),
    ]
    assert _check(shared, letters) == dict.fromkeys([3, 4, 10, 11], Trouble.CAPPED)


@pytest.mark.parametrize(("cap", "most"), [(Cap.CONFIRMATION, 3), (Cap.UNASKED, 5)])
def test_twenty_at_once_pass_as_one_by_one(shared: Database, cap: Cap, most: int) -> None:
    assert _at_once(20, lambda _number: _passes(shared, cap)) == most


def test_workers_with_the_same_addresses_never_block_each_other(shared: Database) -> None:
    """Each has the same addresses in an order of its own: on PostgreSQL locks could form a circle."""
    clock.freeze(NIGHT)

    def send(number: int) -> bool:
        chance = random.Random(number)
        for _ in range(8):
            letters = [AddressedMail(n, f"p{n % 12}@example.org", chance.choice(list(Cap))) for n in range(BATCH)]
            chance.shuffle(letters)
            _check(shared, letters)
        return True

    assert _at_once(4, send) == 4
    with shared.reading() as session:
        rows = session.scalars(select(MailAddress)).all()
    assert {(row.unasked, row.confirmations) for row in rows} == {(5, 3)}


def test_a_batch_costs_two_statements(shared: Database) -> None:
    letters = [AddressedMail(n, f"p{n}@example.org", Cap.UNASKED if n % 2 else Cap.CONFIRMATION) for n in range(BATCH)]
    for _ in range(2):
        with shared.writing() as session, statements_of(shared.engine) as noted:
            check(session, Registry(), letters)
        assert len(noted) == 2
    with shared.writing() as session, statements_of(shared.engine) as noted:
        check(session, Registry(), [])
    assert noted == []


def test_one_hard_bounce_stops_an_address(shared: Database) -> None:
    with shared.writing() as session:
        assert note_bounce(session, "ADA@example.org", is_hard=True)
        assert is_stopped(session, ADA)
        assert not note_bounce(session, ADA, is_hard=True), "it has stopped already"
        assert not is_stopped(session, "bob@example.org")
        letters = [
            AddressedMail(1, ADA, Cap.NONE),
            AddressedMail(2, ADA, Cap.UNASKED, is_counted=True),
            AddressedMail(3, "bob@x.org", Cap.NONE),
        ]
        assert check(session, Registry(), letters) == {1: Trouble.BOUNCING, 2: Trouble.BOUNCING}
        forgive(session, ADA)
        assert not is_stopped(session, ADA)
        assert check(session, Registry(), letters) == {}


def test_what_is_stopped_is_not_counted(shared: Database) -> None:
    with shared.writing() as session:
        note_bounce(session, ADA, is_hard=True)
    assert not _passes(shared, Cap.CONFIRMATION)
    with shared.writing() as session:
        forgive(session, ADA)
    assert [_passes(shared, Cap.CONFIRMATION) for _ in range(4)] == [True] * 3 + [False]


def test_soft_bounces_stop_after_six_days_and_count_once_a_day(shared: Database) -> None:
    clock.freeze(NIGHT)
    with shared.writing() as session:
        for _ in range(5):
            assert not any(note_bounce(session, ADA, is_hard=False) for _ in range(10))
            clock.advance(days=1)
        assert not is_stopped(session, ADA)
        assert note_bounce(session, ADA, is_hard=False)
        assert is_stopped(session, ADA)


def test_a_quiet_week_forgives_soft_bounces(shared: Database) -> None:
    clock.freeze(NIGHT)
    with shared.writing() as session:
        for _ in range(5):
            note_bounce(session, ADA, is_hard=False)
            clock.advance(days=1)
        clock.advance(days=7)
        assert not note_bounce(session, ADA, is_hard=False), "more than a week after the last one"
        clock.advance(days=7)
        assert not note_bounce(session, ADA, is_hard=False)
        assert session.scalars(select(MailAddress.bounce_score)).one() == 10, "a week later to the day still adds"


def test_a_hard_bounce_stops_on_the_day_of_a_soft_one(shared: Database) -> None:
    with shared.writing() as session:
        assert not note_bounce(session, ADA, is_hard=False)
        assert note_bounce(session, ADA, is_hard=True)


def test_only_one_of_many_reports_stops_an_address(shared: Database) -> None:
    """The caller who hears True tells the owner, who wants to be told once."""

    def report(_number: int) -> bool:
        with shared.writing() as session:
            return note_bounce(session, ADA, is_hard=True)

    assert _at_once(8, report) == 1


def test_stirring_keeps_what_counts_and_forgets_the_rest(shared: Database) -> None:
    clock.freeze(NIGHT)
    _check(shared, _letters(Cap.CONFIRMATION, address="yesterday@example.org"))
    _check(shared, _letters(Cap.UNASKED, 5, address="asked@example.org"))
    with shared.writing() as session:
        note_bounce(session, "soft@example.org", is_hard=False)
        note_bounce(session, "gone@example.org", is_hard=True)
    clock.advance(days=8)
    _check(shared, _letters(Cap.CONFIRMATION, 3, address="today@example.org"))
    with shared.writing() as session:
        stir(session)
        assert len(session.scalars(select(MailAddress)).all()) == 3
        assert is_stopped(session, "gone@example.org")
    assert not _passes(shared, Cap.UNASKED, "asked@example.org")
    assert not _passes(shared, Cap.CONFIRMATION, "today@example.org")


def test_stirring_loses_no_count_to_workers(shared: Database) -> None:
    def work(number: int) -> bool:
        if number == 0:
            for _ in range(5):
                with shared.writing() as session:
                    stir(session)
            return False
        return sum(_passes(shared, Cap.UNASKED, f"p{n}@example.org") for n in range(20)) == 20

    assert _at_once(4, work) == 3
    with shared.reading() as session:
        assert session.scalars(select(MailAddress.unasked)).all() == [3] * 20


# Law 5, as the attacker with the database and no key sees it


def _leave_no_gaps(database: Database) -> None:
    """Let rows lie as in a new house; earlier tests leave gaps, which a server fills in an order of its own."""
    if not database.is_sqlite:
        with database.writing() as session:
            session.execute(text("TRUNCATE mail_addresses"))


def test_addresses_can_not_be_laid_beside_the_outbox_or_a_campaign(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    _leave_no_gaps(database)
    guests = [invite(either_app, email=f"guest{number}@example.net") for number in range(8)]
    for number in range(len(guests)):
        # What the worker does: the mail's row and its address are written in one transaction, one after the other.
        _passes(database, Cap.UNASKED, f"guest{number}@example.net")
    with database.writing() as session:
        stir(session)
    rows = every_row(either_app)
    addresses = [row for row in rows if row.table == "mail_addresses"]
    assert len(addresses) == len(guests)
    keys = [bytes(row.values["address_key"]) for row in addresses]
    assert keys == sorted(keys), "in the order of the digest, which is none"
    assert len({row.transaction for row in addresses}) == 1
    elsewhere = {
        bytes(value) if isinstance(value, memoryview) else value
        for row in rows
        if row.table != "mail_addresses"
        for value in row.values.values()
        if isinstance(value, (bytes, memoryview)) and len(value) >= SHORTEST_TELLING
    }
    assert len(elsewhere) > len(guests), "the attacker should see the campaign's own keys"
    assert elsewhere.isdisjoint(keys)
    assert {row.transaction for row in rows if row.table != "mail_addresses"}.isdisjoint(
        {row.transaction for row in addresses} - {None}
    )
    assert not any(isinstance(value, datetime) for row in addresses for value in row.values.values())


def test_the_attack_would_see_an_order_that_tells(either_app: Flask) -> None:
    """Before it is stirred, PostgreSQL keeps the rows as they came: the test above can fail."""
    database: Database = parts_of(either_app).database
    _leave_no_gaps(database)
    for number in range(12):
        _passes(database, Cap.UNASKED, f"guest{number}@example.net")
    addresses = [row for row in every_row(either_app) if row.table == "mail_addresses"]
    keys = [bytes(row.values["address_key"]) for row in addresses]
    assert (keys == sorted(keys)) is database.is_sqlite
    assert len({row.transaction for row in addresses}) == (1 if database.is_sqlite else 12)
