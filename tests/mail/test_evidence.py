"""Proof settles what is uncertain: receipts, bounces, log lines and witness copies, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.parts import parts_of
from app.mail.actions import Outgoing, enqueue, rule_uncertain
from app.mail.evidence import evidence_of, evidence_of_many, record_proof, settle_known
from app.mail.models import Mail, MailEvidence
from app.mail.queries import fates_of
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.states import MailClass, MailState, Proof
from app.smtp.states import Trouble

ARRIVALS = [Proof.DELIVERED, Proof.RELAYED, Proof.LOGGED, Proof.WITNESSED]


def _render(_session: Session, _references: References) -> RenderedMail:
    raise AssertionError("Nothing is sent here.")


PERSONAL = MailKind("evidence personal", MailClass.PERSONAL, _render)
OFFICIAL = MailKind("evidence official", MailClass.OFFICIAL, _render)


@contextmanager
def _writing(app: Flask) -> Iterator[Session]:
    with parts_of(app).database.writing() as session:
        yield session


def _mail(app: Flask, state: MailState, kind: MailKind = OFFICIAL, *, handovers: int = 1) -> str:
    over = state not in {MailState.QUEUED, MailState.DEFERRED, MailState.HANDING_OVER}
    with _writing(app) as session:
        mail_id = enqueue(session, Outgoing(kind, "somebody", "once", {}, frozen_sha256="0" * 64))
        session.execute(
            update(Mail)
            .where(Mail.public_id == mail_id)
            .values(state=state, handovers=handovers, attempts=1, finished_at=clock.now() if over else None)
        )
    return mail_id


def _prove(
    app: Flask, mail_id: str, proof: Proof, status: str = "", source: str = "report-1", words: str = "250 OK"
) -> bool:
    with _writing(app) as session:
        return record_proof(session, mail_id, proof, status, source, words)


def _row(app: Flask, mail_id: str) -> Mail:
    with _writing(app) as session:
        return session.scalars(select(Mail).where(Mail.public_id == mail_id)).one()


def _at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Run acts in threads that start together; return what they gave, in their order."""
    barrier, given = threading.Barrier(len(acts)), [None for _ in acts]

    def run(number: int) -> None:
        barrier.wait()
        given[number] = acts[number]()  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(given)


@pytest.mark.parametrize("proof", ARRIVALS)
@pytest.mark.parametrize("kind", [PERSONAL, OFFICIAL], ids=["personal", "official"])
def test_proof_of_arrival_settles_what_is_uncertain(app: Flask, proof: Proof, kind: MailKind) -> None:
    mail_id = _mail(app, MailState.UNCERTAIN, kind)
    uncertain_since = _row(app, mail_id).finished_at
    clock.advance(hours=1)
    assert _prove(app, mail_id, proof, "2.0.0")
    row = _row(app, mail_id)
    assert (row.state, row.trouble, row.finished_at) == (MailState.ACCEPTED, None, uncertain_since)


@pytest.mark.parametrize("before", [MailState.ACCEPTED, MailState.UNCERTAIN])
@pytest.mark.parametrize(
    ("proof", "status", "words", "trouble"),
    [
        (Proof.BOUNCED_HARD, "5.1.1", "550 no mailbox here by that name", Trouble.NO_SUCH_ADDRESS),
        (Proof.BOUNCED_SOFT, "4.2.2", "over quota for five days", Trouble.MAILBOX_FULL),
        (Proof.BOUNCED_HARD, "5.2.2", "no room", Trouble.MAILBOX_FULL),
        (Proof.BOUNCED_HARD, "5.7.1", "554 rejected", Trouble.BLOCKED),
        (Proof.BOUNCED_HARD, "5.3.4", "552 no", Trouble.TOO_LARGE),
        (Proof.BOUNCED_HARD, "5.2.3", "552 no", Trouble.TOO_LARGE),
        (Proof.BOUNCED_HARD, "5.0.0", "550 User unknown", Trouble.NO_SUCH_ADDRESS),
        (Proof.BOUNCED_SOFT, "4.4.1", "connection timed out", Trouble.UNREACHABLE),
        (Proof.BOUNCED_HARD, "", "", Trouble.REFUSED),
    ],
)
def test_bounce_says_that_this_copy_will_not_arrive(
    app: Flask, before: MailState, proof: Proof, status: str, words: str, trouble: Trouble
) -> None:
    mail_id = _mail(app, before)
    assert _prove(app, mail_id, proof, status, words=words)
    row = _row(app, mail_id)
    assert (row.state, row.trouble) == (MailState.BOUNCED, trouble)
    with _writing(app) as session:
        (entry,) = history_of(session, mail_id)
    assert (entry.actor, entry.action) == ("system", "mail.proven")
    assert entry.detail == {"proof": proof.value, "status": status}


