"""Read incoming mail for those who file it: one message in words, what a campaign may own, all that is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.base.paging import Page, decode_id, page_of
from app.base.rows import by_name
from app.deliveries.models import Delivery
from app.inbox.models import InboundMessage
from app.inbox.states import InboundKind, InboundState
from app.inbox.storage import raw_of, summaries_of
from app.replies.matching import MatchCandidate, Suggestion, lines_of, suggestions_for
from app.replies.messages import Contents, contents_of
from app.replies.models import HeldOffer
from app.replies.states import MatchReason, NoSuchHeldMail, OfferAnswer
from app.statements.models import Statement, Version, VersionText
from app.statements.states import PUBLISHED

PAGE_SIZE = 50
# Of so many held messages, the latest, it is looked up whose they may be.
MOST_COMPARED = 500
MOST_SHOWN = 100
MOST_TO_OFFER = 500
PURPOSE = "file incoming mail"


@dataclass(frozen=True)
class Incoming:
    """One message that came in, opened: what was noted of it, and what it says."""

    public_id: str
    received_at: datetime
    is_automatic: bool
    state: InboundState
    sender: str
    sender_name: str
    subject: str
    summary: dict[str, Any]
    contents: Contents


@dataclass(frozen=True)
class HeldRow:
    """One line of a list of held mail; the suggestions are those that its reader may see."""

    public_id: str
    received_at: datetime
    is_automatic: bool
    size: int
    sender: str
    sender_name: str
    subject: str
    suggestions: tuple[Suggestion, ...] = ()
    is_offered: bool = False

    @property
    def reason(self) -> str:
        """Why it may belong here, in plain words."""
        return (self.suggestions[0].likeness if self.suggestions else MatchReason.OFFERED).label


@dataclass(frozen=True)
class StatementToOffer:
    """A published statement that was handed over, by its public title."""

    public_id: str
    title: str
    language: str


def incoming(session: Session, public_id: str, states: Iterable[InboundState], purpose: str) -> Incoming:
    """Open one message that is in one of some states; raises NoSuchHeldMail."""
    row = session.execute(
        select(InboundMessage.received_at, InboundMessage.kind, InboundMessage.state).where(
            InboundMessage.public_id == public_id, InboundMessage.state.in_(list(states))
        )
    ).one_or_none()
    raw = raw_of(session, public_id, purpose) if row is not None else None
    if row is None or raw is None:
        raise NoSuchHeldMail
    summary = summaries_of(session, [public_id], purpose).get(public_id, {})
    return Incoming(
        public_id, row.received_at, row.kind is InboundKind.AUTOMATIC, row.state, str(summary.get("from", "")),
        str(summary.get("from_name", "")), str(summary.get("subject", "")), summary, contents_of(raw),
    )  # fmt: skip


def check_held(session: Session, public_id: str) -> None:
    """Raise NoSuchHeldMail unless a message is held."""
    query = select(InboundMessage.id).where(
        InboundMessage.public_id == public_id, InboundMessage.state == InboundState.HELD
    )
    if session.scalar(query) is None:
        raise NoSuchHeldMail


def held_for_campaign(session: Session, campaign_id: int) -> list[HeldRow]:
    """Return the held mail that may belong to a campaign, newest first; what it said is not its own is left out.

    That is what an operator shows it, and what is more like its own letters than those of any other campaign: mail
    that may as well be somebody else's is for the operators alone to see.
    """
    lines = lines_of(session, [campaign_id], PURPOSE)
    if not lines:
        return []
    others = lines_of(session, _campaigns_with_letters(session) - {campaign_id}, PURPOSE)
    said = _said(session)
    offered = [each for each, answers in said.items() if answers.get(campaign_id) is OfferAnswer.OFFERED]
    rows = {row.id: row for row in [*_held_among(session, offered), *_held(session, 0, MOST_COMPARED)]}
    summaries = summaries_of(session, [row.public_id for row in rows.values()], PURPOSE)
    found = []
    for _id, row in sorted(rows.items(), reverse=True):
        summary, answers = summaries.get(row.public_id, {}), said.get(row.public_id, {})
        suggestions, is_offered = suggestions_for(session, summary, lines), row.public_id in offered
        rivals = [line for line in others if answers.get(line.campaign_id) is not OfferAnswer.NOT_OURS]
        is_own = campaign_id not in answers and _is_closest(session, campaign_id, suggestions, summary, rivals)
        if is_offered or (is_own and OfferAnswer.OFFERED not in answers.values()):
            found.append(_row(row, summary, suggestions, is_offered=is_offered))
    return found


def held_row_for(session: Session, campaign_id: int, public_id: str) -> HeldRow:
    """Return one held message that may belong to a campaign; raises NoSuchHeldMail."""
    found = next((row for row in held_for_campaign(session, campaign_id) if row.public_id == public_id), None)
    if found is None:
        raise NoSuchHeldMail
    return found


def campaigns_of(session: Session, public_id: str) -> set[int]:
    """Return the campaign that a message is like; none where it is as much like two of them."""
    summary = summaries_of(session, [public_id], PURPOSE).get(public_id, {})
    suggestions = suggestions_for(session, summary, lines_of(session, _campaigns_with_letters(session), PURPOSE))
    closest = {found.line.campaign_id for found in suggestions if found.rank == suggestions[0].rank}
    return closest if len(closest) == 1 else set()


def held_page(
    session: Session, state: InboundState, cursor: str | None, lines: Sequence[MatchCandidate]
) -> Page[HeldRow]:
    """Return the mail in a state, newest first, with suggestions among the deliveries that the reader may see."""
    rows = _held(session, decode_id(cursor) or 0, PAGE_SIZE + 1, state)
    last = (rows[PAGE_SIZE - 1].id,) if len(rows) > PAGE_SIZE else None
    page = page_of(rows, PAGE_SIZE, cursor, last)
    return Page(_opened(session, page.items, lines), page.next_cursor, page.is_first)


def statements_to_offer(session: Session) -> list[StatementToOffer]:
    """Return what readers can see was handed over, newest first: nothing of it tells an operator what is private."""
    handed_over = (
        select(Appeal.statement_id).join(Delivery, Delivery.appeal_id == Appeal.id).distinct().scalar_subquery()
    )
    rows = session.execute(
        select(Statement.public_id, VersionText.title, Statement.language)
        .join(Version, Version.id == Statement.current_version_id)
        .join(VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language))
        .where(
            Statement.state.in_(PUBLISHED), Statement.opened_at.is_not(None), Version.frozen_at.is_not(None),
            Statement.id.in_(handed_over),
        )
        .order_by(Statement.opened_at.desc(), Statement.id.desc())
        .limit(MOST_TO_OFFER)
    )  # fmt: skip
    return [by_name(StatementToOffer, row) for row in rows]


_LISTED = (
    InboundMessage.id, InboundMessage.public_id, InboundMessage.received_at, InboundMessage.kind, InboundMessage.size,
)  # fmt: skip


def _held(session: Session, before: int, limit: int, state: InboundState = InboundState.HELD) -> Sequence[Any]:
    query = select(*_LISTED).where(InboundMessage.state == state)
    if before:
        query = query.where(InboundMessage.id < before)
    return session.execute(query.order_by(InboundMessage.id.desc()).limit(limit)).all()


def _held_among(session: Session, public_ids: Sequence[str]) -> Sequence[Any]:
    query = select(*_LISTED).where(
        InboundMessage.public_id.in_(public_ids[:MOST_COMPARED]), InboundMessage.state == InboundState.HELD
    )
    return session.execute(query).all()


def _said(session: Session) -> dict[str, dict[int, OfferAnswer]]:
    """Return what was said of each held message, by campaign."""
    found: dict[str, dict[int, OfferAnswer]] = defaultdict(dict)
    rows = session.execute(
        select(HeldOffer.inbound_id, HeldOffer.campaign_id, HeldOffer.answer)
        .join(InboundMessage, InboundMessage.public_id == HeldOffer.inbound_id)
        .where(InboundMessage.state == InboundState.HELD)
        .order_by(InboundMessage.id.desc())
    )
    for inbound_id, campaign_id, answer in rows:
        found[inbound_id][campaign_id] = answer
    return found


def _campaigns_with_letters(session: Session) -> set[int]:
    return set(
        session.scalars(
            select(Statement.campaign_id)
            .join(Appeal, Appeal.statement_id == Statement.id)
            .join(Delivery, Delivery.appeal_id == Appeal.id)
            .distinct()
        )
    )


def _is_closest(
    session: Session, campaign_id: int, suggestions: Sequence[Suggestion], summary: dict[str, Any],
    rivals: Sequence[MatchCandidate],
) -> bool:  # fmt: skip
    """Tell whether a message is more like a campaign's letters than like anybody else's."""
    if not suggestions:
        return False
    theirs = suggestions_for(session, summary, rivals)
    return not theirs or suggestions[0].rank < theirs[0].rank


def _opened(session: Session, rows: Sequence[Any], lines: Sequence[MatchCandidate]) -> list[HeldRow]:
    summaries = summaries_of(session, [row.public_id for row in rows], PURPOSE)
    return [
        _row(row, summary, suggestions_for(session, summary, lines), is_offered=False)
        for row in rows
        for summary in [summaries.get(row.public_id, {})]
    ]


def _row(row: Any, summary: dict[str, Any], suggestions: Sequence[Suggestion], *, is_offered: bool) -> HeldRow:
    return HeldRow(
        row.public_id, row.received_at, row.kind is InboundKind.AUTOMATIC, row.size, str(summary.get("from", "")),
        str(summary.get("from_name", "")), str(summary.get("subject", "")), tuple(suggestions), is_offered,
    )  # fmt: skip
