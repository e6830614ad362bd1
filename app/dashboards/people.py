"""The invited people with names and addresses: pages, filters, search, and what stands in the export."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.names import comparison_key
from app.base.paging import Page, decode_cursor, page_of
from app.base.sealing import Place, open_many
from app.dashboards.funnel import Invited
from app.dashboards.states import NoSuchPage, Standing
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.queries import email_key, identity_place
from app.directory.states import Details, SignatoryKind
from app.invitations.models import Invitation
from app.invitations.queries import words_of_many
from app.mail.models import Mail, MailAttempt

PAGE = 50
# Search by name opens everybody who was invited, and never more than so many.
MOST_SEARCHED = 20_000
CHUNK = 500
LARGEST_ID = 2**63 - 1
_TROUBLED = frozenset({Standing.REFUSED, Standing.UNCERTAIN})


@dataclass(frozen=True)
class Filter:
    """Which of the invited are meant. `group` is a group's public id, `words` parts of a name or an address."""

    standing: Standing | None = None
    kind: SignatoryKind | None = None
    group: str = ""
    words: str = ""


@dataclass(frozen=True)
class PersonLine:
    """One invited person in a list. `words` are the reason or the wish that came with the answer."""

    invited: Invited
    details: Details
    words: str = ""
    server_answer: str = ""

    @property
    def can_be_reminded(self) -> bool:
        """Tell whether ticking this person makes sense."""
        return self.invited.standing is Standing.NO_ANSWER and bool(self.details.email)


@dataclass(frozen=True)
class PeoplePage:
    """A page of people, and how many the filter lets through."""

    page: Page[PersonLine]
    total: int
    number_of_first: int = field(default=1)


def people_page(
    session: Session, statement_id: int, everybody: Sequence[Invited], wanted: Filter, cursor: str | None
) -> PeoplePage:
    """Return 50 of those whom the filter lets through, in the order they were prepared.

    The work is the same for every page: the filter runs over what the funnel has counted, and 50 people are opened.
    """
    chosen = chosen_by(session, statement_id, everybody, wanted)
    key = decode_cursor(cursor, 1)
    if key is not None and (not isinstance(key[0], int) or not 0 <= key[0] <= LARGEST_ID):
        raise NoSuchPage
    start = bisect_right(chosen, int(key[0] or 0), key=lambda invited: invited.id) if key else 0
    rows = chosen[start : start + PAGE + 1]
    page = page_of(rows, PAGE, cursor, [rows[PAGE - 1].id] if len(rows) > PAGE else None)
    return PeoplePage(Page(lines_of(session, page.items), page.next_cursor, page.is_first), len(chosen), start + 1)


def chosen_by(session: Session, statement_id: int, everybody: Sequence[Invited], wanted: Filter) -> list[Invited]:
    """Return those whom a filter lets through."""
    chosen = [
        one
        for one in everybody
        if (wanted.standing is None or one.standing is wanted.standing)
        and (wanted.kind is None or one.kind is wanted.kind)
    ]
    if wanted.group:
        members = _members(session, wanted.group)
        chosen = [one for one in chosen if one.signatory_id in members]
    if wanted.words.strip():
        found = _found(session, statement_id, wanted.words)
        chosen = [one for one in chosen if one.signatory_id in found]
    return chosen


def lines_of(session: Session, invited: Sequence[Invited]) -> list[PersonLine]:
    """Open names, addresses, words and the last server's answer of at most 500 invited people."""
    details = _details(session, [one.signatory_id for one in invited])
    words = words_of_many(session, [one.public_id for one in invited])
    troubled = [
        one.mail_id for one in invited if one.standing in {Standing.REFUSED, Standing.UNCERTAIN} and one.mail_id
    ]
    answers = _server_answers(session, troubled)
    return [
        PersonLine(one, details[one.signatory_id], words.get(one.public_id, ""), answers.get(one.mail_id or "", ""))
        for one in invited
    ]


def every_line(session: Session, invited: Sequence[Invited]) -> Iterator[PersonLine]:
    """Open people in chunks of 500, for an export."""
    for start in range(0, len(invited), CHUNK):
        yield from lines_of(session, invited[start : start + CHUNK])


def _members(session: Session, group: str) -> set[int]:
    return set(
        session.scalars(
            select(GroupMembership.signatory_id)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(Group.public_id == group)
        )
    )


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
    key = email_key(session, found, address) if found is not None else None
    if key is None:
        return set()
    return set(session.scalars(select(Signatory.id).where(Signatory.campaign_id == found, Signatory.email_key == key)))


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


def _details(session: Session, signatory_ids: Sequence[int]) -> dict[int, Details]:
    rows = session.execute(
        select(Signatory.id, Signatory.public_id, Signatory.identity_sealed).where(Signatory.id.in_(signatory_ids))
    ).all()
    places = [(identity_place(row.public_id), row.identity_sealed) for row in rows]
    opened = open_many(session, places, "people who were invited")
    return {row.id: Details.from_fields(fields) for row, fields in zip(rows, opened, strict=True)}


def _server_answers(session: Session, mail_ids: Sequence[str]) -> dict[str, str]:
    """Return what the server said at the last try of some mails."""
    if not mail_ids:
        return {}
    rows = session.execute(
        select(Mail.public_id, MailAttempt.public_id, MailAttempt.code, MailAttempt.answer_sealed)
        .join(Mail, Mail.id == MailAttempt.mail_id)
        .where(
            Mail.public_id.in_(mail_ids), MailAttempt.number == Mail.attempts, MailAttempt.answer_sealed.is_not(None)
        )
    ).all()
    places = [(Place("mail_attempts", "answer_sealed", row[1]), row[3] or b"") for row in rows]
    opened = open_many(session, places, "why mails were refused")
    return {
        row[0]: " ".join(part for part in (str(row[2] or ""), found["answer"]) if part)
        for row, found in zip(rows, opened, strict=True)
    }
