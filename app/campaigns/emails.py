"""The mails to a colleague who was added to a campaign, got another role in it, or was taken off it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import administrators, people, person
from app.audit.actions import SYSTEM
from app.base import clock
from app.base.links import absolute_url
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import owners_of, title_of
from app.campaigns.states import MemberNews, Role
from app.campaigns.vouching import vouching_in
from app.mail.actions import Outgoing, enqueue
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import Cap, MailClass, MailNotWanted


def _render(session: Session, references: References) -> RenderedMail:
    row = session.execute(
        select(Organiser, Campaign, Membership.role)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .join(Campaign, Campaign.id == Membership.campaign_id)
        .where(
            Organiser.public_id == references["organiser"],
            Campaign.public_id == references["campaign"],
            Organiser.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise MailNotWanted
    to = people(session, [row.Organiser], "mail to an organiser")[0]
    inviter = person(session, references["inviter"], "added to a campaign")
    subject, text, html = render_message(
        "campaign_membership",
        to.language,
        name=to.name,
        email=to.email,
        inviter=inviter.name,
        campaign_title=title_of(session, row.Campaign),
        role=row.role,
        url=absolute_url(session, f"/desk/campaigns/{references['campaign']}"),
    )
    return RenderedMail(to.name, to.email, subject, text, html, reply_to=inviter.email, reply_to_name=inviter.name)


def _render_change(session: Session, references: References) -> RenderedMail:
    """Tell a colleague that somebody else changed their role, or took them off the campaign."""
    campaign = session.scalar(select(Campaign).where(Campaign.public_id == references["campaign"]))
    if campaign is None:
        raise MailNotWanted
    to = person(session, references["organiser"], "mail to an organiser")
    by = person(session, references["by"], "changed a role in a campaign")
    role = references["role"]
    subject, text, html = render_message(
        "campaign_role",
        to.language,
        name=to.name,
        email=to.email,
        by=by.name,
        campaign_title=title_of(session, campaign),
        role_before=Role(references["role_before"]),
        role=Role(role) if role else None,
        changed_at=datetime.fromisoformat(references["at"]),
        url=absolute_url(session, f"/desk/campaigns/{references['campaign']}"),
    )
    return RenderedMail(to.name, to.email, subject, text, html, reply_to=by.email, reply_to_name=by.name)


def tell_of_member(session: Session, campaign: Campaign, actor: str, organiser: str, news: MemberNews) -> None:
    """Mail the other owners what became of a member, and the administrators who may confirm them.

    A confirmed member is told themselves. A viewer is no matter for the house's administrators.
    """
    session.flush()
    vouching, at = vouching_in(session, campaign.id), clock.now().isoformat()
    known = vouching.approvers.get(organiser)
    told = {
        each.public_id
        for each in owners_of(session, campaign)
        if each.public_id != organiser or news is MemberNews.CONFIRMED
    }
    if news is MemberNews.CONFIRMED:
        told |= {organiser}
    elif known is not None:
        told |= {each.public_id for each in administrators(session) if vouching.may_confirm(each.public_id, organiser)}
    for to in sorted(told - {actor}):
        references = {
            "to": to, "about": organiser, "campaign": campaign.public_id, "by": actor if actor != SYSTEM else "",
            "news": str(news), "at": at,
        }  # fmt: skip
        enqueue(session, Outgoing(CAMPAIGN_MEMBERS, to, f"{campaign.public_id} {organiser} {news} {at}", references))


def _render_news(session: Session, references: References) -> RenderedMail:
    """Tell an owner or administrator of a member; nobody is told of who has left meanwhile."""
    row = session.execute(
        select(Campaign, Membership)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(Campaign.public_id == references["campaign"], Organiser.public_id == references["about"])
    ).one_or_none()
    to = person(session, references["to"], "mail to an organiser")
    if row is None or to.disabled_at is not None:
        raise MailNotWanted
    campaign, member = row
    about = person(session, references["about"], "news of a member")
    by = person(session, references["by"], "news of a member") if references["by"] else None
    vouching = vouching_in(session, campaign.id)
    known = vouching.approvers.get(about.public_id)
    may_confirm = known is not None and not known.is_confirmed and vouching.may_confirm(to.public_id, about.public_id)
    page = f"/desk/confirmations/{campaign.public_id}/{about.public_id}"
    members = f"/desk/campaigns/{campaign.public_id}" + ("" if to.public_id == about.public_id else "/members")
    subject, text, html = render_message(
        "campaign_members", to.language, name=to.name, email=to.email, about=about.name, about_email=about.email,
        by=by.name if by else "", campaign_title=title_of(session, campaign), role=member.role, known=known,
        is_me=to.public_id == about.public_id, news=MemberNews(references["news"]), may_confirm=may_confirm,
        at=datetime.fromisoformat(references["at"]),
        url=absolute_url(session, page if may_confirm else members),
    )  # fmt: skip
    return RenderedMail(to.name, to.email, subject, text, html)


CAMPAIGN_MEMBERS = MailKind(
    "campaign_members", MailClass.PERSONAL, _render_news, label=_l("News of who works on a campaign")
)
CAMPAIGN_ROLE = MailKind(
    "campaign_role", MailClass.PERSONAL, _render_change, label=_l("Notice of a changed role in a campaign")
)
CAMPAIGN_MEMBERSHIP = MailKind(
    "campaign_membership", MailClass.PERSONAL, _render, cap=Cap.UNASKED, label=_l("Notice of a role in a campaign")
)
KINDS = (CAMPAIGN_MEMBERS, CAMPAIGN_MEMBERSHIP, CAMPAIGN_ROLE)
