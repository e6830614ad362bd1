"""Orders to write to very many: in chunks, by turns, stopped and resumed, and nobody twice."""

from __future__ import annotations

import multiprocessing
import multiprocessing.synchronize
import os
import random
import signal
import tracemalloc
from collections import Counter
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.background import pacing
from app.base.database import Database
from app.base.parts import parts_of
from app.base.sealing import Place, open_many
from app.invitations import actions, answering, bulk_orders
from app.invitations.jobs import work_off_askings
from app.invitations.models import BulkOrder, Invitation
from app.invitations.queries import answers_of, prepared_between, ready_to_ask, ready_to_remind
from app.invitations.states import Errand, InvitationStage, NotOpen
from app.mail.models import Mail
from app.statements.actions import close_statement
from app.statements.models import Statement
from app.statements.queries import hold_open
from tests.factories.invitations import make_crowd, make_invitation
from tests.factories.statements import make_statement


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _ordered(app: Flask, number: int, errand: Errand = Errand.ASK) -> Statement:
    with app.app_context(), _database(app).writing() as session:
        statement = make_crowd(session, number)
        if errand is Errand.REMIND:
            actions.ask(session, "test", statement, ready_to_ask(session, statement.id))
        bulk_orders.order(session, "test", statement, errand, number)
    return statement


def _mailed(app: Flask, kind: str = "invitation") -> Counter[str]:
    """Return how many mails of a kind stand in the outbox for each invitation."""
    with _database(app).reading() as session:
        rows = session.execute(select(Mail.public_id, Mail.references_sealed).where(Mail.kind == kind)).all()
        places = [(Place("mails", "references_sealed", row.public_id), row.references_sealed) for row in rows]
        return Counter(found["invitation"] for found in open_many(session, places, "test"))


def _asking(app: Flask) -> BulkOrder:
    with _database(app).reading() as session:
        return session.scalars(select(BulkOrder)).one()


@pytest.fixture
def _full_chunks() -> None:
    """Keep the chunks as they are in production."""


@pytest.fixture(autouse=True)
def _small_chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "_full_chunks" not in request.fixturenames:
        monkeypatch.setattr(bulk_orders, "CHUNK", 10)
        monkeypatch.setattr(pacing, "SHORTEST_REST_SECONDS", 0.0)


def test_an_order_asks_everybody_once(either_app: Flask) -> None:
    statement = _ordered(either_app, 25)
    assert _mailed(either_app) == Counter()
    assert work_off_askings(either_app) == 3
    asking = _asking(either_app)
    assert (asking.mailed, asking.expected, asking.finished_at is not None) == (25, 25, True)
    mails = _mailed(either_app)
    assert (len(mails), max(mails.values())) == (25, 1)
    with _database(either_app).reading() as session:
        rows = session.execute(select(Invitation.stage, Invitation.mail_id)).all()
        assert {row.stage for row in rows} == {InvitationStage.ASKED}
        assert {row.mail_id for row in rows} == set(session.scalars(select(Mail.public_id)))
        assert bulk_orders.under_way(session, statement.id) == []
    assert work_off_askings(either_app) == 0


def test_an_order_reminds_everybody_who_is_silent(either_app: Flask) -> None:
    statement = _ordered(either_app, 25, Errand.REMIND)
    with either_app.app_context(), _database(either_app).writing() as session:
        quiet = ready_to_remind(session, statement.id)[7]
        answering.leave_in_peace(session, quiet, peace=True)
    work_off_askings(either_app)
    mails = _mailed(either_app, "reminder")
    assert (len(mails), max(mails.values()), quiet in mails) == (24, 1, False)
    assert _asking(either_app).mailed == 24
    with _database(either_app).reading() as session:
        assert sum(len(reply.reminders) for reply in answers_of(session, statement.id).values()) == 24


def test_people_prepared_after_the_order_are_not_asked(writing: AbstractContextManager[Session], app: Flask) -> None:
    statement = _ordered(app, 12)
    with writing as session:
        late = make_invitation(session, session.merge(statement), asked=False).public_id
    work_off_askings(app)
    assert len(_mailed(app)) == 12
    assert late not in _mailed(app)


def test_a_person_who_was_cancelled_or_asked_alone_meanwhile_gets_no_second_mail(
    writing: AbstractContextManager[Session], app: Flask
) -> None:
    statement = _ordered(app, 12)
    with writing as session:
        one, other, *_rest = ready_to_ask(session, statement.id)
        actions.cancel(session, "test", session.merge(statement), one)
        actions.ask(session, "test", session.merge(statement), [other])
    work_off_askings(app)
    mails = _mailed(app)
    assert (len(mails), max(mails.values()), one in mails) == (11, 1, False)


def test_an_order_that_is_stopped_goes_no_further(app: Flask) -> None:
    statement = _ordered(app, 25)
    asking = _asking(app)
    with app.app_context():
        with _database(app).writing() as session:
            assert bulk_orders.work_on(session, asking.id)
        with _database(app).writing() as session:
            assert bulk_orders.stop(session, "test", session.merge(statement), asking.public_id)
            assert not bulk_orders.stop(session, "test", session.merge(statement), asking.public_id)
        with _database(app).reading() as session:
            (progress,) = bulk_orders.under_way(session, statement.id)
            assert (progress.mailed, progress.expected, progress.is_stopping) == (10, 25, True)
    work_off_askings(app)
    assert len(_mailed(app)) == 10
    assert _asking(app).finished_at is not None


