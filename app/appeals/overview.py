"""What the desk's page of an appeal shows: the assembly, its approvals by name, and what its visitor may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.appeals import queries
from app.appeals.desk import sees_letters
from app.appeals.frozen import changed_signatories
from app.appeals.histories import ToldHistory, told_histories
from app.appeals.manifest import is_unchanged
from app.appeals.models import Appeal, AppealState, DocumentAudience
from app.appeals.seconds import hurdle, standing_approvals, told_then, vouching_for
from app.appeals.stand_ins import StandIn, opened_stand_ins
from app.appeals.states import AppealStep, AppealWork
from app.background.long_works import Ordered, work_of
from app.background.waiting import Waiting, WorkLinks, waiting_for
from app.base.edge import url_to
from app.base.locales import gettext as _, page_language
from app.base.ports import ports_of
from app.base.signposts import way_to
from app.campaigns.states import Capability
from app.campaigns.vouching import ToldVouching, told
from app.statements.addressing import count_waiting
from app.statements.chosen import ChoiceShown, choices_shown
from app.statements.desk import DELIVERIES, RELEASE, Here, entered, here
from app.statements.models import Statement
from app.statements.states import StatementState

PURPOSE = "an organiser reads an appeal"


@dataclass(frozen=True)
class Given:
    """One approval by name, and whether it counts for the appeal as it is now."""

    name: str
    at: datetime
    note: str
    counts: bool
    told: ToldVouching | None


@dataclass(frozen=True)
class Second:
    """A member in a role that may approve, and what stands in the way of their being the second person."""

    name: str
    told: ToldVouching
    is_free: bool


@dataclass(frozen=True)
class AppealView:
    """One assembly as the desk shows it."""

    public_id: str
    number: int
    state: AppealState
    assembled_by: str
    assembled_at: datetime
    released_by: str
    released_at: datetime | None
    manifest_sha256: str
    documents: list[queries.DocumentRow]
    letters: list[queries.LetterRow]
    recipients: list[ToldHistory]
    groups: list[ChoiceShown]
    approvals: list[Given]
    changed_people: int
    is_unchanged: bool
    taken_back: int
    stand_ins: tuple[StandIn, ...]
    stand_ins_unlisted: int

    @property
    def is_waiting(self) -> bool:
        """Tell whether it has neither left nor been replaced."""
        return self.state in {AppealState.ASSEMBLED, AppealState.APPROVED}

    @property
    def is_reworded(self) -> bool:
        """Tell whether any letter keeps the words that an organiser gave it."""
        return any(letter.is_reworded for letter in self.letters)

    @property
    def is_outdated(self) -> bool:
        """Tell whether it must be assembled again before it can leave."""
        return self.is_waiting and (bool(self.changed_people) or not self.is_unchanged)

    @property
    def is_approved(self) -> bool:
        """Tell whether an approval counts for it now."""
        return any(given.counts for given in self.approvals)


@dataclass(frozen=True)
class DossierPage:
    """A statement's appeal and what its visitor may do about it."""

    here: Here
    appeal: AppealView | None
    is_closed: bool
    sees_letters: bool
    may_assemble: bool
    may_approve: bool
    in_the_way: str
    has_approved: bool
    seconds: list[Second]
    one_person: bool
    release_url: str
    deliveries_url: str
    waiting: int  # changes of recipients that the campaign has not decided about


@dataclass(frozen=True)
class WorkPage:
    """A statement's appeal while a worker makes something of it."""

    here: Here
    heading: str
    work: Waiting


def work_page(session: Session, statement: str) -> WorkPage | None:
    """Return how far the work on a statement's appeal has come; None where none is ordered. Raises as `entered`."""
    doer = entered(session, statement, Capability.VIEW)
    found = queries.latest_appeal(session, doer.statement.id)
    work = work_of(session, statement, AppealWork)
    if work is None and found is not None:
        work = work_of(session, found.public_id, AppealWork)
    if work is None:
        return None
    is_renewed = work.kind == AppealWork.RENEW
    heading = _("The public document is being renewed") if is_renewed else _("The appeal is being assembled")
    step = AppealStep(work.step).label if work.step else ""
    links = _work_links(work, statement, may_stop=doer.access.may(Capability.ASSEMBLE))
    return WorkPage(here(session, doer), heading, waiting_for(session, work, step, links))


def _work_links(work: Ordered, statement: str, *, may_stop: bool) -> WorkLinks:
    url = url_to("dossiers.show_dossier", statement=statement)
    if not may_stop:
        return WorkLinks(url)
    again = (
        url_to("dossiers.renew_copies", appeal=work.subject)
        if work.kind == AppealWork.RENEW
        else url_to("dossiers.assemble_dossier", statement=statement)
    )
    return WorkLinks(url, url_to("dossiers.stop_work", statement=statement), again)


