"""Read campaigns: their texts, convenors, chronology and members."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import names_of, people
from app.base.locales import gettext as _
from app.base.sealing import blind_index
from app.campaigns.models import (
    CAMPAIGN_WORDS,
    CAUSE_WORDS,
    CONVENOR_WORDS,
    EVENT_WORDS,
    Campaign,
    CampaignText,
    ChronologyEntry,
    Convenor,
    Membership,
)
from app.campaigns.states import CampaignFacts, NoSuchEntry, Precision, Role

MOST_CONVENORS = 50
MOST_EVENTS = 300
MOST_MEMBERS = 200


@dataclass(frozen=True)
class Member:
    """Somebody who works on a campaign, with name and address for its owners."""

    public_id: str
    name: str
    email: str
    role: Role
    has_password: bool
    is_disabled: bool


@dataclass(frozen=True)
class Texts:
    """A campaign's title and summary in one language."""

    title: str = ""
    summary: str = ""

    @property
    def mark(self) -> str:
        """A short digest, by which a form notices that the text has changed since it was opened."""
        return hashlib.sha256(f"{self.title}\0{self.summary}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Colleague:
    """Somebody who changed what campaigns share, as one campaign sees them; `role` is theirs there or elsewhere."""

    name: str
    role: Role | None
    is_ours: bool

    @property
    def place(self) -> str:
        """Who they are by role, without their name."""
        if self.role is None:
            return _("somebody who works on no campaign now")
        if self.is_ours:
            return _("%(role)s of this campaign", role=self.role.word)
        return _("%(role)s of another campaign", role=self.role.word)


@dataclass(frozen=True)
class CampaignConvenor:
    """Somebody who initiates a campaign's statements."""

    id: int
    public_id: str
    name: str
    description: str
    website: str


@dataclass(frozen=True)
class CampaignEvent:
    """One event of the case."""

    id: int
    public_id: str
    language: str
    precision: Precision
    happened_on: date
    text: str
    source_url: str


def settings_of(session: Session, campaign: Campaign) -> CampaignFacts:
    """Return a campaign's address (the one that it will have), main language and press contact."""
    return CampaignFacts("", language=campaign.language, **CAMPAIGN_WORDS.read(session, campaign))


def slug_of(session: Session, campaign: Campaign) -> str:
    """Return a campaign's name in URLs, or the one that it will have once its first statement opens."""
    return settings_of(session, campaign).slug


def slug_digest(session: Session, slug: str) -> str:
    """Return what stands for the address of a campaign that is not published; no address looks like it."""
    return f"~{blind_index(session, 'campaign slug', slug).hex()}"


def texts_of(session: Session, campaign: Campaign) -> dict[str, Texts]:
    """Return title and summary by language, the main language first."""
    rows = session.execute(select(*_TEXT).where(CampaignText.campaign_id == campaign.id)).all()
    rows = sorted(rows, key=lambda row: (row.language != campaign.language, row.language))
    return {row.language: Texts(**CAUSE_WORDS.read(session, row)) for row in rows}


def title_of(session: Session, campaign: Campaign) -> str:
    """Return the title in the campaign's main language."""
    return title_in(session, campaign.id, campaign.language) or slug_of(session, campaign)


def title_in(session: Session, campaign_id: int, *languages: str) -> str:
    """Return a campaign's title in the first of these languages that it has, else in the one it was given first."""
    rows = session.execute(
        select(*_TEXT).where(CampaignText.campaign_id == campaign_id).order_by(CampaignText.id)
    ).all()
    titles: dict[str, str] = {row.language: CAUSE_WORDS.read(session, row)["title"] for row in rows}
    return next((titles[language] for language in languages if language in titles), next(iter(titles.values()), ""))


def convenors_of(session: Session, campaign_id: int) -> list[CampaignConvenor]:
    """Return the convenors of a campaign (row id), all of them, in the order that it gives them."""
    query = select(Convenor).where(Convenor.campaign_id == campaign_id).order_by(Convenor.position, Convenor.id)
    return [_convenor(session, row) for row in session.scalars(query.limit(MOST_CONVENORS))]


def convenor(session: Session, campaign: Campaign, public_id: str) -> CampaignConvenor:
    """Return one convenor of a campaign; raises NoSuchEntry."""
    found = session.scalar(select(Convenor).where(Convenor.campaign_id == campaign.id, Convenor.public_id == public_id))
    if found is None:
        raise NoSuchEntry
    return _convenor(session, found)


def chronology_of(session: Session, campaign: Campaign) -> list[CampaignEvent]:
    """Return the events of the case, oldest first; on one date as they were entered."""
    query = select(ChronologyEntry).where(ChronologyEntry.campaign_id == campaign.id)
    rows = session.scalars(query.order_by(ChronologyEntry.happened_on, ChronologyEntry.id).limit(MOST_EVENTS))
    # Dates that are sealed can't be ordered by the database.
    return sorted((_event(session, row) for row in rows), key=lambda event: (event.happened_on, event.id))


def event(session: Session, campaign: Campaign, public_id: str) -> CampaignEvent:
    """Return one event of a campaign's chronology; raises NoSuchEntry."""
    found = session.scalar(
        select(ChronologyEntry).where(
            ChronologyEntry.campaign_id == campaign.id, ChronologyEntry.public_id == public_id
        )
    )
    if found is None:
        raise NoSuchEntry
    return _event(session, found)


def members_of(session: Session, campaign: Campaign) -> list[Member]:
    """Return the people who work on a campaign, in the order they came; names and addresses are for its owners."""
    rows = session.execute(
        select(Membership.role, Organiser)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Membership.campaign_id == campaign.id)
        .order_by(Membership.id)
        .limit(MOST_MEMBERS)
    ).all()
    opened = people(session, [row.Organiser for row in rows], "members of a campaign")
    return [
        Member(each.public_id, each.name, each.email, row.role, each.has_password, each.disabled_at is not None)
        for row, each in zip(rows, opened, strict=True)
    ]


