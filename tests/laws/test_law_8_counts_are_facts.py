"""Law 8: every total equals its recount in the same snapshot, whatever is being written meanwhile."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from flask import Flask
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.parts import parts_of
from app.counts.queries import per_day, totals
from app.signatures.actions import withdraw
from app.signatures.lists import entries_for
from app.signatures.queries import every_signature, numbers
from app.statements.models import Statement
from app.visibility.states import Audience, Visibility
from tests.factories.signatures import appear, make_signature
from tests.factories.statements import make_statement

ROUNDS = 12


def _check(session: Session, statement: Statement) -> int:
    """Compare every total with a count made by hand from the opened rows of the same snapshot."""
    standing = [signed for signed in every_signature(session, statement.id) if signed.is_signed]
    found = totals(session, statement.id)
    by_hand = {each: sum(one.visibility is each for one in standing) for each in Visibility}
    assert found.total == len(standing)
    assert {each: getattr(found, each.value) for each in Visibility} == by_hand
    assert sum(number for _day, number in per_day(session, statement.id)) == len(standing)
    assert len(entries_for(session, statement.id, Audience.PUBLIC)) == len(standing)
    shown = by_hand[Visibility.PUBLIC] + by_hand[Visibility.PSEUDONYM]
    assert numbers(session, statement.id) == (len(standing), shown)
    return len(standing)


def test_totals_equal_their_recount_while_people_sign_change_and_withdraw(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement = make_statement(session)
        known = [make_signature(session, statement).public_id for _ in range(8)]
    done = Event()

    def write(seed: int) -> None:
        choice = random.Random(seed)
        for _ in range(ROUNDS):
            with either_app.app_context(), database.writing() as session:
                what = choice.randrange(3)
                if what == 0:
                    make_signature(session, statement, visibility=choice.choice(list(Visibility)))
                elif what == 1:
                    appear(session, choice.choice(known[:4]), choice.choice(list(Visibility)), "A reader")
                else:
                    withdraw(session, choice.choice(known[4:]))

    def read() -> int:
        checked = 0
        while not done.is_set() or not checked:
            with either_app.app_context(), database.reading() as session:
                _check(session, statement)
            checked += 1
        return checked

    with ThreadPoolExecutor(4) as pool:
        reader = pool.submit(read)
        writers = [pool.submit(write, seed) for seed in range(2)]
        for writer in writers:
            writer.result()
        done.set()
        assert reader.result() > 1
    with either_app.app_context(), database.reading() as session:
        _check(session, statement)


def test_late_commit_is_counted_when_it_arrives_and_not_before(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement = make_statement(session)
        make_signature(session, statement)
    with either_app.app_context():
        with database.writing() as late:
            make_signature(late, statement)
            late.flush()
            with database.reading() as session:
                assert _check(session, statement) == 1
        with database.reading() as session:
            assert _check(session, statement) == 2
