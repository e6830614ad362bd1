"""Preparing, asking and reminding in masses, and what the answers may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.base import clock
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.actions import add_signatories
from app.directory.models import Signatory
from app.directory.states import Details, NewEntry
from app.invitations import actions, answering
from app.invitations.models import AnswerRecord, AnswerSpares, AnswerWords, Invitation
from app.invitations.queries import answers_of, ready_to_ask, ready_to_remind, words_of
from app.invitations.states import LONGEST_WORDS, MOST_REMINDERS, Answer, InvitationAnswer, NothingToSend, NotOpen
from app.mail.models import Mail
from app.statements.models import Statement
from tests.factories.invitations import make_invitation
from tests.factories.statements import make_statement

MANY = 1200


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = parts_of(app).database.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _crowd(session: Session) -> tuple[Statement, list[int]]:
    statement = make_statement(session)
    campaign = session.get_one(Campaign, statement.campaign_id)
    entries = [NewEntry(Details(f"Person {n}", email=f"person{n}@example.net")) for n in range(MANY)]
    add_signatories(session, campaign, "test", entries)
    return statement, list(session.scalars(select(Signatory.id)))


def test_a_crowd_is_prepared_asked_and_reminded_in_few_statements(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement, everybody = _crowd(session)
        before = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        with _statements(either_app) as seen:
            assert actions.prepare(session, "test", statement, everybody) == MANY
            assert actions.ask(session, "test", statement, ready_to_ask(session, statement.id)) == MANY
            assert actions.remind(session, "test", statement, ready_to_remind(session, statement.id)) == MANY
        assert len(seen) < 70
        audited = (session.scalar(select(func.count()).select_from(AuditEntry)) or 0) - before
        assert audited == 3 * MANY
        assert session.scalar(select(func.count()).select_from(Mail)) == 2 * MANY
        answers = answers_of(session, statement.id)
        assert sum(bool(reply.reminders) for reply in answers.values()) == MANY
        assert len(answers) == MANY


def test_preparing_twice_prepares_once_and_brings_the_cancelled_back_with_a_new_link(session: Session) -> None:
    invitation = make_invitation(session, cancelled=True)
    statement = session.get_one(Statement, invitation.statement_id)
    assert actions.prepare(session, "test", statement, [invitation.signatory_id] * 2) == 1
    assert actions.prepare(session, "test", statement, [invitation.signatory_id]) == 0
    session.refresh(invitation)
    assert (invitation.stage, invitation.link_generation, invitation.asked_at) == ("prepared", 2, None)
    assert session.scalar(select(func.count()).select_from(AnswerRecord)) == 1 + answering.SPARES


def test_a_draft_asks_nobody(session: Session) -> None:
    statement = make_statement(session, opened=False)
    invitation = make_invitation(session, statement, asked=False)
    with pytest.raises(NotOpen):
        actions.ask(session, "test", statement, [invitation.public_id])


def test_a_person_who_has_no_address_stays_prepared(session: Session) -> None:
    invitation = make_invitation(session, email="")
    assert invitation.stage == "prepared"
    statement = session.get_one(Statement, invitation.statement_id)
    assert ready_to_ask(session, statement.id) == []


def test_nobody_is_reminded_twice_a_day_nor_more_than_four_times(session: Session) -> None:
    clock.freeze(datetime(2026, 5, 1, 8, tzinfo=UTC))
    invitation = make_invitation(session)
    statement = session.get_one(Statement, invitation.statement_id)
    for _ in range(MOST_REMINDERS):
        assert actions.remind(session, "test", statement, [invitation.public_id]) == 1
        clock.advance(hours=11)
        with pytest.raises(NothingToSend):
            actions.remind(session, "test", statement, [invitation.public_id])
        clock.advance(hours=13)
    with pytest.raises(NothingToSend):
        actions.remind(session, "test", statement, [invitation.public_id])


@pytest.mark.parametrize("character", ["a", "я", "字", "𒀀", '"', "\n"])
def test_the_longest_words_fit_the_envelopes(session: Session, character: str) -> None:
    """If they did not, an envelope would grow by its padding and tell that somebody wrote at length."""
    invitation = make_invitation(session)
    at = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    lengths = _lengths(session)
    assert [len(each) for each in lengths] == [1, 1]
    held = InvitationAnswer(Answer.CHANGE_ASKED, at, is_left_in_peace=False)
    answering.record_answer(session, invitation.public_id, held, character * LONGEST_WORDS)
    assert words_of(session, invitation.public_id) == character * LONGEST_WORDS
    assert _lengths(session) == lengths


def _lengths(session: Session) -> tuple[set[int], set[int]]:
    session.expire_all()
    answers, words = session.scalars(select(AnswerRecord)).all(), session.scalars(select(AnswerWords)).all()
    return {len(one.answer_sealed) for one in answers}, {len(one.words_sealed) for one in words}


def _decline(session: Session, invitation: Invitation, words: str) -> str:
    held = answering.hold_answer(session, invitation.public_id)
    answered = replace(held, answer=Answer.DECLINED, at=clock.now())
    answering.record_answer(session, invitation.public_id, answered, words)
    return answering.hold_answer(session, invitation.public_id).words


def _rooms(session: Session) -> dict[bytes, bytes]:
    return dict(session.execute(select(AnswerWords.words_key, AnswerWords.words_sealed)).all())


def test_each_decline_writes_one_row_for_words_and_the_same_one_again(session: Session) -> None:
    """With words and without, for the first time and again: what is written tells nothing of what was said."""
    invitations = [make_invitation(session) for _ in range(3)]
    written: list[list[set[bytes]]] = []
    for invitation, said in zip(invitations, ("At length. " * 50, "No.", ""), strict=True):
        written.append([])
        for words in (said, "Something else.", ""):
            before = _rooms(session)
            at = _decline(session, invitation, words)
            after = _rooms(session)
            assert words_of(session, invitation.public_id) == words
            assert before.keys() == after.keys()
            written[-1].append({key for key in after if after[key] != before[key]})
            assert written[-1][-1] == {bytes.fromhex(at)}
        assert written[-1][0] == written[-1][1] == written[-1][2]
    assert len(set.union(*(each[0] for each in written))) == 3, "nobody's words take the place of another's"


def test_more_room_for_words_is_made_by_the_number_of_declines_and_not_by_their_words(session: Session) -> None:
    statement = make_statement(session)
    first = len(_rooms(session))
    for number in range(answering.LEAST_ROOMS * 2):
        invitation = make_invitation(session, statement)
        made = len(_rooms(session))
        _decline(session, invitation, "" if number % 2 else f"Reason {number}")
        assert words_of(session, invitation.public_id) == ("" if number % 2 else f"Reason {number}")
        assert len(_rooms(session)) in {made, made + answering.LEAST_ROOMS}
    assert len(_rooms(session)) > first
    assert all(len(each) == 1 for each in _lengths(session))


def test_an_answer_leaves_the_invitations_row_alone(session: Session) -> None:
    invitation = make_invitation(session)
    before = session.execute(select(Invitation.__table__)).one()
    held = answering.hold_answer(session, invitation.public_id)
    answering.record_answer(
        session, invitation.public_id, replace(held, answer=Answer.DECLINED, at=clock.now()), "Because."
    )
    assert session.execute(select(Invitation.__table__)).one() == before


def test_who_is_invited_takes_an_answer_that_was_made_before(session: Session) -> None:
    """Answers are made many at a time, and not again before they are used up; those left fit one envelope."""
    statement = make_statement(session)
    for _ in range(answering.SPARES + 2):
        make_invitation(session, statement, asked=False)
    assert session.scalar(select(func.count()).select_from(AnswerRecord)) == 2 * (answering.SPARES + 1)
    assert {len(one.spares_sealed) for one in session.scalars(select(AnswerSpares))} == {1024 + 29}


def test_reminders_that_an_answer_holds_still_count(session: Session) -> None:
    """They stood there before they had a table of their own."""
    clock.freeze(datetime(2026, 5, 1, 8, tzinfo=UTC))
    invitation = make_invitation(session)
    statement = session.get_one(Statement, invitation.statement_id)
    kept = ((clock.now(), "m" * 20),)
    answering.record_answer(session, invitation.public_id, InvitationAnswer(reminders=kept))
    with pytest.raises(NothingToSend):
        actions.remind(session, "test", statement, [invitation.public_id])
    clock.advance(hours=13)
    assert actions.remind(session, "test", statement, [invitation.public_id]) == 1
    assert answers_of(session, statement.id)[invitation.public_id].reminders[:1] == kept
    assert len(answers_of(session, statement.id)[invitation.public_id].reminders) == 2
