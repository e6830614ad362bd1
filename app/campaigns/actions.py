"""What changes campaigns: the cause itself, its convenors and its chronology. Who works on it: `members`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import insert_into
from app.base.unpublished import UnpublishedWords
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
from app.campaigns.queries import (
    MOST_CONVENORS,
    MOST_EVENTS,
    CampaignConvenor,
    CampaignEvent,
    Texts,
    convenors_of,
    settings_of,
    slug_digest,
    slug_of,
    texts_of,
)
from app.campaigns.states import (
    SLUG,
    SLUG_LENGTH,
    CampaignFacts,
    CampaignSlugTaken,
    CampaignTextChanged,
    ConvenorFacts,
    EventFacts,
    ListFull,
    MainLanguage,
    Role,
    SlugFixed,
    SlugUnfit,
    slug_from,
)

_MOST_NUMBERED = 20


def create_campaign(session: Session, owner: Organiser, facts: CampaignFacts) -> Campaign:
    """Create a campaign with its first owner; raises SlugUnfit and SlugTaken.

    Without an address it gets one from its title, numbered where another campaign has it.
    """
    campaign = _inserted(session, facts)
    _add_text(session, campaign, facts)
    session.add(
        Membership(
            campaign_id=campaign.id, organiser_id=owner.id, role=Role.OWNER, created_at=campaign.created_at,
            let_in_by=owner.public_id, role_given_by=owner.public_id, approves_since=campaign.created_at,
        )
    )  # fmt: skip
    session.flush()
    _record(session, owner.public_id, "campaign.created", campaign.public_id, campaign)
    return campaign


def change_text(
    session: Session, campaign: Campaign, actor: str, facts: CampaignFacts, mark_before: str | None = None
) -> None:
    """Write title and summary in one language; raises TextChanged.

    `mark_before` is the mark of the text that the organiser saw (`Texts.mark`); without one, any text is replaced.
    """
    _lock(session, campaign)
    before = texts_of(session, campaign).get(facts.language, Texts())
    if mark_before is not None and before.mark != mark_before:
        raise CampaignTextChanged
    if (before.title, before.summary) == (facts.title, facts.summary):
        return
    if before.title:
        _write_text(session, campaign, facts)
    else:
        _add_text(session, campaign, facts)
    _record(session, actor, "campaign.text changed", campaign.public_id, campaign, language=facts.language,
            title=facts.title, title_before=before.title, summary_before=before.summary)  # fmt: skip


def remove_text(session: Session, campaign: Campaign, actor: str, language: str) -> None:
    """Drop title and summary in one language; raises MainLanguage for the main one."""
    _lock(session, campaign)
    if language == campaign.language:
        raise MainLanguage
    before = texts_of(session, campaign).get(language)
    if before is not None:
        session.execute(_text(delete(CampaignText), campaign, language))
        _record(session, actor, "campaign.text removed", campaign.public_id, campaign, language=language,
                title_before=before.title, summary_before=before.summary)  # fmt: skip


def change_settings(session: Session, campaign: Campaign, actor: str, facts: CampaignFacts) -> None:
    """Set address, main language and press contact; raises SlugFixed, SlugTaken, SlugUnfit and MainLanguage."""
    _lock(session, campaign)
    before = settings_of(session, campaign)
    slug = facts.slug or before.slug
    if slug != before.slug:
        _check_slug(session, campaign, slug)
    if facts.language != campaign.language:
        if facts.language not in texts_of(session, campaign):
            raise MainLanguage
        campaign.language = facts.language
    _set(campaign, _settings(session, campaign.public_id, slug, facts.press_contact, is_public=is_public(campaign)))
    session.flush()
    _record(session, actor, "campaign.settings changed", campaign.public_id, campaign, slug=slug,
            slug_before=before.slug, language=campaign.language, press_contact=facts.press_contact,
            press_contact_before=before.press_contact)  # fmt: skip


def publish(session: Session, campaign_id: int) -> None:
    """Let everybody read a campaign, since a statement of it opens. Doing it again does nothing.

    Raises CampaignSlugTaken.
    """
    held = select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    campaign = session.scalars(held.execution_options(populate_existing=True)).one()
    if is_public(campaign):
        return
    parts: tuple[tuple[UnpublishedWords, Any], ...] = (
        (CAUSE_WORDS, CampaignText), (CONVENOR_WORDS, Convenor), (EVENT_WORDS, ChronologyEntry),
    )  # fmt: skip
    for words, table in parts:
        for row in session.scalars(select(table).where(table.campaign_id == campaign_id)):
            _set(row, words.published(words.read(session, row)))
    _check_slug(session, campaign, slug_of(session, campaign))
    _set(campaign, CAMPAIGN_WORDS.published(CAMPAIGN_WORDS.read(session, campaign)))
    campaign.published_at = clock.now()
    session.flush()


def is_public(campaign: Campaign) -> bool:
    """Tell whether a statement of the campaign was opened."""
    return campaign.published_at is not None


def add_convenor(session: Session, campaign: Campaign, actor: str, facts: ConvenorFacts) -> Convenor:
    """Add a convenor as the last of the list; raises ListFull."""
    _check_room(session, campaign, Convenor, MOST_CONVENORS)
    last = session.scalar(select(func.max(Convenor.position)).where(Convenor.campaign_id == campaign.id))
    public_id = new_public_id()
    words = CONVENOR_WORDS.kept(session, public_id, vars(facts), is_public=is_public(campaign))
    place = 1 if last is None else last + 1
    added = Convenor(public_id=public_id, campaign_id=campaign.id, position=place, **words)
    session.add(added)
    session.flush()
    _record(session, actor, "convenor.added", added.public_id, campaign, name=facts.name)
    return added


def change_convenor(
    session: Session, campaign: Campaign, actor: str, convenor: CampaignConvenor, facts: ConvenorFacts
) -> None:
    """Change how a convenor is named and described."""
    _lock(session, campaign)
    words = CONVENOR_WORDS.kept(session, convenor.public_id, vars(facts), is_public=is_public(campaign))
    session.execute(update(Convenor).where(Convenor.id == convenor.id).values(words))
    _record(
        session, actor, "convenor.changed", convenor.public_id, campaign, name=facts.name, name_before=convenor.name
    )


def move_convenor_up(session: Session, campaign: Campaign, actor: str, convenor: CampaignConvenor) -> None:
    """Let a convenor stand one place earlier; the first stays first."""
    _lock(session, campaign)
    order = [each.id for each in convenors_of(session, campaign.id)]
    at = order.index(convenor.id)
    if at == 0:
        return
    order[at - 1], order[at] = order[at], order[at - 1]
    for position, each in enumerate(order, start=1):
        session.execute(update(Convenor).where(Convenor.id == each).values(position=position))
    _record(session, actor, "convenor.moved up", convenor.public_id, campaign)


def remove_convenor(session: Session, campaign: Campaign, actor: str, convenor: CampaignConvenor) -> None:
    """Take a convenor off the campaign."""
    session.execute(delete(Convenor).where(Convenor.id == convenor.id))
    _record(session, actor, "convenor.removed", convenor.public_id, campaign, name=convenor.name)


def add_event(session: Session, campaign: Campaign, actor: str, facts: EventFacts) -> ChronologyEntry:
    """Add an event to the chronology; raises ListFull."""
    _check_room(session, campaign, ChronologyEntry, MOST_EVENTS)
    public_id = new_public_id()
    added = ChronologyEntry(
        public_id=public_id, campaign_id=campaign.id, **_event_columns(session, campaign, public_id, facts)
    )
    session.add(added)
    session.flush()
    _record(session, actor, "chronology.added", added.public_id, campaign, on=facts.happened_on.isoformat())
    return added


def change_event(session: Session, campaign: Campaign, actor: str, event: CampaignEvent, facts: EventFacts) -> None:
    """Change an event of the chronology; what it said before stays in the audit."""
    _lock(session, campaign)
    columns = _event_columns(session, campaign, event.public_id, facts)
    session.execute(update(ChronologyEntry).where(ChronologyEntry.id == event.id).values(columns))
    _record(session, actor, "chronology.changed", event.public_id, campaign, text_before=event.text)


def remove_event(session: Session, campaign: Campaign, actor: str, event: CampaignEvent) -> None:
    """Take an event out of the chronology; what it said stays in the audit."""
    session.execute(delete(ChronologyEntry).where(ChronologyEntry.id == event.id))
    _record(session, actor, "chronology.removed", event.public_id, campaign, text_before=event.text)


def _event_columns(session: Session, campaign: Campaign, public_id: str, facts: EventFacts) -> dict[str, Any]:
    words = {name: getattr(facts, name) for name in EVENT_WORDS.nothing}
    kept = EVENT_WORDS.kept(session, public_id, words, is_public=is_public(campaign))
    return {**kept, "precision": facts.precision, "language": facts.language}


def _inserted(session: Session, facts: CampaignFacts) -> Campaign:
    """Insert the campaign under a free address: the unique key decides, not a look before."""
    for slug in _candidates(facts):
        if _is_taken(session, slug):
            continue
        public_id = new_public_id()
        settings = _settings(session, public_id, slug, facts.press_contact, is_public=False)
        found = session.scalar(
            insert_into(session, Campaign)
            .values(public_id=public_id, language=facts.language, created_at=clock.now(), **settings)
            .on_conflict_do_nothing(index_elements=[Campaign.slug])
            .returning(Campaign.id)
        )  # fmt: skip
        if found is not None:
            return session.scalars(select(Campaign).where(Campaign.id == found)).one()
    raise CampaignSlugTaken


def _candidates(facts: CampaignFacts) -> list[str]:
    if facts.slug:
        return [_fit_slug(facts.slug)]
    slug = slug_from(facts.title)
    return [slug, *(f"{slug}-{number}" for number in range(2, _MOST_NUMBERED)), slug_from("")]


def _check_slug(session: Session, campaign: Campaign, slug: str) -> None:
    """Raise unless a campaign may have an address; it is fixed while something is published under it."""
    if is_public(campaign):
        raise SlugFixed
    if _is_taken(session, _fit_slug(slug), besides=campaign.id):
        raise CampaignSlugTaken


def _is_taken(session: Session, slug: str, besides: int = 0) -> bool:
    """Tell whether another campaign has an address, or will have it once it is published."""
    forms = (slug, slug_digest(session, slug))
    return session.scalar(select(Campaign.id).where(Campaign.slug.in_(forms), Campaign.id != besides)) is not None


def _settings(session: Session, public_id: str, slug: str, press_contact: str, *, is_public: bool) -> dict[str, Any]:
    words = {"slug": slug, "press_contact": press_contact}
    columns = CAMPAIGN_WORDS.kept(session, public_id, words, is_public=is_public)
    return columns if is_public else columns | {"slug": slug_digest(session, slug)}


def _fit_slug(slug: str) -> str:
    if len(slug) > SLUG_LENGTH or not SLUG.fullmatch(slug):
        raise SlugUnfit
    return slug


def _add_text(session: Session, campaign: Campaign, facts: CampaignFacts) -> None:
    """Add title and summary in a language; their envelope is bound to the row, which must be there first."""
    session.add(CampaignText(campaign_id=campaign.id, language=facts.language, title="", summary=""))
    session.flush()
    _write_text(session, campaign, facts)


def _write_text(session: Session, campaign: Campaign, facts: CampaignFacts) -> None:
    row_id = session.scalars(_text(select(CampaignText.id), campaign, facts.language)).one()
    words = {"title": facts.title, "summary": facts.summary}
    columns = CAUSE_WORDS.kept(session, row_id, words, is_public=is_public(campaign))
    session.execute(update(CampaignText).where(CampaignText.id == row_id).values(columns))


def _set(row: object, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _text(statement: Any, campaign: Campaign, language: str) -> Any:
    return statement.where(CampaignText.campaign_id == campaign.id, CampaignText.language == language)


def _lock(session: Session, campaign: Campaign) -> None:
    """Let changes that look before they write happen one after the other; SQLite's writers do so anyway."""
    session.execute(
        select(Campaign).where(Campaign.id == campaign.id).with_for_update().execution_options(populate_existing=True)
    )


def _check_room(session: Session, campaign: Campaign, table: type[Convenor] | type[ChronologyEntry], most: int) -> None:
    _lock(session, campaign)
    if (session.scalar(select(func.count()).where(table.campaign_id == campaign.id)) or 0) >= most:
        raise ListFull(most)


def _record(
    session: Session, actor: str, action: str, subject: str, campaign: Campaign, **detail: str | int | None
) -> None:
    record(session, actor, action, subject, campaign.public_id, **detail)
