"""What the organiser's first page and a campaign's overview show: statements with their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.models import Appeal, AppealLetter, AppealState, Approval
from app.base import clock
from app.base.locales import InOneLanguage
from app.base.moments import Moment, moment_of
from app.base.ports import ports_of
from app.campaigns.models import CAUSE_WORDS, Campaign, CampaignText, Membership
from app.campaigns.states import Role
from app.counts.queries import totals_of_many
from app.dashboards.remembered import Remembered
from app.invitations.states import InvitationStage
from app.statements.models import Statement, Version, VersionText
from app.statements.queries import TITLE_COLUMNS, title_of_text
from app.statements.states import StatementKind, StatementState

MOST_CAMPAIGNS = 200
MOST_STATEMENTS = 500


@dataclass(frozen=True)
class CampaignLine(InOneLanguage):
    """A campaign of an organiser, with the role they have in it."""

    id: int
    public_id: str
    title: str
    language: str
    role: Role


@dataclass(frozen=True)
class LatestAppeal:
    """A statement's latest appeal, and whether it still lacks an approval that the person looking could give."""

    public_id: str
    state: AppealState
    may_get_my_approval: bool


@dataclass(frozen=True)
class StatementLine(InOneLanguage):
    """A statement with its numbers."""

    id: int
    public_id: str
    campaign_id: int
    title: str
    language: str
    kind: StatementKind
    state: StatementState
    deadline_at: datetime | None
    zone: str
    goal: int | None
    signed: int
    invited: int
    asked: int
    appeal: LatestAppeal | None

    @property
    def deadline(self) -> Moment | None:
        """Until when it can be signed, at its place."""
        return moment_of(self.deadline_at, self.zone)

    @property
    def is_overdue(self) -> bool:
        """Tell whether the deadline is over and nobody has closed the statement."""
        return self.state is StatementState.OPEN and self.deadline_at is not None and self.deadline_at <= clock.now()


def campaigns_of(session: Session, organiser_id: int) -> list[CampaignLine]:
    """Return the campaigns that an organiser works on, the newest first."""
    rows = session.execute(
        select(Campaign.id, Campaign.public_id, CampaignText, Campaign.language, Membership.role)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .join(CampaignText, (CampaignText.campaign_id == Campaign.id) & (CampaignText.language == Campaign.language))
        .where(Membership.organiser_id == organiser_id)
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .limit(MOST_CAMPAIGNS)
    )
    return [
        CampaignLine(
            row.id, row.public_id, CAUSE_WORDS.read(session, row.CampaignText)["title"], row.language, row.role
        )
        for row in rows
    ]


def statements_of(
    session: Session, campaign_ids: Sequence[int], organiser: str, remembered: Remembered | None = None
) -> dict[int, list[StatementLine]]:
    """Return the statements of some campaigns with their numbers, newest first, by the campaign's row id."""
    rows = session.execute(_statements(campaign_ids)).all()
    ids = [row.id for row in rows]
    totals, appeals = totals_of_many(session, ids), _appeals(session, ids, organiser)
    stages = (remembered or Remembered()).stages(session, ids) if ids else {}
    found: dict[int, list[StatementLine]] = defaultdict(list)
    for row in rows:
        by_stage = stages.get(row.id, {})
        asked = by_stage.get(InvitationStage.ASKED, 0)
        total = totals.get(row.id)
        found[row.campaign_id].append(
            StatementLine(
                row.id,
                row.public_id,
                row.campaign_id,
                title_of_text(session, row),
                row.language,
                row.kind,
                row.state,
                row.deadline_at,
                row.zone,
                row.goal,
                signed=total.total if total else 0,
                invited=asked + by_stage.get(InvitationStage.PREPARED, 0),
                asked=asked,
                appeal=appeals.get(row.id),
            )
        )
    return found


def _statements(campaign_ids: Iterable[int]) -> Select[*tuple[Any, ...]]:
    latest = Version.__table__.alias("latest")
    number = select(func.max(latest.c.number)).where(latest.c.statement_id == Statement.id).correlate(Statement)
    return (
        select(
            Statement.id, Statement.public_id, Statement.campaign_id, *TITLE_COLUMNS, Statement.language,
            Statement.kind, Statement.state, Statement.deadline_at, Statement.zone, Statement.goal,
        )
        .join(Version, Version.statement_id == Statement.id)
        .join(VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language))
        .where(Statement.campaign_id.in_(list(campaign_ids)), Version.number == number.scalar_subquery())
        .order_by(Statement.created_at.desc(), Statement.id.desc())
        .limit(MOST_STATEMENTS)
    )  # fmt: skip


def _appeals(session: Session, statement_ids: Sequence[int], organiser: str) -> dict[int, LatestAppeal]:
    """Return the latest appeal of each statement: the last in the order of their numbers.

    A person who made an appeal, or froze one of its letters, can't be the second person who approves it (law 6), nor
    can one who has not been confirmed in its campaign or came just now.
    """
    approved = (
        select(Approval.id)
        .where(
            Approval.appeal_id == Appeal.id,
            Approval.organiser_public_id == organiser,
            Approval.manifest_sha256 == Appeal.manifest_sha256,
        )
        .exists()
    )
    wrote = select(AppealLetter.id).where(AppealLetter.appeal_id == Appeal.id, AppealLetter.written_by == organiser)
    long_ago = clock.now() - timedelta(days=ports_of(session).approver_waiting_days)
    known = (
        select(Membership.id)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .join(Statement, Statement.campaign_id == Membership.campaign_id)
        .where(
            Statement.id == Appeal.statement_id, Organiser.public_id == organiser,
            Membership.confirmed_by.is_not(None), Membership.approves_since <= long_ago,
        )
    )  # fmt: skip
    is_second = and_(Appeal.assembled_by != organiser, ~wrote.exists(), known.exists())
    is_second = true() if ports_of(session).one_person else is_second
    rows = session.execute(
        select(Appeal.statement_id, Appeal.public_id, Appeal.state, and_(~approved, is_second).label("lacks_mine"))
        .where(Appeal.statement_id.in_(statement_ids))
        .order_by(Appeal.number)
    )
    return {row.statement_id: LatestAppeal(row.public_id, row.state, row.lacks_mine) for row in rows}
