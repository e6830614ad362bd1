"""What a draft lacks, and that nothing is lacking when it is complete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.base import clock
from app.statements import drafting, queries
from app.statements.drafting import DraftText
from app.statements.models import Statement
from app.statements.readiness import Lack, OpeningStep, lacks_of
from tests.factories.statements import ACTOR, make_statement

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def lacks(session: Session, statement: Statement) -> list[Lack]:
    return lacks_of(session, statement, queries.version_of(session, statement))


def test_complete_draft_lacks_nothing(session: Session) -> None:
    assert lacks(session, make_statement(session, opened=False)) == []


def test_demands_and_annexes_are_optional(session: Session) -> None:
    assert lacks(session, make_statement(session, opened=False, demands=())) == []


def test_translation_must_have_a_text(session: Session) -> None:
    statement = make_statement(session, opened=False, demands=())
    drafting.add_language(session, ACTOR, statement, "uk")
    found = lacks(session, statement)
    assert {(lack.step, lack.language) for lack in found} == {(OpeningStep.LANGUAGES, "uk")}
    assert "The Українська text has no title." in found[0].message


def test_every_language_numbers_the_same_demands(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "uk")
    drafting.save_draft(session, ACTOR, statement, "uk", DraftText("Назва", "", "Текст", ("Одна.",)), 1)
    (lack,) = lacks(session, statement)
    assert lack.message == "The Українська text has 1 demand, the English text 2. Make them the same."


def test_statement_without_addressee_is_not_ready(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.set_addressees(session, ACTOR, statement, [])
    assert [lack.step for lack in lacks(session, statement)] == [OpeningStep.ADDRESSEES]


def test_deadline_that_passed_while_drafting_is_named(session: Session) -> None:
    clock.freeze(NOON)
    statement = make_statement(session, opened=False, deadline_at=NOON + timedelta(hours=1))
    clock.advance(hours=2)
    (lack,) = lacks(session, statement)
    assert (lack.step, "deadline has passed" in lack.message) == (OpeningStep.SETTINGS, True)
