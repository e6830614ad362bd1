"""Who counts as the second person for an appeal (law 6), and what stands in the way of one who does not."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.appeals.queries import ApprovalRow, approvals_of, makers_of, reaches
from app.appeals.states import NotYetKnown, OneBehindBoth, OwnWork, TooNew
from app.appeals.vouched import VouchedThen
from app.audit.actions import SYSTEM
from app.base.errors import Refusal
from app.base.moments import Moment
from app.base.ports import ports_of
from app.campaigns.states import Capability
from app.campaigns.vouching import ToldVouching, Vouched, Vouching, vouching_in
from app.statements.models import Statement


def vouching_for(session: Session, appeal: Appeal) -> Vouching:
    """Return who stands for whom in an appeal's campaign."""
    campaign_id = session.scalar(select(Statement.campaign_id).where(Statement.id == appeal.statement_id))
    return vouching_in(session, campaign_id or 0)


def hurdle(session: Session, appeal: Appeal, organiser: str, vouching: Vouching | None = None) -> Refusal | None:
    """Return why somebody who may approve is no second person for this appeal now, or None if they are one.

    The second person did not make any of it, is known to another than the one who let them in, has been there for a
    while, and no one person alone is behind them and a maker: nobody lets their own puppets assemble, and approves.
    """
    makers = makers_of(session, appeal)
    if organiser in makers:
        return OwnWork()
    vouching = vouching or vouching_for(session, appeal)
    known = vouching.approvers.get(organiser)
    if known is None or not known.is_confirmed:
        return NotYetKnown(Moment(known.approves_from).words if known and not known.has_waited else "")
    if not known.has_waited:
        return TooNew(Moment(known.approves_from).words)
    if any(vouching.share_somebody(organiser, maker) for maker in makers):
        return OneBehindBoth()
    return None


def standing_approvals(session: Session, appeal: Appeal) -> list[ApprovalRow]:
    """Return the approvals that count now: of exactly these bytes, by enabled second persons who may approve."""
    given = [
        row
        for row in approvals_of(session, appeal.id)
        if row.manifest_sha256 == appeal.manifest_sha256
        and reaches(session, appeal.statement_id, row.organiser, Capability.APPROVE)
    ]
    if not given or ports_of(session).one_person:
        return given
    vouching = vouching_for(session, appeal)
    return [row for row in given if hurdle(session, appeal, row.organiser, vouching) is None]


def is_alone(session: Session, appeal: Appeal, approvers: list[str]) -> bool:
    """Tell whether none of those who approve is a second person: so in a one-person organisation, which says so."""
    return all(hurdle(session, appeal, each) is not None for each in approvers)


def told_in_audit(known: Vouched | None) -> dict[str, str | None]:
    """Return, for the audit and the approval itself, since when an approver is a member and by whose word."""
    if known is None:
        return {"member_since": None, "let_in_by": None, "confirmed_by": None}
    said: dict[str, str | None] = {
        "member_since": known.member_since.isoformat(),
        "let_in_by": known.let_in_by,
        "confirmed_by": known.confirmed_by,
    }
    if known.let_back_at is not None:
        said |= {"let_back_by": known.let_back_by, "let_back_at": known.let_back_at.isoformat()}
    return said


def told_then(organiser: str, then: VouchedThen | None, names: Mapping[str, str]) -> ToldVouching | None:
    """Say by whose word somebody was a member when they approved; None for approvals from before it was kept."""
    if then is None:
        return None
    return ToldVouching(
        member_since=then.member_since,
        let_in_by=names.get(then.let_in_by or "", ""),
        is_founder=then.let_in_by == organiser,
        confirmed_by=names.get(then.confirmed_by or "", ""),
        is_confirmed_by_keeper=then.confirmed_by == SYSTEM,
        is_confirmed=then.confirmed_by is not None,
        approves_from=None,
        has_waited=True,
        let_back_by=names.get(then.let_back_by or "", ""),
        let_back_at=then.let_back_at,
    )
