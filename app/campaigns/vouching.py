"""Who stands for whom in a campaign, and whom that makes a second person (law 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.audit.actions import SYSTEM
from app.base import clock
from app.base.ports import ports_of
from app.campaigns.models import Membership
from app.campaigns.states import Capability, may


@dataclass(frozen=True)
class Vouched:
    """A member in a role that may approve: since when, by whom, and from when on they are a second person.

    `is_confirmed` says whether the confirmation counts now; `approves_from` when the waiting period is over. Somebody
    may have let them back into their account, by opening it again or taking their second factor off.
    """

    organiser: str
    member_since: datetime
    let_in_by: str | None
    confirmed_by: str | None
    is_confirmed: bool
    approves_from: datetime
    let_back_by: str | None
    let_back_at: datetime | None

    @property
    def named(self) -> tuple[str | None, ...]:
        """Everybody whom pages name with it."""
        return (self.organiser, self.let_in_by, self.confirmed_by, self.let_back_by)

    @property
    def has_waited(self) -> bool:
        """Tell whether the waiting period is over."""
        return clock.now() >= self.approves_from

    @property
    def may_approve(self) -> bool:
        """Tell whether an approval of theirs would count."""
        return self.is_confirmed and self.has_waited


@dataclass(frozen=True)
class ToldVouching:
    """The same by name, for pages: an empty name was not recorded, or is the machine's keeper."""

    member_since: datetime
    let_in_by: str
    is_founder: bool
    confirmed_by: str
    is_confirmed_by_keeper: bool
    is_confirmed: bool
    approves_from: datetime | None
    has_waited: bool
    let_back_by: str = ""
    let_back_at: datetime | None = None


def told(known: Vouched, names: Mapping[str, str]) -> ToldVouching:
    """Say by whose word somebody may approve, with names for public ids."""
    return ToldVouching(
        member_since=known.member_since,
        let_in_by=names.get(known.let_in_by or "", ""),
        is_founder=known.let_in_by == known.organiser,
        confirmed_by=names.get(known.confirmed_by or "", ""),
        is_confirmed_by_keeper=known.confirmed_by == SYSTEM,
        is_confirmed=known.is_confirmed,
        approves_from=known.approves_from,
        has_waited=known.has_waited,
        let_back_by=names.get(known.let_back_by or "", ""),
        let_back_at=known.let_back_at,
    )


