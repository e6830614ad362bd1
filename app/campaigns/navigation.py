"""What every desk page of a campaign shows around its content: the campaign's title and its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from sqlalchemy.orm import Session

from app.base.locales import direction, lazy_gettext as _l
from app.campaigns.access import Access
from app.campaigns.queries import title_of
from app.campaigns.states import Capability

# A tab is shown where its page exists and the role reaches it. Later stages are known by endpoint name only.
_TABS = (
    ("dashboards.show_campaign", _l("Overview"), Capability.VIEW),
    ("statements.list_statements", _l("Statements"), Capability.VIEW),
    ("directory.list_signatories", _l("Signatories"), Capability.SEE_PEOPLE),
    ("updates.list_updates", _l("Updates"), Capability.VIEW),
    ("replies.list_replies", _l("Replies"), Capability.VIEW),
    ("outcomes.list_outcomes", _l("Outcomes"), Capability.VIEW),
    ("campaigns.edit_campaign", _l("Description"), Capability.EDIT),
    ("campaigns.list_convenors", _l("Convenors"), Capability.VIEW),
    ("campaigns.show_chronology", _l("Chronology"), Capability.VIEW),
    ("campaigns.list_members", _l("Members"), Capability.MANAGE),
)


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
    urls = {
        endpoint: (url, str(label))
        for endpoint, label, capability in _TABS
        if access.may(capability) and (url := _url_of(endpoint, access.campaign.public_id))
    }
    here = current or _nearest({endpoint: url for endpoint, (url, _label) in urls.items()})
    language = access.campaign.language
    return CampaignFrame(
        title=title_of(session, access.campaign),
        language=language,
        direction=direction(language),
        url=campaign_url(access.campaign.public_id),
        tabs=tuple(Tab(url, label, endpoint == here) for endpoint, (url, label) in urls.items()),
    )


def campaign_url(public_id: str) -> str:
    """Return the first page of a campaign: its overview, where this installation has dashboards."""
    return _url_of("dashboards.show_campaign", public_id) or url_for("campaigns.list_convenors", public_id=public_id)


def _url_of(endpoint: str, campaign_public_id: str) -> str:
    """Return the address of a campaign's page, whatever its route calls the campaign; nothing where there is none."""
    if endpoint not in current_app.view_functions:
        return ""
    for rule in current_app.url_map.iter_rules(endpoint):
        if len(rule.arguments) == 1:
            values: dict[str, Any] = {next(iter(rule.arguments)): campaign_public_id}
            return url_for(endpoint, **values)
    return ""


def _nearest(urls: dict[str, str]) -> str | None:
    """Return the endpoint with the longest address that the current one continues."""
    above = [
        (len(url), endpoint) for endpoint, url in urls.items() if f"{request.path}/".startswith(url.rstrip("/") + "/")
    ]
    return max(above)[1] if above else None
