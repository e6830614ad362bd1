"""/desk: what needs an organiser first, a campaign's overview and history, and a statement's dashboard.

The pages about people and signatories have a module of their own; all hang on one blueprint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import islice

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.accounts.sessions import current_organiser_id
from app.base import clock
from app.base.countries import country_name
from app.base.edge import reading
from app.base.locales import gettext as _
from app.base.signposts import way_to
from app.campaigns.access import Access, enter
from app.campaigns.confirming import count_to_confirm
from app.campaigns.navigation import READERS_CAMPAIGN, CampaignFrame, frame_of
from app.campaigns.queries import Member, convenors_of, members_of
from app.campaigns.states import CAPABILITIES, Capability
from app.counts.queries import per_day, totals
from app.dashboards import people_pages
from app.dashboards.attention import Need, NeedKind, needs_of, troubled_deliveries
from app.dashboards.desk import blueprint, enter_statement, remembered, statement_frame
from app.dashboards.funnel import Funnel, funnel_of
from app.dashboards.history import Deed, campaign_history
from app.dashboards.people import PersonLine, lines_of
from app.dashboards.queries import CampaignLine, StatementLine, campaigns_of, statements_of
from app.dashboards.remembered import placed_of
from app.dashboards.signatories import Figures, figures_of
from app.dashboards.standings import Placed
from app.dashboards.states import NEAR_DEADLINE, InviteeStanding
from app.statements.desk import Entered
from app.statements.states import StatementState

__all__ = ["blueprint", "people_pages"]

FIRST_OF_EACH = 3
LATEST_DEEDS = 8
MOST_COUNTRIES = 100
# Days without signatures between the first and the last are shown up to this many; then only days with some.
MOST_DAYS = 60
_PEOPLE = {
    NeedKind.BOUNCED: InviteeStanding.BOUNCED,
    NeedKind.CHANGE_ASKED: InviteeStanding.CHANGE_ASKED,
    NeedKind.REFUSED: InviteeStanding.REFUSED,
    NeedKind.UNCERTAIN: InviteeStanding.UNCERTAIN,
    NeedKind.NO_ADDRESS: InviteeStanding.NO_ADDRESS,
    NeedKind.DEADLINE_NEAR: InviteeStanding.NO_ANSWER,
}
_PAGES = {
    NeedKind.DELIVERY_BOUNCED: "deliveries.list_deliveries",
    NeedKind.DELIVERY_UNCERTAIN: "deliveries.list_deliveries",
    NeedKind.DELIVERY_REFUSED: "deliveries.list_deliveries",
    NeedKind.NAME_WAITS: "names.list_names",
    NeedKind.RECIPIENTS_WAIT: "statements.list_recipients",
    NeedKind.REPLY_UNREAD: "replies.find_replies",
    NeedKind.APPROVE: "dossiers.show_dossier",
    NeedKind.RELEASE: "dossiers.show_dossier",
    NeedKind.ASSEMBLE: "dossiers.show_dossier",
    NeedKind.ASK: "invitations.show_invitations",
    NeedKind.INVITE: "invitations.show_invitations",
    NeedKind.DEADLINE_OVER: "statements.show_statement",
    NeedKind.WRITE: "statements.show_statement",
}


@dataclass(frozen=True)
class NeedLine:
    """One thing to do first, and where."""

    sentence: str
    url: str
    statement: StatementLine
    is_grave: bool


@dataclass(frozen=True)
class CampaignCard:
    """A campaign on the organiser's first page."""

    campaign: CampaignLine
    url: str
    statements: list[tuple[StatementLine, str]]


@dataclass(frozen=True)
class CampaignOverview:
    """What an organiser sees of one campaign."""

    needs: list[NeedLine]
    statements: list[tuple[StatementLine, str, str]]
    convenors: list[str]
    members: list[Member]
    deeds: list[Deed]
    new_statement_url: str
    history_url: str
    members_url: str
    public_url: str


@dataclass(frozen=True)
class Section:
    """Those who stand in one troubled place: the first few of them, and where the rest are."""

    standing: InviteeStanding
    number: int
    lines: list[tuple[PersonLine, str]]
    url: str
    title: str = ""


@dataclass(frozen=True)
class DashboardPage:
    """A statement at a glance. A figure that an audience may not know is None or empty."""

    signed: int
    goal: int | None
    asked: int
    invited: int
    funnel: Funnel | None
    sections: list[Section]
    deliveries: int
    deliveries_url: str
    days: list[tuple[date, int]]
    busiest_day: int
    figures: Figures
    countries: list[tuple[str, int]]
    people_url: str
    invite_url: str


