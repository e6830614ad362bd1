"""Many at once: one signature, one receipt, and never a signature after closing or cancelling."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.base.parts import parts_of
from app.invitations import actions as invitations
from app.invitations.answering import LEAST_ROOMS
from app.invitations.queries import invitation as one_invitation
from app.invitations.states import Answer, InvitationStage, SignatoryHasSigned
from app.statements.actions import close_statement
from app.statements.models import Statement
from app.statements.states import StatementState
from tests.signatures.scene import Invited, invite

POSTS = 50
ROUNDS = 4


def _at_once(*deeds: Callable[[], object]) -> list[object]:
    """Run deeds in threads that start together; return what each returned or raised, in their order."""
    results: list[object] = [None] * len(deeds)
    gate = threading.Barrier(len(deeds))

    def run(place: int, deed: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = deed()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _post(guest: Invited, **fields: str) -> Callable[[], int]:
    form = {**guest.form(), **fields}
    return lambda: guest.app.test_client().post(guest.url, data=form).status_code


def _sign(guest: Invited) -> Callable[[], int]:
    return _post(guest, choice="sign", visibility="public", name="Halyna")


def _cancel(guest: Invited) -> Callable[[], object]:
    def cancel(session: Session, actor: str, statement: Statement) -> None:
        invitations.cancel(session, actor, statement, guest.invitation)

    return _organise(guest, cancel)


def _organise(guest: Invited, deed: Callable[..., object]) -> Callable[[], object]:
    def act() -> object:
        with guest.app.app_context(), parts_of(guest.app).database.writing() as session:
            return deed(session, "test", session.get_one(Statement, guest.statement_id))

    return act


def test_fifty_posts_of_one_invitation_make_one_signature_and_one_receipt(either_app: Flask) -> None:
    guest = invite(either_app)
    statuses = _at_once(*[_sign(guest)] * POSTS)
    assert statuses == [303] * POSTS
    assert len(guest.signatures()) == 1
    assert guest.mails("receipt") == 1
    assert guest.reply().answer is Answer.SIGNED


def test_signing_and_declining_at_once_leave_one_answer_that_fits_the_signatures(either_app: Flask) -> None:
    for _ in range(ROUNDS):
        guest = invite(either_app)
        _at_once(_sign(guest), _post(guest, choice="decline"))
        # If you sign first, you stay signed; if you decline first, you may still sign.
        assert (guest.reply().answer, len(guest.signatures())) == (Answer.SIGNED, 1)


def test_signing_against_closing_never_signs_a_closed_statement(either_app: Flask) -> None:
    for _ in range(ROUNDS):
        guest = invite(either_app)
        _at_once(_sign(guest), _organise(guest, close_statement))
        with either_app.app_context(), parts_of(either_app).database.reading() as session:
            statement = session.get_one(Statement, guest.statement_id)
            assert statement.state is StatementState.CLOSED
            assert statement.closed_at is not None
            assert all(signed.signed_at <= statement.closed_at for signed in guest.signatures())


def test_signing_against_cancelling_ends_in_one_of_the_two(either_app: Flask) -> None:
    for _ in range(ROUNDS):
        guest = invite(either_app)
        _signed, cancelled = _at_once(_sign(guest), _cancel(guest))
        with either_app.app_context(), parts_of(either_app).database.reading() as session:
            asked = one_invitation(session, guest.statement_id, guest.invitation)
        if guest.signatures():
            assert isinstance(cancelled, SignatoryHasSigned)
            assert asked.stage is InvitationStage.ASKED
        else:
            assert asked.stage is InvitationStage.CANCELLED


def test_many_people_sign_at_once_while_others_are_asked(either_app: Flask) -> None:
    guests = [invite(either_app)]
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        statement = session.get_one(Statement, guests[0].statement_id)
    guests += [invite(either_app, statement) for _ in range(9)]
    deeds: list[Callable[[], object]] = [_sign(guest) for guest in guests]
    deeds += [lambda: invite(either_app, statement) for _ in range(4)]
    results = _at_once(*deeds)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert results[:10] == [303] * 10
    assert len(guests[0].signatures()) == 10


def test_many_who_decline_at_once_each_have_room_for_their_own_words(either_app: Flask) -> None:
    """More than there is room for, so that some look for the last free one and some make more."""
    guests = [invite(either_app)]
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        statement = session.get_one(Statement, guests[0].statement_id)
    guests += [invite(either_app, statement) for _ in range(LEAST_ROOMS + 4)]
    deeds = [_post(guest, choice="decline", words=f"Reason {number}") for number, guest in enumerate(guests)]
    assert _at_once(*deeds) == [303] * len(guests)
    assert [guest.words() for guest in guests] == [f"Reason {number}" for number in range(len(guests))]


@pytest.mark.parametrize("verb", ["remind", "ask"])
def test_a_double_click_mails_once(either_app: Flask, verb: str) -> None:
    guest = invite(either_app)
    deed = getattr(invitations, verb)
    act = _organise(guest, lambda session, actor, statement: deed(session, actor, statement, [guest.invitation]))
    _at_once(act, act)
    assert guest.mails("reminder" if verb == "remind" else "invitation") == 1
