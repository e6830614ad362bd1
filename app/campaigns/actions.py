"""What changes campaigns: the cause itself, its convenors and its chronology. Who works on it: `members`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import has_changed, insert_into
from app.campaigns.models import Campaign, CampaignText, ChronologyEntry, Convenor, Membership
from app.campaigns.queries import MOST_CONVENORS, MOST_EVENTS, Texts, convenors_of, texts_of
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
    session.add(_new_text(campaign, facts))
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
        session.execute(
            _text(update(CampaignText), campaign, facts.language).values(title=facts.title, summary=facts.summary)
        )
    else:
        session.add(_new_text(campaign, facts))
        session.flush()
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
    slug_before, contact_before = campaign.slug, campaign.press_contact
    if facts.slug and facts.slug != campaign.slug:
        _change_slug(session, campaign, facts.slug)
    if facts.language != campaign.language:
        if facts.language not in texts_of(session, campaign):
            raise MainLanguage
        campaign.language = facts.language
    campaign.press_contact = facts.press_contact
    session.flush()
    _record(session, actor, "campaign.settings changed", campaign.public_id, campaign, slug=campaign.slug,
            slug_before=slug_before, language=campaign.language, press_contact=facts.press_contact,
            press_contact_before=contact_before)  # fmt: skip


def add_convenor(session: Session, campaign: Campaign, actor: str, facts: ConvenorFacts) -> Convenor:
    """Add a convenor as the last of the list; raises ListFull."""
    _check_room(session, campaign, Convenor, MOST_CONVENORS)
    last = session.scalar(select(func.max(Convenor.position)).where(Convenor.campaign_id == campaign.id))
    added = Convenor(
        campaign_id=campaign.id,
        name=facts.name,
        description=facts.description,
        website=facts.website,
        position=1 if last is None else last + 1,
    )
    session.add(added)
    session.flush()
    _record(session, actor, "convenor.added", added.public_id, campaign, name=facts.name)
    return added


def change_convenor(session: Session, campaign: Campaign, actor: str, convenor: Convenor, facts: ConvenorFacts) -> None:
    """Change how a convenor is named and described."""
    before = convenor.name
    convenor.name, convenor.description, convenor.website = facts.name, facts.description, facts.website
    _record(session, actor, "convenor.changed", convenor.public_id, campaign, name=facts.name, name_before=before)


def move_convenor_up(session: Session, campaign: Campaign, actor: str, convenor: Convenor) -> None:
    """Let a convenor stand one place earlier; the first stays first."""
    _lock(session, campaign)
    order = convenors_of(session, campaign.id)
    at = [each.id for each in order].index(convenor.id)
    if at == 0:
        return
    order[at - 1], order[at] = order[at], order[at - 1]
    for position, each in enumerate(order, start=1):
        each.position = position
    _record(session, actor, "convenor.moved up", convenor.public_id, campaign)


def remove_convenor(session: Session, campaign: Campaign, actor: str, convenor: Convenor) -> None:
    """Take a convenor off the campaign."""
    session.delete(convenor)
    _record(session, actor, "convenor.removed", convenor.public_id, campaign, name=convenor.name)


def add_event(session: Session, campaign: Campaign, actor: str, facts: EventFacts) -> ChronologyEntry:
    """Add an event to the chronology; raises ListFull."""
    _check_room(session, campaign, ChronologyEntry, MOST_EVENTS)
    added = ChronologyEntry(campaign_id=campaign.id, **vars(facts))
    session.add(added)
    session.flush()
    _record(session, actor, "chronology.added", added.public_id, campaign, on=facts.happened_on.isoformat())
    return added


def change_event(session: Session, campaign: Campaign, actor: str, event: ChronologyEntry, facts: EventFacts) -> None:
    """Change an event of the chronology; what it said before stays in the audit."""
    before = event.text
    for name, value in vars(facts).items():
        setattr(event, name, value)
    _record(session, actor, "chronology.changed", event.public_id, campaign, text_before=before)


def remove_event(session: Session, campaign: Campaign, actor: str, event: ChronologyEntry) -> None:
    """Take an event out of the chronology; what it said stays in the audit."""
    session.delete(event)
    _record(session, actor, "chronology.removed", event.public_id, campaign, text_before=event.text)


def _inserted(session: Session, facts: CampaignFacts) -> Campaign:
    """Insert the campaign under a free address: the unique key decides, not a look before."""
    for slug in _candidates(facts):
        public_id = new_public_id()
        found = session.scalar(
            insert_into(session, Campaign)
            .values(public_id=public_id, slug=slug, language=facts.language, press_contact=facts.press_contact,
                    created_at=clock.now())
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


def _change_slug(session: Session, campaign: Campaign, slug: str) -> None:
    """Change the address while nothing is published under it; both conditions hold within one statement."""
    taken = select(Campaign.id).where(Campaign.slug == _fit_slug(slug)).exists()
    if session.scalar(select(taken)):
        raise CampaignSlugTaken
    changed = session.execute(
        update(Campaign).where(Campaign.id == campaign.id, Campaign.published_at.is_(None)).values(slug=slug)
    )
    if not has_changed(changed):
        raise SlugFixed


def _fit_slug(slug: str) -> str:
    if len(slug) > SLUG_LENGTH or not SLUG.fullmatch(slug):
        raise SlugUnfit
    return slug


def _new_text(campaign: Campaign, facts: CampaignFacts) -> CampaignText:
    return CampaignText(campaign_id=campaign.id, language=facts.language, title=facts.title, summary=facts.summary)


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
