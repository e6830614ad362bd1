"""The invited people with names and addresses: pages, filters, search, and what stands in the export."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.base.paging import Page, decode_id, page_of
from app.base.rows import AT_ONCE, portions
from app.base.sealing import open_many
from app.dashboards.remembered import Remembered, placed_of
from app.dashboards.standings import Placed, StandingRow
from app.dashboards.states import InviteeStanding, PeopleFilter
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.queries import identity_place
from app.directory.searching import find_rows
from app.directory.states import Details, SignatoryKind
from app.invitations.answers import answers_to, words_with
from app.invitations.models import Invitation
from app.invitations.queries import reminder_since
from app.invitations.states import InvitationAnswer
from app.mail.evidence import why_not_arrived
from app.statements.models import Statement

PAGE = 50
_TROUBLED = frozenset(
    {InviteeStanding.BOUNCED, InviteeStanding.REFUSED, InviteeStanding.UNCERTAIN, InviteeStanding.NOT_SENT}
)


@dataclass(frozen=True, slots=True)
class Invited:
    """One invited person without name, address and answer."""

    id: int
    public_id: str
    standing: InviteeStanding


@dataclass(frozen=True)
class ChosenPeople:
    """Those whom a filter lets through; `fitting` are row ids of invitations, in order, or None for all."""

    placed: Placed
    standing: InviteeStanding | None
    kind: SignatoryKind | None
    fitting: Sequence[int] | None

    def count(self, upto: int | None = None) -> int:
        """Count them, or those up to an invitation's row id."""
        if self.fitting is None:
            return self.placed.count(self.standing, self.kind, upto)
        return sum(1 for row_id, _place in self.walk() if upto is None or row_id <= upto)

    def walk(self, after: int = 0) -> Iterator[StandingRow]:
        """Yield them after an invitation's row id, in order, with where they stand."""
        if self.fitting is None:
            return self.placed.walk(self.standing, self.kind, after)
        places = (
            (row_id, self.placed.at(row_id, self.kind)) for row_id in self.fitting[bisect_right(self.fitting, after) :]
        )
        return ((row_id, place) for row_id, place in places if place and self.standing in {None, place})


@dataclass(frozen=True)
class PersonLine:
    """One invited person in a list. `words` are the reason or the wish that came with the answer."""

    invited: Invited
    kind: SignatoryKind
    details: Details
    asked_at: datetime | None
    reply: InvitationAnswer
    words: str = ""
    server_answer: str = ""

    @property
    def can_be_reminded(self) -> bool:
        """Tell whether ticking this person makes sense."""
        is_silent = self.invited.standing is InviteeStanding.NO_ANSWER
        return is_silent and bool(self.details.email) and not self.reply.is_left_in_peace


@dataclass(frozen=True)
class PeoplePage:
    """A page of people, how many the filter lets through, and the place of the page's first among them."""

    page: Page[PersonLine]
    total: int
    number_of_first: int


def people_page(
    session: Session,
    statement_id: int,
    wanted: PeopleFilter,
    cursor: str | None,
    remembered: Remembered | None = None,
) -> PeoplePage:
    """Return 50 of those whom the filter lets through, in the order they were prepared.

    The work is the same for every page, and only the 50 are opened.
    """
    after = decode_id(cursor) or 0
    chosen = chosen_by(session, statement_id, wanted, remembered)
    rows = list(islice(chosen.walk(after), PAGE + 1))
    page = page_of(rows, PAGE, cursor, [rows[PAGE - 1][0]] if len(rows) > PAGE else None)
    lines = lines_of(session, page.items)
    return PeoplePage(Page(lines, page.next_cursor, page.is_first), chosen.count(), chosen.count(upto=after) + 1)