@blueprint.get("")
def show_desk() -> ResponseReturnValue:
    """Show the organiser's campaigns, and what needs them first."""
    session = reading()
    organiser_id, organiser = current_organiser_id()
    campaigns = campaigns_of(session, organiser_id)
    statements = statements_of(session, [campaign.id for campaign in campaigns], organiser, remembered())
    capabilities = {campaign.id: CAPABILITIES[campaign.role] for campaign in campaigns}
    lines = [line for campaign in campaigns for line in statements[campaign.id]]
    cards = [
        CampaignCard(
            campaign,
            url_for(".show_campaign", campaign=campaign.public_id),
            [(line, _dashboard(line)) for line in statements[campaign.id]],
        )
        for campaign in campaigns
    ]
    return render_template(
        "dashboards/show_desk.html",
        needs=[_need_line(need) for need in needs_of(session, lines, capabilities, remembered())],
        cards=cards,
        to_confirm=count_to_confirm(session) if current_user.is_administrator or _owns(campaigns) else 0,
        keeps_accounts=current_user.is_administrator,
        new_campaign_url=url_for("campaigns.new_campaign") if current_user.may_create_campaigns else "",
    )


@blueprint.get("/campaigns/<campaign>")
def show_campaign(campaign: str) -> ResponseReturnValue:
    """Show a campaign: its statements with what comes next, its convenors, who works on it and what was done."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    return render_template(
        "dashboards/show_campaign.html", frame=frame_of(session, access), page=_overview(session, access)
    )


@blueprint.get("/campaigns/<campaign>/history")
def show_history(campaign: str) -> ResponseReturnValue:
    """Show who did what in a campaign; for its owners."""
    session = reading()
    access = enter(session, campaign, Capability.MANAGE)
    page = campaign_history(session, campaign, request.args.get("after"))
    next_url = url_for(".show_history", campaign=campaign, after=page.next_cursor) if page.next_cursor else None
    return render_template(
        "dashboards/show_history.html", frame=_frame(session, access), deeds=page.items, next_url=next_url,
        first_url=None if page.is_first else url_for(".show_history", campaign=campaign),
    )  # fmt: skip


@blueprint.get("/statements/<statement>/dashboard")
def show_dashboard(statement: str) -> ResponseReturnValue:
    """Show where everybody stands, what needs attention first, and how signatures spread."""
    session = reading()
    found = enter_statement(session, statement, Capability.VIEW)
    return render_template(
        "dashboards/show_dashboard.html", frame=statement_frame(session, found), page=_dashboard_page(session, found)
    )


def _owns(campaigns: list[CampaignLine]) -> bool:
    return any(Capability.MANAGE in CAPABILITIES[campaign.role] for campaign in campaigns)


def _frame(session: Session, access: Access) -> CampaignFrame:
    return frame_of(session, access, "dashboards.show_campaign")


def _overview(session: Session, access: Access) -> CampaignOverview:
    campaign, public_id = access.campaign, access.campaign.public_id
    lines = statements_of(session, [campaign.id], access.organiser, remembered())[campaign.id]
    needs = needs_of(session, lines, {campaign.id: CAPABILITIES[access.role]}, remembered())
    next_steps = {need.statement.id: need.sentence for need in reversed(needs)}
    is_owner = access.may(Capability.MANAGE)
    return CampaignOverview(
        needs=[_need_line(need) for need in needs],
        statements=[(line, _dashboard(line), next_steps.get(line.id, "")) for line in lines],
        convenors=[convenor.name for convenor in convenors_of(session, campaign.id)],
        members=members_of(session, campaign) if is_owner else [],
        deeds=list(campaign_history(session, public_id).items[:LATEST_DEEDS]) if is_owner else [],
        new_statement_url=url_for("statements.new_statement", campaign=public_id)
        if access.may(Capability.EDIT)
        else "",
        history_url=url_for(".show_history", campaign=public_id),
        members_url=url_for("campaigns.list_members", public_id=public_id),
        public_url=way_to(READERS_CAMPAIGN, campaign.slug) if campaign.published_at else "",
    )


def countries_of(figures: Figures) -> list[tuple[str, int]]:
    """Return the most frequent first; equals stand by the names that are read, and not by their codes."""
    named = [(country_name(code, "en") if code else str(_("Not told")), number) for code, number in figures.by_country]
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


def _dashboard_page(session: Session, found: Entered) -> DashboardPage:
    statement, access = found.statement, found.access
    sees_people = access.may(Capability.SEE_PEOPLE)
    placed = placed_of(session, [statement.id], remembered())[statement.id] if sees_people else None
    (line,) = [
        each
        for each in statements_of(session, [statement.campaign_id], access.organiser, remembered())[
            statement.campaign_id
        ]
        if each.id == statement.id
    ]
    days = _every_day(per_day(session, statement.id))
    figures = figures_of(remembered().spread(session, statement.id), access.audience)
    deliveries = troubled_deliveries(session, [statement.id]).get(statement.id)
    return DashboardPage(
        signed=totals(session, statement.id).total,
        goal=statement.goal,
        asked=line.asked,
        invited=line.invited,
        funnel=funnel_of(placed.numbers()) if placed else None,
        sections=_sections(session, found, placed) if placed else [],
        deliveries=deliveries.total() if deliveries and access.may(Capability.ASSEMBLE) else 0,
        deliveries_url=url_for(_PAGES[NeedKind.DELIVERY_UNCERTAIN], statement=statement.public_id),
        days=days,
        busiest_day=max((number for _day, number in days), default=0),
        figures=figures,
        countries=countries_of(figures)[:MOST_COUNTRIES],
        people_url=url_for(".list_people", statement=statement.public_id) if sees_people else "",
        invite_url=url_for(_PAGES[NeedKind.INVITE], statement=statement.public_id)
        if access.may(Capability.ASK)
        else "",
    )


def _sections(session: Session, found: Entered, placed: Placed) -> list[Section]:
    """Gather those who need a person, the most pressing first."""
    statement = found.statement
    is_open = statement.state is StatementState.OPEN
    near = is_open and statement.deadline_at is not None and statement.deadline_at - clock.now() <= NEAR_DEADLINE
    wanted = [
        InviteeStanding.BOUNCED,
        InviteeStanding.CHANGE_ASKED,
        InviteeStanding.REFUSED,
        InviteeStanding.UNCERTAIN,
        InviteeStanding.NOT_SENT,
    ]
    wanted += [InviteeStanding.NO_ANSWER] if near else []
    wanted += [InviteeStanding.NO_ADDRESS] if is_open else []
    sections, numbers = [], placed.numbers()
    for place in wanted:
        if not numbers[place]:
            continue
        url = url_for(".list_people", statement=statement.public_id, standing=place.value)
        title = _("No answer, and the deadline is near") if place is InviteeStanding.NO_ANSWER else place.label
        there = list(islice(placed.walk(place), FIRST_OF_EACH))
        first = [(line, _person_url(found, line)) for line in lines_of(session, there)]
        sections.append(Section(place, numbers[place], first, url, title))
    return sections


def _person_url(found: Entered, line: PersonLine) -> str:
    return url_for(".show_person", statement=found.statement.public_id, invitation=line.invited.public_id)


def _every_day(days: list[tuple[date, int]]) -> list[tuple[date, int]]:
    """Return the days newest first, quiet ones filled in, so that a pause is seen; a long stretch keeps busy days."""
    if not days:
        return []
    first, last = days[0][0], days[-1][0]
    if (last - first).days >= MOST_DAYS:
        return list(reversed(days))[:MOST_DAYS]
    known = dict(days)
    return [
        (date.fromordinal(day), known.get(date.fromordinal(day), 0))
        for day in range(last.toordinal(), first.toordinal() - 1, -1)
    ]


def _need_line(need: Need) -> NeedLine:
    grave = {NeedKind.DELIVERY_BOUNCED, NeedKind.DELIVERY_UNCERTAIN, NeedKind.DELIVERY_REFUSED, NeedKind.DEADLINE_OVER}
    if need.kind in _PEOPLE:
        url = url_for(".list_people", statement=need.statement.public_id, standing=_PEOPLE[need.kind].value)
    else:
        url = url_for(_PAGES[need.kind], statement=need.statement.public_id)
    return NeedLine(need.sentence, url, need.statement, need.kind in grave)


def _dashboard(line: StatementLine) -> str:
    """Return where a statement's line leads: a draft to its text, any other to its dashboard."""
    if line.state is StatementState.DRAFTING:
        return url_for("statements.show_statement", statement=line.public_id)
    return url_for(".show_dashboard", statement=line.public_id)