def test_an_order_ends_with_the_signing(app: Flask, writing: AbstractContextManager[Session]) -> None:
    statement = _ordered(app, 12)
    with writing as session:
        close_statement(session, "test", session.merge(statement))
    work_off_askings(app)
    assert _mailed(app) == Counter()
    assert _asking(app).finished_at is not None


def test_ordering_twice_is_one_order_and_a_draft_takes_none(session: Session) -> None:
    statement = make_statement(session)
    first = bulk_orders.order(session, "test", statement, Errand.ASK, 5)
    assert bulk_orders.order(session, "test", statement, Errand.ASK, 5) == first
    assert bulk_orders.order(session, "test", statement, Errand.REMIND, 5) != first
    with pytest.raises(NotOpen):
        bulk_orders.order(session, "test", make_statement(session, opened=False), Errand.ASK, 5)


def test_an_order_that_fails_stops_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _second = _ordered(app, 12), _ordered(app, 12)
    real = bulk_orders.work_on

    def fail_the_first(session: Session, asking_id: int, most: int) -> bool:
        if session.get_one(BulkOrder, asking_id).statement_id == first.id:
            raise RuntimeError
        return real(session, asking_id, most)

    monkeypatch.setattr(bulk_orders, "work_on", fail_the_first)
    work_off_askings(app)
    assert len(_mailed(app)) == 12
    monkeypatch.setattr(bulk_orders, "work_on", real)
    work_off_askings(app)
    assert len(_mailed(app)) == 24


ON_POSTGRES = pytest.mark.parametrize(
    "either_app", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@ON_POSTGRES
def test_people_can_sign_while_a_chunk_is_written(either_app: Flask) -> None:
    statement, asking = _ordered(either_app, 25), _asking(either_app)
    with _database(either_app).writing() as worker, _database(either_app).writing() as signer:
        assert bulk_orders.work_on(worker, asking.id)
        signer.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert hold_open(signer, statement.id).id == statement.id


@ON_POSTGRES
def test_a_person_who_is_cancelled_at_the_same_moment_stays_cancelled(either_app: Flask) -> None:
    statement = _ordered(either_app, 3)
    with either_app.app_context(), _database(either_app).writing() as worker:
        prepared = prepared_between(worker, statement.id, 0, 2**31 - 1, 10)
        with _database(either_app).writing() as coordinator:
            actions.cancel(coordinator, "test", coordinator.merge(statement), prepared[0].public_id)
        actions.ask_prepared(worker, "test", worker.merge(statement), prepared)
    with _database(either_app).reading() as session:
        stages = session.scalars(select(Invitation.stage).order_by(Invitation.id)).all()
        assert stages == [InvitationStage.CANCELLED, InvitationStage.ASKED, InvitationStage.ASKED]


@pytest.mark.usefixtures("_full_chunks")
def test_a_chunk_that_kept_others_waiting_is_followed_by_a_smaller_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ordered(app, 12)
    monkeypatch.setattr(bulk_orders, "CHUNK", 8)
    monkeypatch.setattr(pacing, "SMALLEST_PORTION", 1)
    monkeypatch.setattr(pacing, "LONGEST_HOLD_SECONDS", 0.0)
    assert work_off_askings(app, share_for_others=0) == 3  # of 8, of 4, and of 2 for whom nobody is left
    assert len(_mailed(app)) == 12


@pytest.mark.usefixtures("_full_chunks")
def test_killed_at_any_point_it_goes_on_and_writes_to_each_once(app: Flask) -> None:
    """SIGKILL in the midst of a chunk, some chunks further each time."""
    _ordered(app, 3000)
    database, context = _database(app), multiprocessing.get_context("fork")
    database.engine.dispose()  # a connection must not be shared with the child

    def work(ready: multiprocessing.synchronize.Event) -> None:
        ready.set()
        work_off_askings(app)
        os._exit(0)

    killed = 0
    for _ in range(5):
        ready = context.Event()
        child = context.Process(target=work, args=(ready,))
        child.start()
        ready.wait(10)
        child.join(random.uniform(0.01, 0.25))
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
            killed += 1
        child.join()
        mails, mailed = _mailed(app), _asking(app).mailed
        assert len(mails) == sum(mails.values()) == mailed
        database.engine.dispose()
    assert killed >= 1
    work_off_askings(app)
    mails = _mailed(app)
    assert (len(mails), max(mails.values()), _asking(app).mailed) == (3000, 1, 3000)


@pytest.mark.usefixtures("_full_chunks")
def test_memory_does_not_grow_with_the_number_of_people(app: Flask) -> None:
    peaks = []
    for number in (1000, 3000):
        _ordered(app, number)
        tracemalloc.start()
        work_off_askings(app, share_for_others=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
    assert peaks[1] < 20_000_000
    with _database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 4000
