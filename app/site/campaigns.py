"""What readers see of the house and of a campaign: its statements, convenors, chronology and news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.locales import InOneLanguage
from app.base.markdown import to_html
from app.base.rows import by_name
from app.campaigns.models import Campaign, CampaignText, ChronologyEntry, Precision
from app.campaigns.queries import CampaignConvenor, convenors_of
from app.counts.queries import totals_of_many
from app.replies.queries import OutcomeShown, outcomes_of
from app.site.kept import Basis
from app.site.queries import SigningTimes
from app.site.states import NothingPublished
from app.statements.models import Statement, Version, VersionText
from app.statements.states import PUBLISHED, StatementKind, StatementState
from app.updates.queries import News, published_updates

MOST_STATEMENTS = 100
MOST_ENTRIES = 500
MOST_UPDATES = 50


@dataclass(frozen=True)
class StatementCard(SigningTimes, InOneLanguage):
    """A statement in a list."""

    id: int
    slug: str
    state: StatementState
    kind: StatementKind
    language: str
    title: str
    opened_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    zone: str
    campaign_slug: str
    campaign_title: str
    campaign_language: str
    signatures: int = 0


@dataclass(frozen=True)
class House:
    """The first page: what is open, and what came before."""

    open: list[StatementCard]
    past: list[StatementCard]

    @property
    def basis(self) -> Basis:
        """What the page depends on: the list, and each statement in it."""
        return _basis([*self.open, *self.past], is_house=True)


@dataclass(frozen=True)
class ChronologyLine:
    """One event of the case; where only month or year is known, the date says no more."""

    on: date
    precision: Precision
    text: Markup
    source_url: str

    @property
    def datetime(self) -> str:
        """The date for machines, as exact as it is known."""
        return self.on.isoformat()[: {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[self.precision]]


@dataclass(frozen=True)
class CampaignLanguage(InOneLanguage):
    """A language that the campaign's page can be read in."""

    language: str


@dataclass(frozen=True)
class CampaignPage(InOneLanguage):
    """What readers see of one campaign in one language."""

    id: int
    slug: str
    language: str
    title: str
    summary: Markup
    press_contact: str
    languages: list[CampaignLanguage]
    convenors: list[CampaignConvenor]
    chronology: list[ChronologyLine]
    statements: list[StatementCard]
    outcomes: list[OutcomeShown]
    updates: list[News]

    @property
    def basis(self) -> Basis:
        """What the page depends on: the campaign, and each of its statements."""
        return _basis(self.statements, campaigns=(self.id,))


def house(session: Session) -> House:
    """Return every published statement, the open ones apart; the latest first."""
    cards = _cards(session, _published_statements())
    return House(
        open=[card for card in cards if card.is_open],
        past=[card for card in cards if not card.is_open],
    )


def campaign_page(session: Session, slug: str, language: str | None) -> CampaignPage:
    """Read a campaign's page in a language, or in its main one; raises NoSuchPage before its first statement opens."""
    campaign: Any = session.execute(
        select(Campaign.id, Campaign.slug, Campaign.language, Campaign.press_contact).where(
            Campaign.slug == slug, Campaign.published_at.is_not(None)
        )
    ).one_or_none()
    if campaign is None:
        raise NothingPublished
    texts = session.scalars(select(CampaignText).where(CampaignText.campaign_id == campaign.id)).all()
    text = next((each for each in texts if each.language == (language or campaign.language)), None)
    if text is None:
        raise NothingPublished
    languages = (text.language, campaign.language)
    return CampaignPage(
        id=campaign.id,
        slug=campaign.slug,
        language=text.language,
        title=text.title,
        summary=to_html(text.summary),
        press_contact=campaign.press_contact,
        languages=[CampaignLanguage(each.language) for each in sorted(texts, key=lambda text: text.language)],
        convenors=convenors_of(session, campaign.id),
        chronology=_chronology(session, campaign.id, languages),
        statements=_cards(session, _published_statements().where(Statement.campaign_id == campaign.id)),
        outcomes=outcomes_of(session, campaign.id),
        updates=published_updates(session, campaign.id, MOST_UPDATES),
    )


def _basis(cards: Sequence[StatementCard], campaigns: tuple[int, ...] = (), *, is_house: bool = False) -> Basis:
    """Return what a page with these cards depends on; by itself it changes at the next deadline."""
    deadlines = (card.deadline_at for card in cards if card.is_open and card.deadline_at)
    signed = {card.id: card.signatures for card in cards}
    return Basis(tuple(signed), campaigns, is_house, signed, min(deadlines, default=None))


def _published_statements() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Statement.id, Statement.slug, Statement.state, Statement.kind, Statement.language, VersionText.title,
            Statement.opened_at, Statement.deadline_at, Statement.closed_at, Statement.zone,
            Campaign.slug.label("campaign_slug"), CampaignText.title.label("campaign_title"),
            Campaign.language.label("campaign_language"),
        )
        .join(Campaign, Campaign.id == Statement.campaign_id)
        .join(CampaignText, (CampaignText.campaign_id == Campaign.id) & (CampaignText.language == Campaign.language))
        .join(Version, Version.id == Statement.current_version_id)
        .join(VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language))
        .where(Statement.state.in_(PUBLISHED), Statement.opened_at.is_not(None), Version.frozen_at.is_not(None))
        .order_by(Statement.opened_at.desc(), Statement.id.desc())
        .limit(MOST_STATEMENTS)
    )  # fmt: skip


def _cards(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[StatementCard]:
    rows = session.execute(wanted).all()
    totals = totals_of_many(session, [row.id for row in rows])
    return [
        replace(by_name(StatementCard, row), signatures=totals[row.id].total if row.id in totals else 0) for row in rows
    ]


def _chronology(session: Session, campaign_id: int, languages: tuple[str, str]) -> list[ChronologyLine]:
    """Return the events in the first of the languages that has any, oldest first."""
    rows = session.scalars(
        select(ChronologyEntry)
        .where(ChronologyEntry.campaign_id == campaign_id, ChronologyEntry.language.in_(languages))
        .order_by(ChronologyEntry.happened_on, ChronologyEntry.id)
        .limit(MOST_ENTRIES)
    ).all()
    chosen = next((each for each in languages if any(row.language == each for row in rows)), "")
    return [
        ChronologyLine(row.happened_on, row.precision, to_html(row.text), row.source_url)
        for row in rows
        if row.language == chosen
    ]