def dossier_page(session: Session, statement: str) -> DossierPage:
    """Gather what the page of a statement's latest appeal shows; raises as `entered` does."""
    doer = entered(session, statement, Capability.VIEW)
    found = queries.latest_appeal(session, doer.statement.id)
    one_person = bool(ports_of(session).one_person)
    may_approve = doer.access.may(Capability.APPROVE)
    in_the_way = hurdle(session, found, doer.actor) if found is not None and may_approve and not one_person else None
    return DossierPage(
        here=here(session, doer),
        appeal=_view(session, found, sees_letters(doer)) if found is not None else None,
        is_closed=doer.statement.state is StatementState.CLOSED,
        sees_letters=sees_letters(doer),
        may_assemble=doer.access.may(Capability.ASSEMBLE),
        may_approve=may_approve,
        in_the_way=in_the_way.message if in_the_way else "",
        has_approved=found is not None and may_approve and _has_approved(session, found, doer.actor),
        seconds=_seconds(session, found) if found is not None and not one_person else [],
        one_person=one_person,
        release_url=way_to(RELEASE, found.public_id) if found is not None else "",
        deliveries_url=way_to(DELIVERIES, statement),
        waiting=count_waiting(session, doer.statement.id),
    )


def _has_approved(session: Session, found: Appeal, organiser: str) -> bool:
    return any(row.organiser == organiser for row in standing_approvals(session, found))


def _seconds(session: Session, found: Appeal) -> list[Second]:
    """Return who has a role that may approve, and whether each could be the second person now."""
    vouching = vouching_for(session, found)
    known = vouching.approvers
    named = {who for each in known.values() for who in each.named if who}
    names = names_of(session, named)
    return [
        Second(names.get(who, who), told(each, names), hurdle(session, found, who, vouching) is None)
        for who, each in known.items()
    ]


def _view(session: Session, found: Appeal, sees_all: bool) -> AppealView:
    waiting = found.state in {AppealState.ASSEMBLED, AppealState.APPROVED}
    released = found.state is AppealState.RELEASED
    changed = changed_signatories(session, found) if waiting else 0
    unchanged = is_unchanged(session, found, reading_bytes=False) if waiting else True
    given = queries.approvals_of(session, found.id)
    names = names_of(session, {found.assembled_by, found.released_by or "", *_named(given)})
    documents = queries.documents_of(session, found.id)
    letters = queries.letters_of(session, found.id, PURPOSE) if sees_all else []
    stand_ins = opened_stand_ins(session, found.public_id, found.stand_ins_sealed, PURPOSE)
    return AppealView(
        public_id=found.public_id,
        number=found.number,
        state=found.state,
        assembled_by=names.get(found.assembled_by, found.assembled_by),
        assembled_at=found.assembled_at,
        released_by=names.get(found.released_by or "", found.released_by or ""),
        released_at=found.released_at,
        manifest_sha256=found.manifest_sha256,
        documents=[row for row in documents if sees_all or row.audience is DocumentAudience.PUBLIC],
        letters=letters,
        recipients=told_histories(session, found, letters),
        groups=_groups(session, found) if sees_all else [],
        approvals=_given(session, found, given, names, counting=released or (unchanged and not changed)),
        changed_people=changed,
        is_unchanged=unchanged,
        taken_back=queries.public_names_taken_back(session, found.id) if released else 0,
        stand_ins=stand_ins.listed if sees_all else (),
        stand_ins_unlisted=stand_ins.number - (len(stand_ins.listed) if sees_all else 0),
    )


def _groups(session: Session, found: Appeal) -> list[ChoiceShown]:
    """Return the groups that the letters go by: whoever approves sees who is meant, and when that was settled."""
    campaign_id = session.scalars(select(Statement.campaign_id).where(Statement.id == found.statement_id)).one()
    return choices_shown(session, campaign_id, found.version_id, page_language())


def _given(
    session: Session, found: Appeal, given: list[queries.ApprovalRow], names: dict[str, str], *, counting: bool
) -> list[Given]:
    """Return the approvals by name; what was released keeps those that it was released with."""
    if found.state is AppealState.RELEASED:
        standing = {row.organiser for row in given if row.manifest_sha256 == found.manifest_sha256}
    else:
        standing = {row.organiser for row in standing_approvals(session, found)}
    return [
        Given(
            names.get(row.organiser, row.organiser), row.approved_at, row.note,
            counting and row.organiser in standing and row.manifest_sha256 == found.manifest_sha256,
            told_then(row.organiser, row.vouched, names),
        )
        for row in given
    ]  # fmt: skip


def _named(given: list[queries.ApprovalRow]) -> set[str]:
    """Return everybody whom the approvals name: who gave them, who let these in, who confirmed them."""
    return {who for row in given for who in (row.organiser, *row.stood_for_by) if who}
