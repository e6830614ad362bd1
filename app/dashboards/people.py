"""The invited people with names and addresses: pages, filters, search, and what stands in the export."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.base.names import comparison_key
from app.base.paging import Page, decode_id, page_of
from app.base.rows import portions
from app.base.sealing import open_many
from app.dashboards.funnel import Invited, everybody_invited, invited_among
from app.dashboards.states import InviteeStanding, PeopleFilter
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.queries import email_keys, identity_place
from app.directory.states import Details, SignatoryKind
from app.invitations.models import Invitation
from app.invitations.queries import answers_to, reminder_since, words_of_many
from app.invitations.states import InvitationAnswer
from app.mail.evidence import why_not_arrived

PAGE = 50
# Search by name opens everybody who was invited, and never more than so many.
MOST_SEARCHED = 20_000
_TROUBLED = frozenset(
    {InviteeStanding.BOUNCED, InviteeStanding.REFUSED, InviteeStanding.UNCERTAIN, InviteeStanding.NOT_SENT}
)


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


def people_page(session: Session, statement_id: int, wanted: PeopleFilter, cursor: str | None) -> PeoplePage:
    """Return 50 of those whom the filter lets through, in the order they were prepared.

    The work is the same for every page. Without a filter by standing, only the 50 are opened; with one, every answer.
    """
    after = decode_id(cursor) or 0
    if wanted.standing is None:
        conditions = _conditions(session, statement_id, wanted)
        total, before = _numbers(session, conditions, after)
        ids = session.scalars(_ids(conditions).where(Invitation.id > after).limit(PAGE + 1)).all()
        rows = invited_among(session, ids)
    else:
        chosen = chosen_by(session, statement_id, wanted)
        before = bisect_right(chosen, after, key=lambda invited: invited.id)
        total, rows = len(chosen), chosen[before : before + PAGE + 1]
    page = page_of(rows, PAGE, cursor, [rows[PAGE - 1].id] if len(rows) > PAGE else None)
    return PeoplePage(Page(lines_of(session, page.items), page.next_cursor, page.is_first), total, before + 1)


def count_at_most(session: Session, statement_id: int, wanted: PeopleFilter) -> int:
    """Count whom a filter lets through without its words and standing: nothing is opened, so it may be fewer."""
    return _numbers(session, _conditions(session, statement_id, replace(wanted, words="")), 0)[0]


def chosen_by(session: Session, statement_id: int, wanted: PeopleFilter) -> list[Invited]:
    """Return all those whom a filter lets through."""
    everybody = everybody_invited(session, statement_id)
    if wanted.kind or wanted.group or wanted.words.strip():
        fitting = set(session.scalars(_ids(_conditions(session, statement_id, wanted))))
        everybody = [one for one in everybody if one.id in fitting]
    return [one for one in everybody if wanted.standing in {None, one.standing}]


def lines_of(session: Session, invited: Sequence[Invited]) -> list[PersonLine]:
    """Open names, addresses, words and the last server's answer of at most 500 invited people."""
    known = {row.id: row for row in session.execute(_opened_columns([one.id for one in invited]))}
    places = [(identity_place(row.signatory), row.identity_sealed) for row in known.values()]
    opened = open_many(session, places, "people who were invited")
    details = {id_: Details.from_fields(fields) for id_, fields in zip(known, opened, strict=True)}
    public_ids = [one.public_id for one in invited]
    replies, words = answers_to(session, public_ids), words_of_many(session, public_ids)
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


def every_line(session: Session, invited: Sequence[Invited]) -> Iterator[PersonLine]:
    """Open people in chunks of 500, for an export."""
    for part in portions(invited):
        yield from lines_of(session, part)


def _ids(conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
    joined = select(Invitation.id).join(Signatory, Signatory.id == Invitation.signatory_id)
    return joined.where(*conditions).order_by(Invitation.id)


def _numbers(session: Session, conditions: Sequence[ColumnElement[bool]], after: int) -> tuple[int, int]:
    """Count those who fit, and those of them before a place in the list; nothing is opened."""
    before = func.count().filter(Invitation.id <= after)
    counted = select(func.count(), before).select_from(Invitation)
    row = session.execute(counted.join(Signatory, Signatory.id == Invitation.signatory_id).where(*conditions)).one()
    return row[0], row[1]


def _conditions(session: Session, statement_id: int, wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Invitation.statement_id == statement_id]
    if wanted.kind is not None:
        conditions.append(Signatory.kind == wanted.kind)
    if wanted.group:
        members = select(GroupMembership.signatory_id).join(Group, Group.id == GroupMembership.group_id)
        conditions.append(Signatory.id.in_(members.where(Group.public_id == wanted.group)))
    if wanted.words.strip():
        conditions.append(Signatory.id.in_(_found(session, statement_id, wanted.words)))
    return conditions


def _opened_columns(ids: Sequence[int]) -> Select[int, str | None, datetime | None, SignatoryKind, str, bytes]:
    return (
        select(
            Invitation.id, Invitation.mail_id, Invitation.asked_at, Signatory.kind,
            Signatory.public_id.label("signatory"), Signatory.identity_sealed,
        )
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .where(Invitation.id.in_(ids))
    )  # fmt: skip


def _mails(row: Any, reply: InvitationAnswer) -> list[str]:
    """Return the mails that tell why somebody was not reached, the latest first."""
    return [mail for mail in (reminder_since(reply, row.asked_at), row.mail_id) if mail]


def _found(session: Session, statement_id: int, words: str) -> set[int]:
    """Return the row ids of the signatories whose name, line or address has all the words.

    A whole address is looked up by its keyed index; anything else opens everybody invited, in one call.
    """
    if "@" in words:
        exact = _by_address(session, statement_id, words)
        if exact:
            return exact
    parts = comparison_key(words).split()
    if not parts:
        return set()
    rows = session.execute(_signatories(statement_id).order_by(Signatory.id).limit(MOST_SEARCHED)).all()
    opened = open_many(session, [(identity_place(row.public_id), row.identity_sealed) for row in rows], "people search")
    return {row.id for row, fields in zip(rows, opened, strict=True) if _matches(fields, parts)}


def _by_address(session: Session, statement_id: int, address: str) -> set[int]:
    campaign_id = select(Signatory.campaign_id).join(Invitation, Invitation.signatory_id == Signatory.id)
    found = session.scalar(campaign_id.where(Invitation.statement_id == statement_id).limit(1))
    keys = email_keys(session, found, address) if found is not None else []
    wanted = select(Signatory.id).where(Signatory.campaign_id == found, Signatory.email_key.in_(keys))
    return set(session.scalars(wanted))


def _matches(fields: dict[str, Any], parts: Sequence[str]) -> bool:
    known = ("name", "sort_name", "email", "credential", "affiliation", "representative")
    text = comparison_key(" ".join(str(fields.get(name) or "") for name in known))
    return all(part in text for part in parts)


def _signatories(statement_id: int) -> Select[int, str, bytes]:
    return (
        select(Signatory.id, Signatory.public_id, Signatory.identity_sealed)
        .join(Invitation, Invitation.signatory_id == Signatory.id)
        .where(Invitation.statement_id == statement_id)
    )
