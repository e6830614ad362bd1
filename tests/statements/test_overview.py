"""How far each step has come."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.statements import actions, drafting, queries
from app.statements.models import Statement
from app.statements.overview import StepProgress, overview
from app.statements.readiness import OpeningStep
from app.statements.states import StatementKind
from tests.factories.campaigns import make_campaign
from tests.factories.statements import ACTOR, make_annex, make_statement


def progress(session: Session, statement: Statement) -> dict[OpeningStep, StepProgress]:
    found = overview(session, statement, queries.version_of(session, statement))
    return {task.step: task.progress for task in found.tasks}


def test_new_statement_has_everything_before_it(session: Session) -> None:
    campaign = make_campaign(session)
    statement = actions.create_statement(
        session, ACTOR, campaign, title="New", language="en", kind=StatementKind.STATEMENT
    )
    assert progress(session, statement) == {
        OpeningStep.TEXT: StepProgress.NOT_YET,
        OpeningStep.ADDRESSEES: StepProgress.NOT_YET,
        OpeningStep.DEMANDS: StepProgress.OPTIONAL,
        OpeningStep.ANNEXES: StepProgress.OPTIONAL,
        OpeningStep.LANGUAGES: StepProgress.COMPLETED,
        OpeningStep.SETTINGS: StepProgress.NOT_YET,
        OpeningStep.PREVIEW: StepProgress.CANNOT_START,
        OpeningStep.OPEN: StepProgress.CANNOT_START,
    }


def test_complete_statement_is_ready_to_open(session: Session) -> None:
    statement = make_statement(session, opened=False)
    make_annex(session, statement)
    found = progress(session, statement)
    assert found.pop(OpeningStep.OPEN) is StepProgress.READY
    assert found.pop(OpeningStep.PREVIEW) is StepProgress.READY
    assert set(found.values()) == {StepProgress.COMPLETED}


def test_unfinished_translation_keeps_the_languages_open(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "fa")
    found = progress(session, statement)
    assert (found[OpeningStep.LANGUAGES], found[OpeningStep.OPEN]) == (StepProgress.NOT_YET, StepProgress.CANNOT_START)


def test_every_progress_has_words(session: Session) -> None:
    assert all(each.label for each in StepProgress)
