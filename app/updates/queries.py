"""Read news, and who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.locales import direction, endonym
from app.base.markdown import to_html
from app.base.paging import Page, decode_cursor, page_of
from app.base.sealing import Place, open_many
from app.campaigns.models import CampaignText
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.statements.models import Statement
from app.updates.models import Update
from app.updates.states import NoSuchPageOfNews, NoSuchUpdate

PAGE = 50
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class News:
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

    @property
    def direction(self) -> str:
        """In which direction it is read."""
        return direction(self.language)

    @property
    def endonym(self) -> str:
        """What readers of its language call it."""
        return endonym(self.language)


_COLUMNS = (
    Update.public_id, Update.title, Update.body, Update.language, Update.source_name, Update.source_url,
    Update.revision, Update.mailed_to, Update.published_at, Update.corrected_at, Update.created_at,
)  # fmt: skip


def published_updates(session: Session, campaign_id: int, limit: int = 20) -> list[News]:
    """Return what readers may see of a campaign's news, newest first."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(Update.campaign_id == campaign_id, Update.published_at.is_not(None))
        .order_by(Update.published_at.desc(), Update.id.desc())
        .limit(limit)
    )
    return [News(*row) for row in rows]


def updates_of(session: Session, campaign_id: int, cursor: str | None = None) -> Page[News]:
    """Return drafts and published news of a campaign, newest first, 50 a page."""
    before = _before(cursor)
    query = select(Update.id, *_COLUMNS).where(Update.campaign_id == campaign_id)
    if before is not None:
        query = query.where(Update.id < before)
    rows: list[Any] = list(session.execute(query.order_by(Update.id.desc()).limit(PAGE + 1)))
    page = page_of(rows, PAGE, cursor, (rows[PAGE - 1].id,) if len(rows) > PAGE else None)
    return Page([News(*row[1:]) for row in page.items], page.next_cursor, page.is_first)


def count_updates(session: Session, campaign_id: int) -> int:
    """Return how many updates a campaign has, drafts among them."""
    return session.scalar(select(func.count()).where(Update.campaign_id == campaign_id)) or 0


def update_of(session: Session, campaign_id: int, public_id: str) -> Update:
    """Return one update of a campaign; raises NoSuchUpdate."""
    found = session.scalars(
        select(Update).where(Update.campaign_id == campaign_id, Update.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NoSuchUpdate
    return found


def news_of(update: Update) -> News:
    """Return an update as pages show it."""
    return News(
        update.public_id, update.title, update.body, update.language, update.source_name, update.source_url,
        update.revision, update.mailed_to, update.published_at, update.corrected_at, update.created_at,
    )  # fmt: skip


@dataclass(frozen=True)
class NewsReader:
    """Somebody who signed a statement of the campaign and asked for news. `signature` is a public id."""

    signature: str
    email: str


def readers_of(session: Session, campaign_id: int) -> list[NewsReader]:
    """Return everyone who asked for a campaign's news, once for each address, by their latest signature.

    Opens every standing signature of the campaign in one call: a name or an address can't be asked for in the clear.
    """
    rows = session.execute(
        select(Signature.public_id, Signature.identity_sealed)
        .join(Statement, Statement.id == Signature.statement_id)
        .where(Statement.campaign_id == campaign_id, Signature.state == SignatureState.SIGNED)
        .order_by(Signature.id)
    ).all()
    places = [(signature_place(row.public_id), row.identity_sealed) for row in rows]
    identities = open_many(session, places, "mail news to those who asked for it")
    latest: dict[str, NewsReader] = {}
    for row, identity in zip(rows, identities, strict=True):
        email = identity.get("email") or ""
        if email and identity.get("wants_news"):
            latest[email.casefold()] = NewsReader(row.public_id, email)
    return list(latest.values())


def contact_statement(session: Session, campaign_id: int) -> Statement | None:
    """Return the campaign's statement that was opened first: its contact stands in the preview of a mail."""
    return session.scalars(
        select(Statement)
        .where(Statement.campaign_id == campaign_id, Statement.opened_at.is_not(None))
        .order_by(Statement.opened_at, Statement.id)
        .limit(1)
    ).one_or_none()


def signature_place(public_id: str) -> Place:
    """Return where a signature's identity is sealed."""
    return Place("signatures", "identity_sealed", public_id)


def campaign_title(session: Session, campaign_id: int, language: str) -> str:
    """Return a campaign's title in a language, or in whichever it has first."""
    rows = session.execute(
        select(CampaignText.language, CampaignText.title)
        .where(CampaignText.campaign_id == campaign_id)
        .order_by(CampaignText.id)
    ).all()
    titles = {row.language: row.title for row in rows}
    return titles.get(language) or next(iter(titles.values()), "")


def _before(cursor: str | None) -> int | None:
    key = decode_cursor(cursor, 1)
    if key is None:
        return None
    if not isinstance(key[0], int) or not 0 <= key[0] <= LARGEST_ID:
        raise NoSuchPageOfNews
    return key[0]
