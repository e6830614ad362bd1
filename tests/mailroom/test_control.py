"""What an operator does to the queue: each deed is one conditional change, and what can't be changed is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.models import Mail, MailControl
from app.mail.queries import pause_of
from app.mail.states import MailClass, MailState, Pause
from app.mailroom import control, selections
from app.mailroom.control import QUEUE, QueueChange
from app.mailroom.selections import Selection
from app.mailroom.states import (
    DecidedElsewhere,
    MailNotUncertain,
    MailRuling,
    MailStanding,
    NoSuchQueuedMail,
    NothingChosen,
)
from app.smtp.states import Trouble
from tests.factories.mails import make_mail
from tests.factories.parts import exchange

OPERATOR = "the-operator-at-the-desk"[:20]
RETRYABLE = {MailState.REFUSED, MailState.DEFERRED}
DROPPABLE = {MailState.QUEUED, MailState.DEFERRED}


@contextmanager
def _outbox(app: Flask) -> Iterator[Session]:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        yield session


def _one_of_each(app: Flask, mail_class: MailClass = MailClass.PERSONAL, trouble: Trouble | None = None) -> list[str]:
    with _outbox(app) as session:
        return [
            make_mail(
                session,
                state,
                mail_class=mail_class,
                trouble=trouble,
                failures=3,
                has_slot=True,
                due_in=timedelta(hours=1),
            ).public_id
            for state in MailState
        ]


def _states(app: Flask, mail_ids: list[str]) -> list[MailState]:
    with _outbox(app) as session:
        found = {row.public_id: row.state for row in session.execute(select(Mail.public_id, Mail.state))}
    return [found[each] for each in mail_ids]


def _audited(app: Flask, subject: str) -> list[tuple[str, str, dict[str, Any]]]:
    with _outbox(app) as session:
        return [(entry.actor, entry.action, entry.detail) for entry in history_of(session, subject)]


def test_pause_and_resume(either_app: Flask) -> None:
    wanted = [Pause.BULK, Pause.EVERYTHING, Pause.EVERYTHING, Pause.BULK, Pause.NOTHING]
    for pause in wanted:
        with _outbox(either_app) as session:
            control.set_pause(session, OPERATOR, pause)
        with _outbox(either_app) as session:
            assert pause_of(session) is pause
            assert session.scalars(select(MailControl.changed_by)).all() == [OPERATOR]
    assert [detail["pause"] for _actor, _action, detail in _audited(either_app, QUEUE)] == [
        "nothing", "bulk", "everything", "bulk",
    ]  # fmt: skip


@pytest.mark.parametrize("whole", [False, True])
def test_retry_what_failed_and_nothing_else(either_app: Flask, whole: bool) -> None:
    clock.freeze(clock.now())
    mails, letters = _one_of_each(either_app), _one_of_each(either_app, MailClass.OFFICIAL)
    with _outbox(either_app) as session:
        if whole:
            changed = control.retry_selection(session, OPERATOR, Selection())
            assert changed == QueueChange(2, 1, 0)
        else:
            changed = control.retry_chosen(session, OPERATOR, [*mails, *letters])
            assert changed == QueueChange(2, 7, 9)
    assert _states(either_app, letters) == list(MailState)
    assert _states(either_app, mails) == [MailState.QUEUED if state in RETRYABLE else state for state in MailState]
    with _outbox(either_app) as session:
        again = session.scalars(
            select(Mail).where(Mail.public_id == mails[list(MailState).index(MailState.REFUSED)])
        ).one()
        assert (again.due_at, again.finished_at, again.failures, again.has_slot) == (clock.now(), None, 0, False)


@pytest.mark.parametrize("whole", [False, True])
def test_drop_what_has_not_left_and_nothing_else(either_app: Flask, whole: bool) -> None:
    mails, letters = _one_of_each(either_app), _one_of_each(either_app, MailClass.OFFICIAL)
    with _outbox(either_app) as session:
        if whole:
            changed = control.drop_selection(session, OPERATOR, Selection(MailStanding.WAITING))
            assert changed == QueueChange(2, 0, 0)
        else:
            changed = control.drop_chosen(session, OPERATOR, [*mails, *letters, "no such mail"])
            assert changed == QueueChange(2, 8, 9)
    assert _states(either_app, letters) == list(MailState)
    assert _states(either_app, mails) == [MailState.DROPPED if state in DROPPABLE else state for state in MailState]


def test_each_ticked_mail_that_changed_is_recorded(app: Flask) -> None:
    mails = _one_of_each(app)
    with _outbox(app) as session:
        control.retry_chosen(session, OPERATOR, mails)
    recorded = [bool(_audited(app, mail)) for mail in mails]
    assert recorded == [state in RETRYABLE for state in MailState]


def test_a_whole_selection_is_recorded_once_with_what_narrowed_it(app: Flask) -> None:
    _one_of_each(app, trouble=Trouble.BUSY)
    _one_of_each(app, trouble=Trouble.BLOCKED)
    with _outbox(app) as session:
        assert control.retry_selection(session, OPERATOR, Selection(trouble=Trouble.BUSY)).number == 2
    (entry,) = _audited(app, QUEUE)
    assert entry == (OPERATOR, "queue.retried", {"number": 2, "trouble": "busy"})


@pytest.mark.parametrize("deed", [control.retry_chosen, control.drop_chosen])
def test_nothing_ticked_is_said(session: Session, deed: Callable[[Session, str, list[str]], QueueChange]) -> None:
    with pytest.raises(NothingChosen):
        deed(session, OPERATOR, [])


def test_a_selection_is_changed_up_to_its_limit(either_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (control, selections):
        monkeypatch.setattr(module, "MOST_AT_ONCE", 20)
    with _outbox(either_app) as session:
        mails = [make_mail(session, MailState.REFUSED).public_id for _number in range(30)]
    with _outbox(either_app) as session:
        assert control.retry_selection(session, OPERATOR, Selection(MailStanding.GIVEN_UP)) == QueueChange(20, 0, 0)
    assert _states(either_app, mails) == [MailState.QUEUED] * 20 + [MailState.REFUSED] * 10


def test_a_whole_selection_takes_three_statements_however_large(app: Flask) -> None:
    with _outbox(app) as session:
        for _number in range(120):
            make_mail(session, MailState.REFUSED)
    said: list[str] = []
    database: Database = parts_of(app).database
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    with _outbox(app) as session:
        assert control.retry_selection(session, OPERATOR, Selection()).number == 120
    assert [each.split()[0] for each in said if not each.startswith("BEGIN")] == ["SELECT", "UPDATE", "INSERT"]


@pytest.mark.parametrize(
    ("ruling", "state"),
    [
        (MailRuling.ARRIVED, MailState.ACCEPTED),
        (MailRuling.AGAIN, MailState.QUEUED),
        (MailRuling.LEAVE, MailState.UNCERTAIN),
    ],
)
def test_rule_uncertain_mail(either_app: Flask, ruling: MailRuling, state: MailState) -> None:
    with _outbox(either_app) as session:
        mail = make_mail(session, MailState.UNCERTAIN, mail_class=MailClass.PERSONAL, handovers=2).public_id
    with _outbox(either_app) as session:
        control.rule(session, OPERATOR, mail, ruling, "It is in the log")
    assert _states(either_app, [mail]) == [state]
    (entry,) = _audited(either_app, mail)
    assert entry == (OPERATOR, "mail.ruled", {"ruling": ruling.value, "evidence": "It is in the log"})


@pytest.mark.parametrize("ruling", list(MailRuling))
def test_rule_nothing_that_is_certain_official_or_unknown(app: Flask, ruling: MailRuling) -> None:
    mails = _one_of_each(app)
    certain = [mail for mail, state in zip(mails, MailState, strict=True) if state is not MailState.UNCERTAIN]
    letter = _one_of_each(app, MailClass.OFFICIAL)[list(MailState).index(MailState.UNCERTAIN)]
    wrong = [*((mail, MailNotUncertain) for mail in certain), (letter, DecidedElsewhere), ("nothing", NoSuchQueuedMail)]
    for mail, error in wrong:
        with pytest.raises(error), _outbox(app) as session:
            control.rule(session, OPERATOR, mail, ruling, "I think so")
    assert _states(app, mails) == list(MailState)
    assert _states(app, [letter]) == [MailState.UNCERTAIN]


@pytest.mark.postgres
@pytest.mark.parametrize("deed", [control.retry_selection, control.drop_selection])
def test_what_a_worker_claims_meanwhile_is_left_to_it(
    app: Flask, postgres_database_url: str, deed: Callable[[Session, str, Selection], QueueChange]
) -> None:
    """The change waits for the worker's lock on the row and then looks at the state once more."""
    database = Database(postgres_database_url, parts_of(app).database.ports)
    exchange(app, database=database)
    with _outbox(app) as session:
        mail = make_mail(session, MailState.DEFERRED, trouble=Trouble.BUSY).public_id

    def act() -> QueueChange:
        with _outbox(app) as session:
            return deed(session, OPERATOR, Selection())

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as worker:
            worker.execute(update(Mail).values(state=MailState.CLAIMED))
            acting = pool.submit(act)
            while not _somebody_waits_for_a_lock(database):
                assert not acting.done(), "it did not wait for the worker"
        assert acting.result(timeout=30) == QueueChange(0, 1, 0)
    assert _states(app, [mail]) == [MailState.CLAIMED]


def _somebody_waits_for_a_lock(database: Database) -> bool:
    with database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