def test_delay_is_evidence_only(app: Flask) -> None:
    for state in (MailState.UNCERTAIN, MailState.ACCEPTED):
        mail_id = _mail(app, state)
        _prove(app, mail_id, Proof.DELAYED, "4.4.7", source=state.value)
        assert _row(app, mail_id).state is state


@pytest.mark.parametrize(
    "state", [MailState.REFUSED, MailState.DROPPED, MailState.BOUNCED, MailState.HANDING_OVER, MailState.CLAIMED]
)
@pytest.mark.parametrize("proof", [Proof.DELIVERED, Proof.BOUNCED_HARD])
def test_what_has_another_end_keeps_it_and_the_evidence(app: Flask, state: MailState, proof: Proof) -> None:
    mail_id = _mail(app, state)
    assert _prove(app, mail_id, proof, "5.1.1")
    assert _row(app, mail_id).state is state
    with _writing(app) as session:
        assert [found.proof for found in evidence_of(session, mail_id)] == [proof]


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.DEFERRED])
def test_second_personal_try_is_spared_by_proof_of_the_first(app: Flask, state: MailState) -> None:
    mail_id = _mail(app, state, PERSONAL)
    _prove(app, mail_id, Proof.DELIVERED)
    row = _row(app, mail_id)
    assert row.state is MailState.ACCEPTED
    assert row.finished_at is not None


def test_first_try_still_goes(app: Flask) -> None:
    mail_id = _mail(app, MailState.QUEUED, PERSONAL, handovers=0)
    _prove(app, mail_id, Proof.DELIVERED)
    assert _row(app, mail_id).state is MailState.QUEUED


def test_official_mail_that_a_person_sends_again_goes(app: Flask) -> None:
    mail_id = _mail(app, MailState.UNCERTAIN)
    with _writing(app) as session:
        assert rule_uncertain(session, mail_id, arrived=False)
    assert _prove(app, mail_id, Proof.DELIVERED)
    assert _row(app, mail_id).state is MailState.QUEUED


def test_same_source_counts_once(either_app: Flask) -> None:
    mail_id = _mail(either_app, MailState.UNCERTAIN)
    assert _prove(either_app, mail_id, Proof.DELIVERED)
    assert not _prove(either_app, mail_id, Proof.BOUNCED_HARD, "5.1.1")
    assert _row(either_app, mail_id).state is MailState.ACCEPTED
    assert _prove(either_app, mail_id, Proof.BOUNCED_HARD, "5.1.1", source="report-2")
    assert _row(either_app, mail_id).state is MailState.BOUNCED


def test_mail_that_is_gone_has_no_evidence(app: Flask) -> None:
    assert not _prove(app, "nothing", Proof.DELIVERED)


