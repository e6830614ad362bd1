"""What campaigns have accepted of institutions and recipients, and what is proposed to them.

A campaign uses an institution from the moment it accepts a version of it, which addressing a statement does. Whatever
is changed later is a proposal until the campaign decides: until then it goes on with what it accepted last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.campaigns.models import Campaign, Membership
from app.institutions.models import (
    Institution,
    InstitutionDecision,
    InstitutionVersion,
    Recipient,
    RecipientDecision,
    RecipientVersion,
)
from app.institutions.queries import institution_versions
from app.institutions.versions import OpenedVersion, is_accepted_last, is_latest, versions_of


class ProposalKind(StrEnum):
    """What is proposed to a campaign."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RENAMED = "renamed"


@dataclass(frozen=True)
class CampaignDecision:
    """A campaign's decision about a version: yes or no, by whom, when."""

    is_accepted: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class RecipientStanding:
    """A recipient as a campaign knows it: the version it accepted last, the latest one, what was decided on each."""

    accepted: OpenedVersion | None
    acceptance: CampaignDecision | None
    latest: OpenedVersion
    decided: CampaignDecision | None  # about the latest

    @property
    def is_written_to(self) -> bool:
        """Tell whether the campaign's letters go to it."""
        return self.accepted is not None and not self.accepted.is_removed

    @property
    def waits(self) -> bool:
        """Tell whether the campaign has to decide: a removal of somebody it never accepted is no matter."""
        return self.decided is None and not (self.latest.is_removed and self.accepted is None)

    @property
    def is_refused(self) -> bool:
        """Tell whether the latest version was refused, and still could be accepted."""
        return self.decided is not None and not self.decided.is_accepted

    @property
    def kind(self) -> ProposalKind:
        """What is proposed."""
        if self.latest.is_removed:
            return ProposalKind.REMOVED
        return ProposalKind.ADDED if self.accepted is None else ProposalKind.CHANGED


@dataclass(frozen=True)
class InstitutionStanding:
    """An institution as a campaign knows it, beside what it is called now."""

    accepted: InstitutionVersion
    latest: InstitutionVersion
    decided: CampaignDecision | None  # about the latest

    @property
    def waits(self) -> bool:
        """Tell whether the campaign has to decide."""
        return self.decided is None

    @property
    def is_refused(self) -> bool:
        """Tell whether the latest version was refused, and still could be accepted."""
        return self.decided is not None and not self.decided.is_accepted


@dataclass(frozen=True)
class CampaignChoice:
    """A campaign for which somebody may accept a change in the same step."""

    public_id: str
    campaign_id: int


def accepted_recipients(session: Session, campaign_id: int, institution_ids: Sequence[int]) -> list[OpenedVersion]:
    """Return the recipients that a campaign writes to, as it accepted them last; in the order they were added."""
    wanted = Recipient.institution_id.in_(institution_ids) & is_accepted_last(campaign_id)
    found = versions_of(session, wanted, "letters of an appeal")
    return [version for version in found if not version.is_removed]


def recipient_standings(session: Session, campaign_id: int, institution_ids: Sequence[int]) -> list[RecipientStanding]:
    """Return every recipient of some institutions as a campaign knows it, in the order they were added."""
    of_these = Recipient.institution_id.in_(institution_ids)
    latest = versions_of(session, of_these & is_latest(), "recipients of a campaign")
    accepted = {
        version.contact.recipient_id: version
        for version in versions_of(session, of_these & is_accepted_last(campaign_id), "recipients of a campaign")
    }
    decided = _decisions(session, RecipientDecision, campaign_id)
    found = []
    for version in latest:
        mine = accepted.get(version.contact.recipient_id)
        acceptance = decided.get(mine.id) if mine is not None else None
        found.append(RecipientStanding(mine, acceptance, version, decided.get(version.id)))
    return [standing for standing in found if standing.accepted is not None or not standing.latest.is_removed]


def institution_standings(
    session: Session, campaign_id: int, institution_ids: Sequence[int]
) -> dict[int, InstitutionStanding]:
    """Return some institutions as a campaign knows them, by row id; those that it does not use are left out."""
    decided = _decisions(session, InstitutionDecision, campaign_id)
    found: dict[int, InstitutionStanding] = {}
    accepted: dict[int, InstitutionVersion] = {}
    for version in institution_versions(session, institution_ids):
        decision = decided.get(version.id)
        if decision is not None and decision.is_accepted:
            accepted[version.institution_id] = version
        mine = accepted.get(version.institution_id)
        if mine is not None:
            found[version.institution_id] = InstitutionStanding(mine, version, decision)
    return found


