"""Law 8, where it could break: a total is a checkpoint and what it has not absorbed, whoever commits when or dies."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.counts.actions import absorb
from app.counts.models import CountCheckpoint, CountDelta
from app.counts.queries import differences, per_day, totals
from app.directory.states import SignatoryKind
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.crowds import many_signatures
from tests.factories.statements import make_statement

STEPS = 80
SIGNED, WITHDRAWN = SignatureState.SIGNED, SignatureState.WITHDRAWN


class Killed(Exception):
    """A process that ends before it commits."""


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _statements(database: Database, number: int) -> list[Statement]:
    with database.writing() as session:
        return [make_statement(session) for _ in range(number)]


def _check(session: Session, statement: Statement) -> None:
    """Compare totals with rows that are counted one by one, and with the recount in SQL."""
    wanted = select(Signature.visibility, Signature.kind, Signature.signed_at)
    rows = session.execute(wanted.where(Signature.statement_id == statement.id, Signature.state == SIGNED)).all()
    found = totals(session, statement.id)
    assert {each: found.of([each]) for each in Visibility} == {
        each: sum(row.visibility is each for row in rows) for each in Visibility
    }
    assert found.public_organisations == sum(row.kind is SignatoryKind.ORGANISATION for row in rows)
    assert dict(per_day(session, statement.id)) == Counter(row.signed_at.date() for row in rows)
    assert differences(session, statement.id) == {}


def _some(session: Session, choice: random.Random, state: SignatureState) -> list[int]:
    ids = session.scalars(select(Signature.id).where(Signature.state == state).order_by(Signature.id)).all()
    return choice.sample(list(ids), min(len(ids), choice.randint(1, 3)))


def _sign(session: Session, choice: random.Random, statement: Statement) -> None:
    chosen = [choice.choice(list(Visibility)) for _ in range(5)]
    many_signatures(session, statement, choice.randint(1, 60), visibilities=chosen, days=3)


def _withdraw(session: Session, choice: random.Random, _statement: Statement) -> None:
    ids = _some(session, choice, SIGNED)
    session.execute(update(Signature).where(Signature.id.in_(ids)).values(state=WITHDRAWN))


def _sign_again(session: Session, choice: random.Random, _statement: Statement) -> None:
    """Days and visibility are others than they were when it was withdrawn."""
    values = {"state": SIGNED, "visibility": Visibility.PUBLIC, "kind": SignatoryKind.ORGANISATION,
              "signed_at": clock.start_of_day(clock.now())}  # fmt: skip
    session.execute(update(Signature).where(Signature.id.in_(_some(session, choice, WITHDRAWN))).values(**values))


def _hide(session: Session, choice: random.Random, _statement: Statement) -> None:
    ids = _some(session, choice, SIGNED)
    session.execute(
        update(Signature)
        .where(Signature.id.in_(ids))
        .values(visibility=choice.choice(list(Visibility)[1:3]), kind=None)
    )


def _erase(session: Session, choice: random.Random, _statement: Statement) -> None:
    session.execute(delete(Signature).where(Signature.id.in_(_some(session, choice, SIGNED))))


def _move(session: Session, choice: random.Random, statement: Statement) -> None:
    """No action does it; the database counts all the same."""
    ids = _some(session, choice, SIGNED)
    session.execute(update(Signature).where(Signature.id.in_(ids)).values(statement_id=statement.id))


def _touch(session: Session, choice: random.Random, _statement: Statement) -> None:
    """Nothing that counts changes."""
    ids = _some(session, choice, SIGNED)
    session.execute(update(Signature).where(Signature.id.in_(ids)).values(state=Signature.state, position=7))


def _absorb(session: Session, choice: random.Random, _statement: Statement) -> None:
    absorb(session, choice.randint(1, 9))


DEEDS: tuple[Callable[[Session, random.Random, Statement], None], ...] = (
    _sign, _sign, _withdraw, _sign_again, _hide, _erase, _move, _touch, _absorb, _absorb,
)  # fmt: skip


def test_totals_equal_their_recount_whatever_is_done_in_whatever_order(either_app: Flask) -> None:
    """Every fifth transaction dies before its commit, with or without having absorbed something."""
    choice, database = random.Random(8), _database(either_app)
    with either_app.app_context():
        statements = _statements(database, 3)
        for _step in range(STEPS):
            try:
                with database.writing() as session:
                    for _deed in range(choice.randint(1, 3)):
                        choice.choice(DEEDS)(session, choice, choice.choice(statements))
                    for statement in statements:  # inside the transaction too
                        assert differences(session, statement.id) == {}
                    if choice.random() < 0.2:
                        raise Killed
            except Killed:
                pass
            with database.reading() as session:
                _check(session, choice.choice(statements))
        with database.writing() as session:
            while absorb(session):
                pass
        with database.reading() as session:
            for statement in statements:
                _check(session, statement)
            assert session.scalar(select(func.count()).select_from(CountDelta)) == 0
            assert session.scalar(select(func.sum(CountCheckpoint.number)))


@pytest.mark.postgres
@pytest.mark.parametrize("either_app", ["postgres"], indirect=True)
def test_a_transaction_that_commits_late_is_neither_lost_nor_counted_early(either_app: Flask) -> None:
    """One is held open while others commit and all that is to be seen is absorbed, again and again."""
    database = _database(either_app)
    with either_app.app_context():
        (statement,) = _statements(database, 1)
        with database.writing() as late:
            many_signatures(late, statement, 7)
            for round_ in range(1, 4):
                with database.writing() as session:
                    many_signatures(session, statement, 2)
                with database.writing() as session:
                    assert absorb(session)
                with database.reading() as session:
                    _check(session, statement)
                    assert totals(session, statement.id).total == 2 * round_
        with database.reading() as session:
            _check(session, statement)
            assert totals(session, statement.id).total == 13
            before = session.scalar(select(func.count()).select_from(CountDelta))
            with database.writing() as absorber:  # what a reader sees stays as it is, whatever is absorbed meanwhile
                assert absorb(absorber) == before
            _check(session, statement)
        with database.reading() as session:
            _check(session, statement)


@pytest.mark.postgres
@pytest.mark.parametrize("either_app", ["postgres"], indirect=True)
def test_several_workers_absorb_at_once_while_people_sign(either_app: Flask) -> None:
    database, done, dead = _database(either_app), Event(), Counter[str]()
    with either_app.app_context():
        statements = _statements(database, 3)

    def sign(seed: int) -> None:
        choice = random.Random(seed)
        for _ in range(25):
            with either_app.app_context(), database.writing() as session:
                many_signatures(session, choice.choice(statements), choice.randint(1, 5), days=2)

    def work(seed: int) -> None:
        choice = random.Random(seed)
        while not done.is_set():
            try:
                with either_app.app_context(), database.writing() as session:
                    dead["absorbed"] += absorb(session, choice.randint(1, 20))
                    if choice.random() < 0.3:
                        raise Killed
            except Killed:
                dead["killed"] += 1
            with either_app.app_context(), database.reading() as session:
                for statement in statements:
                    assert differences(session, statement.id) == {}

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, seed) for seed in (3, 4)]
        for signer in [pool.submit(sign, seed) for seed in (1, 2)]:
            signer.result()
        done.set()
        for worker in workers:
            worker.result()
    assert dead["absorbed"] > 0 < dead["killed"]
    with either_app.app_context(), database.writing() as session:
        while absorb(session):
            pass
        for statement in statements:
            _check(session, statement)


def test_days_of_the_future_and_of_long_ago_are_counted_apart(either_app: Flask) -> None:
    database = _database(either_app)
    with either_app.app_context():
        (statement,) = _statements(database, 1)
        with database.writing() as session:
            many_signatures(session, statement, 3, days=1)
            clock.freeze(clock.now() - timedelta(days=900))
            many_signatures(session, statement, 2, days=1)
            assert [number for _day, number in per_day(session, statement.id)] == [2, 3]
            _check(session, statement)
