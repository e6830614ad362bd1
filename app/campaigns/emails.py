"""The mails to a colleague who was added to a campaign, got another role in it, or was taken off it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import people, person
from app.base.links import absolute_url
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import title_of
from app.campaigns.states import Role
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


CAMPAIGN_ROLE = MailKind(
    "campaign_role", MailClass.PERSONAL, _render_change, label=_l("Notice of a changed role in a campaign")
)
CAMPAIGN_MEMBERSHIP = MailKind(
    "campaign_membership", MailClass.PERSONAL, _render, cap=Cap.UNASKED, label=_l("Notice of a role in a campaign")
)
KINDS = (CAMPAIGN_MEMBERSHIP, CAMPAIGN_ROLE)