def count_at_most(session: Session, statement_id: int, wanted: PeopleFilter) -> int:
    """Count whom a filter lets through without its words and standing: nothing is opened, so it may be fewer."""
    asked = select(func.count()).select_from(Invitation).where(*_of_group(statement_id, wanted))
    if wanted.kind is not None:
        asked = asked.join(Signatory, Signatory.id == Invitation.signatory_id).where(Signatory.kind == wanted.kind)
    return session.scalar(asked) or 0


def chosen_by(
    session: Session, statement_id: int, wanted: PeopleFilter, remembered: Remembered | None = None
) -> ChosenPeople:
    """Return those whom a filter lets through, not opened."""
    placed = placed_of(session, [statement_id], remembered)[statement_id]
    fitting = _fitting(session, statement_id, wanted) if wanted.group or wanted.words.strip() else None
    return ChosenPeople(placed, wanted.standing, wanted.kind, fitting)


def lines_of(session: Session, chosen: Sequence[StandingRow]) -> list[PersonLine]:
    """Open names, addresses, words and the last server's answer of at most 500 invited people."""
    known = {row.id: row for row in session.execute(_opened_columns([row_id for row_id, _place in chosen]))}
    places = [(identity_place(row.signatory), row.identity_sealed) for row in known.values()]
    opened = open_many(session, places, "people who were invited")
    details = {id_: Details.from_fields(fields) for id_, fields in zip(known, opened, strict=True)}
    invited = [Invited(row_id, known[row_id].public_id, place) for row_id, place in chosen]
    public_ids = [one.public_id for one in invited]
    replies = answers_to(session, public_ids)
    words = words_with(session, replies)
    mails = {
        one.public_id: _mails(known[one.id], replies.get(one.public_id, InvitationAnswer()))
        for one in invited
        if one.standing in _TROUBLED
    }
    said = why_not_arrived(session, [mail for pair in mails.values() for mail in pair])
    return [
        PersonLine(
            one, known[one.id].kind, details[one.id], known[one.id].asked_at,
            replies.get(one.public_id, InvitationAnswer()),
            words.get(one.public_id, ""),
            next((said[mail] for mail in mails.get(one.public_id, ()) if mail in said), ""),
        )
        for one in invited
    ]  # fmt: skip


def every_line(session: Session, chosen: ChosenPeople) -> Iterator[PersonLine]:
    """Open people in chunks of 500, for an export."""
    walk = chosen.walk()
    while part := list(islice(walk, AT_ONCE)):
        yield from lines_of(session, part)


def _fitting(session: Session, statement_id: int, wanted: PeopleFilter) -> array[int]:
    """Return the row ids of the invitations of a group's members, or of those whom words find, in order."""
    asked = select(Invitation.id).where(*_of_group(statement_id, wanted))
    if not wanted.words.strip():
        return array("q", session.scalars(asked.order_by(Invitation.id)))
    campaign_id = session.scalar(select(Statement.campaign_id).where(Statement.id == statement_id)) or 0
    found = sorted(find_rows(session, campaign_id, wanted.words))
    rows = (row for part in portions(found) for row in session.scalars(asked.where(Invitation.signatory_id.in_(part))))
    return array("q", sorted(rows))


def _of_group(statement_id: int, wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    conditions = [Invitation.statement_id == statement_id]
    if wanted.group:
        members = select(GroupMembership.signatory_id).join(Group, Group.id == GroupMembership.group_id)
        conditions.append(Invitation.signatory_id.in_(members.where(Group.public_id == wanted.group)))
    return conditions


def _opened_columns(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Invitation.id, Invitation.public_id, Invitation.mail_id, Invitation.asked_at, Signatory.kind,
            Signatory.public_id.label("signatory"), Signatory.identity_sealed,
        )
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .where(Invitation.id.in_(ids))
    )  # fmt: skip


def _mails(row: Any, reply: InvitationAnswer) -> list[str]:
    """Return the mails that tell why somebody was not reached, the latest first."""
    return [mail for mail in (reminder_since(reply, row.asked_at), row.mail_id) if mail]
