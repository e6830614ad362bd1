"""Two windows of one person: what was kept is shown, and what was not recorded is said."""

from __future__ import annotations

import pytest
from flask import Flask

from app.base.parts import parts_of
from app.invitations.states import Answer
from app.signatures import actions, pages
from app.statements.actions import close_statement
from app.statements.models import Statement
from tests.signatures.scene import Invited, every_row, invite

SIGNS = {"choice": "sign", "visibility": "counted", "name": "Halyna"}
DECLINES = {"choice": "decline", "words": "They asked me at work."}
ASKS = {"choice": "ask change", "words": "Name the law."}


@pytest.fixture
def guest(app: Flask) -> Invited:
    return invite(app)


def _close(guest: Invited) -> None:
    with guest.app.app_context(), parts_of(guest.app).database.writing() as session:
        close_statement(session, "test", session.get_one(Statement, guest.statement_id))


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (DECLINES, "Your decline was not recorded"),
        (ASKS, "Your wish for a change was not recorded"),
        ({**SIGNS, "visibility": "public"}, "What you chose in this window was not recorded"),
    ],
)
def test_a_second_window_after_signing_is_told_what_was_kept(
    guest: Invited, second: dict[str, str], sentence: str
) -> None:
    window = guest.form()
    guest.client.post(guest.url, data={**window, **SIGNS})
    before = every_row(guest.app)
    answer = guest.client.post(guest.url, data={**window, **second})
    assert answer.status_code == 409
    assert sentence in answer.text
    assert "You had signed before" in answer.text
    assert "You have signed" in answer.text
    assert second.get("words", "") in answer.text  # nothing typed is lost
    assert every_row(guest.app) == before


def test_a_double_click_is_told_nothing_more_than_the_receipt(guest: Invited) -> None:
    window = guest.form()
    for _ in range(2):
        answer = guest.client.post(guest.url, data={**window, **SIGNS})
        assert answer.status_code == 303
    page = guest.client.get(guest.url).text
    assert "You have signed" in page
    assert "not recorded" not in page


@pytest.mark.parametrize(
    ("first", "said"), [(DECLINES, "In another window you had declined."), (ASKS, "you had asked for a change.")]
)
def test_a_second_window_that_signs_is_told_what_it_took_the_place_of(
    guest: Invited, first: dict[str, str], said: str
) -> None:
    window = guest.form()
    guest.client.post(guest.url, data={**window, **first})
    answer = guest.client.post(guest.url, data={**window, **SIGNS})
    assert answer.status_code == 200
    assert "Your later decision counts" in answer.text
    assert said in answer.text
    assert guest.reply().answer is Answer.SIGNED


def test_a_person_who_saw_their_decline_and_signs_after_all_just_gets_the_receipt(guest: Invited) -> None:
    guest.send(**DECLINES)
    assert guest.send(**SIGNS).status_code == 303


def test_an_old_window_that_signs_after_a_withdrawal_says_so(guest: Invited) -> None:
    window = guest.form()
    guest.client.post(guest.url, data={**window, **SIGNS})
    with guest.app.app_context(), parts_of(guest.app).database.writing() as session:
        actions.withdraw(session, guest.signatures()[0].public_id)
    answer = guest.client.post(guest.url, data={**window, **SIGNS})
    assert "In another window you had withdrawn your signature." in answer.text
    assert guest.reply().answer is Answer.SIGNED


def test_a_decline_that_meets_a_signature_at_the_lock_is_told_the_same(
    guest: Invited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both windows had looked before either was recorded; the signature was first at the lock."""
    window, other = guest.form(), guest.app.test_client()
    record = pages._record

    def overtaken(*arguments: object) -> Answer:
        monkeypatch.setattr(pages, "_record", record)
        assert other.post(guest.url, data={**window, **SIGNS}).status_code == 303
        return record(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pages, "_record", overtaken)
    answer = guest.client.post(guest.url, data={**window, **DECLINES})
    assert answer.status_code == 409
    assert "Your decline was not recorded" in answer.text
    assert guest.reply().answer is Answer.SIGNED


def test_what_comes_after_closing_is_said_to_be_too_late_and_what_was_kept(guest: Invited) -> None:
    window = guest.form()
    guest.client.post(guest.url, data={**window, **DECLINES})
    _close(guest)
    answer = guest.client.post(guest.url, data={**window, **ASKS})
    assert answer.status_code == 410
    assert "What you sent was not recorded" in answer.text
    assert "What you had answered before stays: “Declined”." in answer.text
    assert ASKS["words"] in answer.text


def test_a_first_decision_that_comes_too_late_is_said_not_to_be_recorded(guest: Invited) -> None:
    window = guest.form()
    _close(guest)
    answer = guest.client.post(guest.url, data={**window, **SIGNS})
    assert "You had not answered before, and that stays so." in answer.text
    assert guest.signatures() == []