class Vouching:
    """Everybody's word for everybody in one campaign, as it stands now.

    Someone stands for an account who made it, made an administrator of it, let it into the campaign or confirmed it
    there. An account rests on a person alone if every way from it back to the machine's keeper leads through them: that
    person may as well be its only user. What is from before this was recorded rests on nobody that is known.
    """

    def __init__(self, organisers: Iterable[Organiser], members: Mapping[str, Membership], waiting: timedelta) -> None:
        self._organisers = {row.public_id: row for row in organisers}
        self._members = members
        self._waiting = waiting
        self._rests: dict[tuple[str, str], frozenset[str]] = {}

    @cached_property
    def approvers(self) -> dict[str, Vouched]:
        """Every member in a role that may approve, by public id, in the order they came."""
        found = {}
        for organiser, member in self._members.items():
            if may(member.role, Capability.APPROVE):
                found[organiser] = self._vouched(organiser, member)
        return found

    def share_somebody(self, one: str, other: str) -> bool:
        """Tell whether one person may alone be behind both accounts."""
        return bool(self._rests_on(one) & self._rests_on(other))

    def may_confirm(self, confirmer: str, member: str) -> bool:
        """Tell whether somebody's word for a member counts: an owner or administrator who is not behind them.

        Not the member, nor anybody who let them in or gave them their role, nor an account that rests on one of these
        alone, nor one that the member or these rest on.
        """
        row, own = self._members.get(member), self._members.get(confirmer)
        who = self._organisers.get(confirmer)
        if row is None or who is None or who.disabled_at is not None:
            return False
        if not (who.is_administrator or (own is not None and may(own.role, Capability.MANAGE))):
            return False
        return self._is_another(confirmer, member, row)

    def _vouched(self, organiser: str, member: Membership) -> Vouched:
        row = self._organisers[organiser]
        since = max(filter(None, (member.approves_since or clock.now(), row.enabled_at, row.first_factor_at)))
        return Vouched(
            organiser=organiser,
            member_since=member.created_at,
            let_in_by=member.let_in_by,
            confirmed_by=member.confirmed_by,
            is_confirmed=self._is_confirmed(organiser, member),
            approves_from=since + self._waiting,
            let_back_by=row.enabled_by,
            let_back_at=row.enabled_at,
        )

    def _is_confirmed(self, organiser: str, member: Membership) -> bool:
        """Tell whether a confirmation counts: of the account as it was last opened, by an account that is open."""
        by, at, opened_at = member.confirmed_by, member.confirmed_at, self._organisers[organiser].enabled_at
        if by is None or at is None or (opened_at is not None and at < opened_at):
            return False
        return by == SYSTEM or (self._is_open(by) and self._is_another(by, organiser, member))

    def _is_another(self, confirmer: str, organiser: str, member: Membership) -> bool:
        behind = {organiser}
        for one in (member.let_in_by, member.role_given_by, self._organisers[organiser].enabled_by):
            behind |= self._rests_on(one, without=organiser) if one else set()
        return not self._rests_on(confirmer, without=organiser) & behind

    def _rests_on(self, one: str, *, without: str = "") -> frozenset[str]:
        """Return the account itself and everybody on whom it rests alone; `without` is not counted as confirmed."""
        if (one, without) not in self._rests:
            ancestors: set[str] = set()
            waiting = [one]
            while waiting:
                new = self._standing_for(waiting.pop(), without) - ancestors
                ancestors |= new
                waiting += new
            behind = {each for each in ancestors if not self._has_a_way(one, each, without)}
            self._rests[one, without] = frozenset(behind | {one}) - {SYSTEM}
        return self._rests[one, without]

    def _has_a_way(self, one: str, around: str, without: str) -> bool:
        """Tell whether somebody stands for an account who does not rest on the one to go around."""
        seen, waiting = {around}, [one]
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            standing = self._standing_for(here, without)
            if not standing:
                return True
            waiting += standing
        return False

    def _standing_for(self, one: str, without: str) -> set[str]:
        """Return who gave their word for an account; nothing for the machine's keeper, and where it is not known."""
        row, member = self._organisers.get(one), self._members.get(one)
        if row is None:
            return set()
        opened_at = row.enabled_at
        named = {row.enabled_by if opened_at else row.created_by}
        if row.is_administrator:
            named.add(row.administrator_by)
        if member is not None and (opened_at is None or member.created_at >= opened_at):
            named.add(member.let_in_by)
        if member is not None and one != without:
            is_newer = member.confirmed_at is not None and (opened_at is None or member.confirmed_at >= opened_at)
            named.add(member.confirmed_by if is_newer and self._is_open(member.confirmed_by) else None)
        return {each for each in named if each and each != one}

    def _is_open(self, one: str | None) -> bool:
        if one is None or one == SYSTEM:
            return one is not None
        row = self._organisers.get(one)
        return row is not None and row.disabled_at is None


def vouching_in(session: Session, campaign_id: int) -> Vouching:
    """Read who stands for whom in a campaign (row id)."""
    return vouching_of(session, [campaign_id])[campaign_id]


def vouching_of(session: Session, campaign_ids: Sequence[int]) -> dict[int, Vouching]:
    """Read who stands for whom in campaigns (row ids): two queries, since a house has dozens of accounts."""
    fresh = {"populate_existing": True}  # under a lock, what was read before it is old
    organisers = session.scalars(select(Organiser).execution_options(**fresh)).all()
    ids = {row.id: row.public_id for row in organisers}
    members: dict[int, dict[str, Membership]] = {each: {} for each in campaign_ids}
    query = select(Membership).where(Membership.campaign_id.in_(campaign_ids)).order_by(Membership.id)
    for row in session.scalars(query.execution_options(**fresh)):
        members[row.campaign_id][ids[row.organiser_id]] = row
    waiting = timedelta(days=ports_of(session).approver_waiting_days)
    return {each: Vouching(organisers, found, waiting) for each, found in members.items()}
