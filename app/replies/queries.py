"""Read outcomes and replies, for the desk and for readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealLetter
from app.base.locales import InOneLanguage
from app.base.markdown import to_html
from app.base.rows import by_name
from app.base.sealing import Place, open_one
from app.deliveries.models import Delivery
from app.institutions.models import Institution, Recipient
from app.replies.messages import Attached
from app.replies.models import Outcome, Reply, ReplyKind
from app.replies.states import NoSuchOutcome, NoSuchReply
from app.statements.addressing import is_addressee, name_in_appeal
from app.statements.models import Addressee, Statement

MOST_OUTCOMES = 100
MOST_REPLIES = 500


@dataclass(frozen=True)
class OutcomeShown(InOneLanguage):
    """One outcome as pages show it."""

    public_id: str
    statement_id: int | None
    language: str
    happened_on: date
    title: str
    text: str
    quotation: str
    quotation_speaker: str
    source_name: str
    source_url: str

    @property
    def html(self) -> Markup:
        """The text as safe HTML."""
        return to_html(self.text)


def outcomes_of(session: Session, campaign_id: int, statement_id: int | None = None) -> list[OutcomeShown]:
    """Return the outcomes of a campaign, or of one of its statements, newest first; all of them are public."""
    query = select(Outcome).where(Outcome.campaign_id == campaign_id)
    if statement_id is not None:
        query = query.where(Outcome.statement_id == statement_id)
    rows = session.scalars(query.order_by(Outcome.happened_on.desc(), Outcome.id.desc()).limit(MOST_OUTCOMES))
    return [outcome_shown(row) for row in rows]


def outcome_of(session: Session, campaign_id: int, public_id: str) -> Outcome:
    """Return one outcome of a campaign; raises NoSuchOutcome."""
    found = session.scalars(
        select(Outcome).where(Outcome.campaign_id == campaign_id, Outcome.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NoSuchOutcome
    return found


def outcome_shown(row: Outcome) -> OutcomeShown:
    """Return an outcome as pages show it."""
    return OutcomeShown(
        row.public_id, row.statement_id, row.language, row.happened_on, row.title, row.text, row.quotation,
        row.quotation_speaker, row.source_name, row.source_url,
    )  # fmt: skip


@dataclass(frozen=True)
class ReplyRow:
    """One reply without its sealed text. `public_summary` is what readers see, or empty."""

    public_id: str
    kind: ReplyKind
    received_on: date
    public_summary: str
    recorded_by: str
    created_at: datetime
    delivery: str
    institution: str
    statement: str


@dataclass(frozen=True)
class ReplyWords:
    """What a reply says; of a mail also who sent it, and which files came with it."""

    text: str
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    is_cut: bool = False
    is_from_elsewhere: bool = False
    attachments: tuple[Attached, ...] = ()


def replies_of_campaign(session: Session, campaign_id: int) -> list[ReplyRow]:
    """Return what came back to a campaign's statements: what nobody has read, then the rest, each newest first.

    Anybody who knows the address for answers can send to it as often as they like; that must not push unread mail off
    the list.
    """
    return _replies(session, Statement.campaign_id == campaign_id)


def unread_replies(session: Session, campaign_id: int) -> int:
    """Count the replies to a campaign's statements that nobody has read yet."""
    unread = _unread(func.count(Reply.id)).where(Statement.campaign_id == campaign_id)
    return session.scalar(unread) or 0


def statements_with_unread(session: Session, campaign_id: int) -> Sequence[Statement]:
    """Return the statements of a campaign to which replies came that nobody has read yet."""
    wanted = _unread(Statement.id).where(Statement.campaign_id == campaign_id)
    return session.scalars(select(Statement).where(Statement.id.in_(wanted)).order_by(Statement.id)).all()


def campaigns_with_unread(session: Session, since: datetime, until: datetime) -> Sequence[int]:
    """Return the campaigns to which replies came in a time that nobody has read yet, by row id."""
    wanted = _unread(Statement.campaign_id).where(Reply.created_at >= since, Reply.created_at < until)
    return session.scalars(wanted.distinct().order_by(Statement.campaign_id)).all()


def unread_of_statements(session: Session, statement_ids: Iterable[int]) -> dict[int, int]:
    """Count what nobody has read yet, by the statement's row id."""
    wanted = list(statement_ids)
    if not wanted:
        return {}
    query = _unread(Statement.id, func.count(Reply.id)).where(Statement.id.in_(wanted))
    return dict(session.execute(query.group_by(Statement.id)).all())


def reply(session: Session, public_id: str) -> Reply:
    """Return one reply; raises NoSuchReply."""
    found = session.scalar(select(Reply).where(Reply.public_id == public_id))
    if found is None:
        raise NoSuchReply
    return found


def words_of_reply(session: Session, row: Reply, purpose: str) -> ReplyWords:
    """Return what was written, word for word as it came or was recorded."""
    opened = open_one(session, reply_place(row.public_id), row.text_sealed, purpose)
    files = tuple(Attached(number, *each) for number, each in enumerate(opened.pop("attachments", ())))
    return ReplyWords(**opened, attachments=files)


def reply_place(public_id: str) -> Place:
    """Return where the text of a reply is sealed."""
    return Place("replies", "text_sealed", public_id)


def _replies(session: Session, wanted: ColumnElement[bool]) -> list[ReplyRow]:
    rows = session.execute(
        select(
            Reply.public_id, Reply.kind, Reply.received_on, Reply.public_summary, Reply.recorded_by, Reply.created_at,
            Delivery.public_id.label("delivery"), name_in_appeal().label("institution"),
            Statement.public_id.label("statement"),
        )
        .join(Delivery, Delivery.id == Reply.delivery_id)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .join(AppealLetter, AppealLetter.id == Delivery.letter_id)
        .join(Recipient, Recipient.id == AppealLetter.recipient_id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .outerjoin(Addressee, is_addressee(Appeal.version_id))
        .where(wanted)
        .order_by((Reply.kind != ReplyKind.UNREAD), Reply.received_on.desc(), Reply.id.desc())
        .limit(MOST_REPLIES)
    )  # fmt: skip
    return [by_name(ReplyRow, row) for row in rows]


def _unread(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Reply)
        .join(Delivery, Delivery.id == Reply.delivery_id)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .where(Reply.kind == ReplyKind.UNREAD)
    )