def accepted_fact(column: InstrumentedAttribute[str], campaign_id: InstrumentedAttribute[int]) -> ScalarSelect[str]:
    """Return a column of the version of `Institution` that a campaign accepted last, inside a query over both."""
    return (
        select(column)
        .select_from(InstitutionVersion)
        .join(InstitutionDecision, InstitutionDecision.version_id == InstitutionVersion.id)
        .where(
            InstitutionVersion.institution_id == Institution.id,
            InstitutionDecision.campaign_id == campaign_id,
            InstitutionDecision.is_accepted,
        )
        .order_by(InstitutionVersion.number.desc())
        .limit(1)
        .correlate_except(InstitutionVersion, InstitutionDecision)
        .scalar_subquery()
    )


@cache  # putting it together takes longer than asking; a Select never changes
def waiting_recipients() -> Select[Any]:
    """Choose campaign, institution, version, maker, time and row of each recipient a campaign has to decide about."""
    return (
        _using(
            InstitutionDecision.campaign_id, InstitutionVersion.institution_id, RecipientVersion.public_id,
            RecipientVersion.made_by, RecipientVersion.made_at, RecipientVersion.recipient_id,
        )
        .join(Recipient, Recipient.institution_id == InstitutionVersion.institution_id)
        .join(RecipientVersion, RecipientVersion.recipient_id == Recipient.id)
        .where(
            is_latest(),
            or_(RecipientVersion.is_removed.is_(False), _accepted_before()),
            not_(_decided_on(RecipientDecision, RecipientVersion.id)),
        )
        .distinct()
    )  # fmt: skip


@cache
def waiting_institutions() -> Select[Any]:
    """Choose the same of each institution whose name, country or website a campaign has to decide about."""
    newer, other = aliased(InstitutionVersion), aliased(InstitutionVersion)
    latest = select(func.max(other.number)).where(other.institution_id == newer.institution_id)
    return (
        _using(
            InstitutionDecision.campaign_id, newer.institution_id, newer.public_id, newer.made_by,
            newer.made_at,
        )
        .join(newer, newer.institution_id == InstitutionVersion.institution_id)
        .where(
            newer.number == latest.correlate(newer).scalar_subquery(),
            not_(_decided_on(InstitutionDecision, newer.id)),
        )
        .distinct()
    )  # fmt: skip


def campaigns_to_accept_for(
    session: Session, institution_id: int, organiser: int, roles: Iterable[str]
) -> list[CampaignChoice]:
    """Return the campaigns that use an institution and in which an organiser has one of these roles, oldest first."""
    rows = session.execute(
        _using(Campaign.public_id, Campaign.id)
        .join(Campaign, Campaign.id == InstitutionDecision.campaign_id)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .where(
            InstitutionVersion.institution_id == institution_id,
            Membership.organiser_id == organiser,
            Membership.role.in_(list(roles)),
        )
        .distinct()
        .order_by(Campaign.id)
    )
    return [CampaignChoice(public_id, campaign_id) for public_id, campaign_id in rows]


def _using(*columns: Any) -> Select[Any]:
    """Choose which campaigns use which institutions, to be joined further."""
    return (
        select(*columns)
        .select_from(InstitutionDecision)
        .join(InstitutionVersion, InstitutionVersion.id == InstitutionDecision.version_id)
        .where(InstitutionDecision.is_accepted)
    )


def _accepted_before() -> ColumnElement[bool]:
    other, decision = aliased(RecipientVersion), aliased(RecipientDecision)
    return exists().where(
        and_(
            other.recipient_id == RecipientVersion.recipient_id,
            decision.version_id == other.id,
            decision.campaign_id == InstitutionDecision.campaign_id,
            decision.is_accepted,
        )
    )


def _decided_on(table: type[RecipientDecision] | type[InstitutionDecision], version_id: Any) -> ColumnElement[bool]:
    decision = aliased(table)
    return exists().where(decision.version_id == version_id, decision.campaign_id == InstitutionDecision.campaign_id)


def _decisions(
    session: Session, table: type[RecipientDecision] | type[InstitutionDecision], campaign_id: int
) -> dict[int, CampaignDecision]:
    rows = session.execute(
        select(table.version_id, table.is_accepted, table.decided_by, table.decided_at).where(
            table.campaign_id == campaign_id
        )
    )
    return {row.version_id: CampaignDecision(row.is_accepted, row.decided_by, row.decided_at) for row in rows}