def owners_of(session: Session, campaign: Campaign) -> list[Organiser]:
    """Return the owners of a campaign whose accounts are open, in the order they came."""
    query = (
        select(Organiser)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .where(Membership.campaign_id == campaign.id, Membership.role == Role.OWNER, Organiser.disabled_at.is_(None))
        .order_by(Membership.id)
    )
    return list(session.scalars(query.limit(MOST_MEMBERS)))


def colleagues(session: Session, campaign_id: int, public_ids: Iterable[str]) -> dict[str, Colleague]:
    """Return who some actors are, as a campaign sees them; those who are no organisers are left out."""
    wanted = set(public_ids)
    names, ours = names_of(session, wanted), Membership.campaign_id == campaign_id
    rows = session.execute(
        select(Organiser.public_id, Membership.role, ours)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Organiser.public_id.in_(wanted))
    )
    order = list(Role)
    best: dict[str, tuple[bool, int]] = {}
    for public_id, role, is_ours in rows:
        place = (not is_ours, order.index(role))
        best[public_id] = min(best.get(public_id, place), place)
    return {
        public_id: Colleague(
            name, order[best[public_id][1]] if public_id in best else None, public_id in best and not best[public_id][0]
        )
        for public_id, name in names.items()
    }


def membership(session: Session, campaign: Campaign, organiser_public_id: str) -> Membership:
    """Return one organiser's membership of a campaign; raises NoSuchEntry."""
    found = session.scalar(
        select(Membership)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Membership.campaign_id == campaign.id, Organiser.public_id == organiser_public_id)
    )
    if found is None:
        raise NoSuchEntry
    return found


_TEXT = (
    CampaignText.id, CampaignText.language, CampaignText.title, CampaignText.summary, CampaignText.unpublished_sealed,
)  # fmt: skip


def _convenor(session: Session, row: Convenor) -> CampaignConvenor:
    return CampaignConvenor(row.id, row.public_id, **CONVENOR_WORDS.read(session, row))


def _event(session: Session, row: ChronologyEntry) -> CampaignEvent:
    return CampaignEvent(row.id, row.public_id, row.language, row.precision, **EVENT_WORDS.read(session, row))
