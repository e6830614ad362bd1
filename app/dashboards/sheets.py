"""The lists that a statement's coordinators and viewers take with them: whom was asked, and who signed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.base.locales import lazy_gettext as _l
from app.base.moments import Moment
from app.campaigns.access import Access
from app.campaigns.states import Capability
from app.dashboards.people import chosen_by, every_line
from app.dashboards.signatories import SignatureLine, every_signatory
from app.dashboards.states import PeopleFilter
from app.exports.kinds import ExportAsked, ExportKind, ExportRows
from app.statements.models import Statement
from app.statements.queries import slug_of, statement_by_public_id
from app.statements.states import NoSuchStatement
from app.visibility.states import Audience

PEOPLE_HEADER = (
    "name", "kind", "email", "country", "language", "credential", "affiliation", "standing", "asked_at", "reminders",
    "answered_at", "words",
)  # fmt: skip
SIGNATORIES_HEADER = ("name", "kind", "public_line", "country", "is_pseudonym", "signed_on", "time_zone")
COORDINATORS_HEADER = ("visibility", "pseudonym", "language", "signed_at", "statement_sha256")


def people_rows(session: Session, access: Access, asked: ExportAsked) -> ExportRows:
    """Return those asked whom a filter lets through, with addresses."""
    statement = _statement(session, access, asked)
    wanted = PeopleFilter.named(asked.arguments)
    return ExportRows(
        f"people-{slug_of(session, statement)}.csv", PEOPLE_HEADER, _people(session, statement.id, wanted)
    )


def signatory_rows(session: Session, access: Access, asked: ExportAsked) -> ExportRows:
    """Return the signatories: to coordinators with everything, to others as they may see it."""
    statement = _statement(session, access, asked)
    sees_all = access.audience is Audience.COORDINATOR
    rows = (
        _public_cells(line, statement.zone) + (_coordinator_cells(line) if sees_all else [])
        for line in every_signatory(session, statement.id, access.audience)
    )
    header = SIGNATORIES_HEADER + (COORDINATORS_HEADER if sees_all else ())
    return ExportRows(f"signatories-{slug_of(session, statement)}.csv", header, rows)


PEOPLE = ExportKind(
    endpoint="dashboards.export_people", name="people", label=_l("People who were invited"),
    capability=Capability.SEE_PEOPLE, make=people_rows,
)  # fmt: skip
SIGNATORIES = ExportKind(
    endpoint="dashboards.export_signatories", name="signatories", label=_l("Signatories of the statement"),
    capability=Capability.VIEW, make=signatory_rows,
)  # fmt: skip


def _statement(session: Session, access: Access, asked: ExportAsked) -> Statement:
    found = statement_by_public_id(session, asked.subject)
    if found.campaign_id != access.campaign.id:
        raise NoSuchStatement
    return found


def _people(session: Session, statement_id: int, wanted: PeopleFilter) -> Iterator[tuple[object, ...]]:
    for line in every_line(session, chosen_by(session, statement_id, wanted)):
        yield (
            line.details.name, line.kind.value, line.details.email, line.details.country, line.details.language,
            line.details.credential, line.details.affiliation, line.invited.standing.value,
            line.asked_at.isoformat() if line.asked_at else "", len(line.reply.reminders),
            line.reply.at.isoformat() if line.reply.at else "", line.words,
        )  # fmt: skip


def _public_cells(line: SignatureLine, zone: str) -> list[str]:
    """Return what readers of a line are told: the day, since a time and a language could undo a pseudonym."""
    is_pseudonym = "yes" if line.is_pseudonym else "no"
    day = Moment(line.signed_at, zone).on.isoformat()
    return [line.name, line.kind.value, line.public_line, line.country, is_pseudonym, day, zone]


def _coordinator_cells(line: SignatureLine) -> list[str]:
    at = line.signed_at.isoformat()
    return [line.visibility.value, line.pseudonym, line.language, at, line.version_sha256]
