"""Order what a worker makes of an appeal, and take an order back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.appeals.actions import check_role
from app.appeals.dossier import basis_of, check_assembly
from app.appeals.models import Appeal, AppealState
from app.appeals.queries import latest_appeal, public_names_taken_back, released_appeal
from app.appeals.states import AlreadyReleased, AppealWork, NoPublicDocument
from app.background.long_works import drop_work, order_work
from app.campaigns.states import Capability
from app.statements.models import Statement
from app.statements.queries import languages_of


def order_assembly(session: Session, actor: str, statement: Statement, seen: str | None = None) -> None:
    """Order an assembly; what is ordered already goes on.

    `seen` is the number of the assembly that the organiser had before them, 0 for none: where another has come
    since, such as by a second click, nothing is ordered. Raises RoleTooNarrow, AlreadyReleased, and as
    `check_assembly` does.
    """
    check_role(session, statement.id, actor, Capability.ASSEMBLE)
    if released_appeal(session, statement.id) is not None:
        raise AlreadyReleased
    expected = check_assembly(session, statement)
    latest = latest_appeal(session, statement.id)
    if seen is None or seen == str(latest.number if latest is not None else 0):
        order_work(
            session, AppealWork.ASSEMBLE, statement.public_id, actor, expected, {"basis": basis_of(session, statement)}
        )


def order_public_copies(session: Session, actor: str, appeal: Appeal) -> None:
    """Order the public PDFs anew where somebody named in them took their name back; raises NoPublicDocument."""
    if appeal.state is not AppealState.RELEASED:
        raise NoPublicDocument
    if public_names_taken_back(session, appeal.id):
        languages = len(languages_of(session, appeal.version_id))
        order_work(session, AppealWork.RENEW, appeal.public_id, actor, languages)


def stop_work(session: Session, statement: Statement) -> bool:
    """Take back what was ordered about a statement's appeal; tell whether anything still was, or a worker came first.

    What was begun of it is left.
    """
    latest = latest_appeal(session, statement.id)
    subjects = [statement.public_id, *([latest.public_id] if latest is not None else [])]
    dropped = [drop_work(session, subject, AppealWork) for subject in subjects]
    return any(dropped)