def test_evidence_reads_back_and_is_sealed(app: Flask) -> None:
    mail_id, other = _mail(app, MailState.ACCEPTED), _mail(app, MailState.ACCEPTED, PERSONAL)
    words = "550 5.1.1 <minister@ministry.example.org>: " + "ы" * 3000
    _prove(app, mail_id, Proof.DELAYED, "4.4.7", words="still trying")
    clock.advance(minutes=1)
    _prove(app, mail_id, Proof.BOUNCED_HARD, "5.1.1-and-far-too-long", source="log", words=words)
    with _writing(app) as session:
        found = evidence_of_many(session, [mail_id, other])
        raw = session.scalars(select(MailEvidence.words_sealed)).all()
    assert [(one.proof, one.source) for one in found[mail_id]] == [
        (Proof.DELAYED, "report-1"), (Proof.BOUNCED_HARD, "log"),
    ]  # fmt: skip
    assert found[mail_id][1].words == words[:2000]
    assert len(found[mail_id][1].status) == 16
    assert found[other] == []
    assert not any(b"minister" in sealed for sealed in raw)


def test_proof_that_came_during_the_hand_over_is_caught_up_with(either_app: Flask) -> None:
    dead, bounced = _mail(either_app, MailState.HANDING_OVER), _mail(either_app, MailState.HANDING_OVER, PERSONAL)
    _prove(either_app, dead, Proof.DELIVERED)
    _prove(either_app, bounced, Proof.BOUNCED_HARD, "5.1.1")
    with _writing(either_app) as session:
        assert settle_known(session) == 0
        session.execute(update(Mail).where(Mail.public_id == dead).values(state=MailState.UNCERTAIN))
        session.execute(update(Mail).where(Mail.public_id == bounced).values(state=MailState.ACCEPTED))
    with _writing(either_app) as session:
        assert settle_known(session) == 2
        assert settle_known(session) == 0
    assert _row(either_app, dead).state is MailState.ACCEPTED
    assert _row(either_app, bounced).state is MailState.BOUNCED


def test_bounce_of_an_earlier_copy_settles_no_later_one(app: Flask) -> None:
    mail_id = _mail(app, MailState.ACCEPTED)
    _prove(app, mail_id, Proof.BOUNCED_SOFT, "4.2.2")
    clock.advance(seconds=timedelta(minutes=5).total_seconds())
    with _writing(app) as session:
        session.execute(update(Mail).values(state=MailState.UNCERTAIN, due_at=clock.now()))
    with _writing(app) as session:
        assert settle_known(session) == 0
    assert _row(app, mail_id).state is MailState.UNCERTAIN


def test_many_proofs_at_once_are_one(either_app: Flask) -> None:
    mail_id = _mail(either_app, MailState.UNCERTAIN)
    known = _at_once([lambda: _prove(either_app, mail_id, Proof.DELIVERED)] * 6)
    assert sorted(known, key=bool) == [False] * 5 + [True]
    with _writing(either_app) as session:
        assert session.scalar(select(func.count()).select_from(MailEvidence)) == 1
        assert len(history_of(session, mail_id)) == 1


def test_ruling_and_proof_at_once_decide_once(either_app: Flask) -> None:
    def rule() -> bool:
        with _writing(either_app) as session:
            return rule_uncertain(session, mail_id, arrived=False)

    for occasion in range(5):
        mail_id = _mail(either_app, MailState.UNCERTAIN)
        prove = partial(_prove, either_app, mail_id, Proof.DELIVERED, source=str(occasion))
        ruled, new = _at_once([rule, prove])
        assert new
        with _writing(either_app) as session:
            state = fates_of(session, [mail_id])[mail_id].state
        assert state is (MailState.QUEUED if ruled else MailState.ACCEPTED)


def test_proof_and_worker_settle_at_once(either_app: Flask) -> None:
    """Whichever comes first, the bounce is what stays, now or when it is caught up with."""

    def settle() -> None:
        with _writing(either_app) as session:
            session.execute(
                update(Mail)
                .where(Mail.public_id == mail_id, Mail.state == MailState.HANDING_OVER)
                .values(state=MailState.ACCEPTED, finished_at=clock.now())
            )

    for occasion in range(5):
        mail_id = _mail(either_app, MailState.HANDING_OVER)
        _at_once([settle, partial(_prove, either_app, mail_id, Proof.BOUNCED_HARD, "5.1.1", str(occasion))])
        with _writing(either_app) as session:
            settle_known(session)
        assert _row(either_app, mail_id).state is MailState.BOUNCED
