"""Read news, and find the people who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.locales import InOneLanguage
from app.base.markdown import to_html
from app.base.paging import Page, decode_id, page_of
from app.campaigns.queries import title_in
from app.directory.queries import entries_by_email
from app.signatures.models import Signature
from app.signatures.queries import Signed, details_of, signature, signatures_of
from app.signatures.states import SignatureState
from app.statements.models import Statement
from app.statements.queries import statement_by_id
from app.updates.models import NEWS_WORDS, Update
from app.updates.states import NoSuchUpdate

PAGE = 50


@dataclass(frozen=True)
class News(InOneLanguage):
    """One update as pages show it. Drafts have no `published_at`."""

    public_id: str
    title: str
    body: str
    language: str
    source_name: str
    source_url: str
    revision: int
    mailed_to: int | None
    published_at: datetime | None
    corrected_at: datetime | None
    created_at: datetime

    @property
    def html(self) -> Markup:
        """The text as safe HTML."""
        return to_html(self.body)


_COLUMNS = (
    Update.id, Update.public_id, Update.title, Update.body, Update.language, Update.source_name, Update.source_url,
    Update.unpublished_sealed, Update.revision, Update.mailed_to, Update.published_at, Update.corrected_at,
    Update.created_at,
)  # fmt: skip


def published_updates(session: Session, campaign_id: int, limit: int = 20) -> list[News]:
    """Return what readers may see of a campaign's news, newest first."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(Update.campaign_id == campaign_id, Update.published_at.is_not(None))
        .order_by(Update.published_at.desc(), Update.id.desc())
        .limit(limit)
    )
    return [news_of(session, row) for row in rows]


def updates_of(session: Session, campaign_id: int, cursor: str | None = None) -> Page[News]:
    """Return drafts and published news of a campaign, newest first, 50 a page."""
    before = decode_id(cursor)
    query = select(*_COLUMNS).where(Update.campaign_id == campaign_id)
    if before is not None:
        query = query.where(Update.id < before)
    rows: list[Any] = list(session.execute(query.order_by(Update.id.desc()).limit(PAGE + 1)))
    page = page_of(rows, PAGE, cursor, (rows[PAGE - 1].id,) if len(rows) > PAGE else None)
    return Page([news_of(session, row) for row in page.items], page.next_cursor, page.is_first)


def update_of(session: Session, campaign_id: int, public_id: str) -> Update:
    """Return one update of a campaign; raises NoSuchUpdate."""
    found = session.scalars(
        select(Update).where(Update.campaign_id == campaign_id, Update.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NoSuchUpdate
    return found


def update_by_id(session: Session, public_id: str) -> Update:
    """Return an update to the worker that publishes it; raises NoSuchUpdate."""
    found = session.scalars(select(Update).where(Update.public_id == public_id)).one_or_none()
    if found is None:
        raise NoSuchUpdate
    return found


def count_at_most(session: Session, campaign_id: int) -> int:
    """Count who signed statements of a campaign: so many at most read its news, and nothing is opened for it."""
    of_campaign = Signature.statement_id.in_(select(Statement.id).where(Statement.campaign_id == campaign_id))
    counted = select(func.count()).where(of_campaign, Signature.state == SignatureState.SIGNED)
    return session.scalar(counted) or 0


def news_of(session: Session, update: Any) -> News:
    """Return an update, or a row with its columns, as pages show it."""
    return News(
        public_id=update.public_id, language=update.language, revision=update.revision, mailed_to=update.mailed_to,
        published_at=update.published_at, corrected_at=update.corrected_at, created_at=update.created_at,
        **NEWS_WORDS.read(session, update),
    )  # fmt: skip


@dataclass(frozen=True)
class NewsChoice:
    """Whether somebody gets a campaign's news, as the page behind their link shows it."""

    campaign: str
    language: str
    wants_news: bool


def choice_of(session: Session, signature_id: str) -> NewsChoice | None:
    """Return whether the owner of a signature gets news; None if the signature is erased. Withdrawn ones get none."""
    signed = signature(session, signature_id)
    if signed is None:
        return None
    campaign_id = statement_by_id(session, signed.statement_id).campaign_id
    title = title_in(session, campaign_id, signed.language)
    return NewsChoice(title, signed.language, bool(_wanting(session, signed, campaign_id)))


def signatures_of_reader(session: Session, signature_id: str) -> list[Signed]:
    """Return the standing signatures in the campaign of the owner of this one: by address, or else by signatory."""
    signed = signature(session, signature_id)
    if signed is None:
        return []
    return _theirs(session, signed, statement_by_id(session, signed.statement_id).campaign_id)


def _wanting(session: Session, signed: Signed, campaign_id: int) -> list[Signed]:
    return [one for one in _theirs(session, signed, campaign_id) if one.wants_news]


def _theirs(session: Session, signed: Signed, campaign_id: int) -> list[Signed]:
    """Find what one address signed: news goes to addresses, and stopping it must stop all of it."""
    details = details_of(session, signed.signatory)
    entries = entries_by_email(session, campaign_id, details.email, "stop news") if details and details.email else []
    signatories = {signed.signatory, *(entry.public_id for entry in entries)}
    statements = session.scalars(
        select(Statement.public_id).where(Statement.campaign_id == campaign_id).order_by(Statement.id)
    ).all()
    found = (one for each in statements for one in signatures_of(session, each, signatories).values())
    return [one for one in found if one.is_signed]


def contact_statement(session: Session, campaign_id: int) -> Statement | None:
    """Return the campaign's statement that was opened first: its contact stands in the preview of a mail."""
    return session.scalars(
        select(Statement)
        .where(Statement.campaign_id == campaign_id, Statement.opened_at.is_not(None))
        .order_by(Statement.opened_at, Statement.id)
        .limit(1)
    ).one_or_none()
