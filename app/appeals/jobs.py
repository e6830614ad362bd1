"""What a worker does about appeals: it assembles what was ordered, and sets public copies anew."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from app.appeals.actions import assemble, check_role
from app.appeals.dossier import check_basis, prepare_dossier
from app.appeals.printing import Told
from app.appeals.public_copies import prepare_public_copies, renew_public_copies
from app.appeals.queries import appeal
from app.appeals.states import AppealStep, AppealWork
from app.background.calendar import Job
from app.background.long_works import Ordered, Portion, finish_work, has_work, tell_progress, work_off
from app.background.pacing import WorkPace
from app.base.database import Database
from app.campaigns.states import Capability
from app.statements.queries import statement_by_id, statement_by_public_id

EVERY_SECONDS = 1


def work_on_appeals(app: Flask) -> None:
    """Work off what was ordered; each is written in one transaction, so a kill leaves nothing half done."""
    work_off(app, PORTIONS)


def assemble_ordered(database: Database, work: Ordered, _pace: WorkPace) -> bool:
    """Set a statement's dossier, and freeze it together with the end of the order; begins anew after a kill."""
    tell = _teller(database, work)
    basis = work.asked.get("basis", "")
    with database.reading() as session:
        statement = statement_by_public_id(session, work.subject)
        check_basis(session, statement, basis)
        dossier = prepare_dossier(session, statement, tell)
    with database.writing() as session:
        finish_work(session, work)
        statement = statement_by_public_id(session, work.subject)
        session.refresh(statement, with_for_update=True)
        check_basis(session, statement, basis)
        assemble(session, work.ordered_by, statement, dossier)
    return False


def renew_ordered(database: Database, work: Ordered, _pace: WorkPace) -> bool:
    """Set the public PDFs of an appeal anew, and put them in the place of the old ones with the end of the order."""
    tell = _teller(database, work)
    with database.reading() as session:
        found = appeal(session, work.subject)
        copies = prepare_public_copies(session, statement_by_id(session, found.statement_id), found, tell)
    with database.writing() as session:
        finish_work(session, work)
        found = appeal(session, work.subject)
        check_role(session, found.statement_id, work.ordered_by, Capability.ASSEMBLE)
        statement = statement_by_id(session, found.statement_id)
        renew_public_copies(session, work.ordered_by, statement, found, copies)
    return False


def is_appeal_wanted(session: Session) -> bool:
    """Tell whether anything was ordered."""
    return has_work(session, AppealWork)


def _teller(database: Database, work: Ordered) -> Told:
    """Say that it begins, and return what tells each document that is made; all is lost with a failure."""

    def tell(number: int) -> None:
        step = AppealStep.FREEZE if number >= work.expected else AppealStep.SET
        with database.writing() as session:
            tell_progress(session, work, step, number, is_lasting=False)

    with database.writing() as session:
        tell_progress(session, work, AppealStep.READ, 0, is_lasting=False)
    return tell


PORTIONS: dict[str, Portion] = {AppealWork.ASSEMBLE: assemble_ordered, AppealWork.RENEW: renew_ordered}
JOBS = (Job("work on appeals", EVERY_SECONDS, work_on_appeals, is_long=True, is_wanted=is_appeal_wanted),)
