"""What every desk page of a campaign shows around its content: the campaign's title and its tabs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from app.base.locales import direction
from app.base.signposts import Signpost, address, signposts, way_to
from app.campaigns.access import Access
from app.campaigns.queries import title_of
from app.campaigns.states import Capability

# Places of later stages' pages.
OVERVIEW = "a campaign's overview"
READERS_CAMPAIGN = "a campaign as readers see it"


@dataclass(frozen=True, kw_only=True)
class CampaignTab(Signpost):
    """A page of every campaign that a stage puts up: shown to roles with its capability."""

    label: object  # lazy: in the language of its reader
    capability: Capability = Capability.VIEW


@dataclass(frozen=True)
class Tab:
    """One page of a campaign."""

    url: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class CampaignFrame:
    """The title that stands above the tabs, in its own language, and the tabs."""

    title: str
    language: str
    direction: str
    url: str
    tabs: tuple[Tab, ...]


def frame_of(session: Session, access: Access, current: str | None = None) -> CampaignFrame:
    """Return what surrounds a page of the campaign that `access` entered.

    The current tab is the one under whose address the page lies; `current` names another's endpoint.
    """
    tabs = [tab for tab in signposts().of(CampaignTab) if access.may(tab.capability)]
    urls = {tab.endpoint: address(tab.endpoint, access.campaign.public_id) for tab in tabs}
    here = current or _nearest(urls)
    language = access.campaign.language
    return CampaignFrame(
        title=title_of(session, access.campaign),
        language=language,
        direction=direction(language),
        url=campaign_url(access.campaign.public_id),
        tabs=tuple(Tab(urls[tab.endpoint], str(tab.label), tab.endpoint == here) for tab in tabs),
    )


def campaign_url(public_id: str) -> str:
    """Return the first page of a campaign."""
    return way_to(OVERVIEW, public_id)


def _nearest(urls: dict[str, str]) -> str | None:
    """Return the endpoint with the longest address that the current one continues."""
    above = [
        (len(url), endpoint) for endpoint, url in urls.items() if f"{request.path}/".startswith(url.rstrip("/") + "/")
    ]
    return max(above)[1] if above else None
