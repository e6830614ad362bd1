"""The mail that tells a campaign's owners that mail came back: how much, where to see it, and nobody's name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import people
from app.base.links import absolute_url
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import title_of
from app.campaigns.states import Role
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import MailClass, MailNotWanted

MESSAGE = "bounces"


def render_bounces(session: Session, references: References) -> RenderedMail:
    """Render it for one owner; raises MailNotWanted if they no longer own the campaign."""
    row = session.execute(
        select(Organiser, Campaign)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .join(Campaign, Campaign.id == Membership.campaign_id)
        .where(
            Campaign.public_id == references["campaign"],
            Organiser.public_id == references["organiser"],
            Organiser.disabled_at.is_(None),
            Membership.role == Role.OWNER,
        )
    ).one_or_none()
    if row is None:
        raise MailNotWanted
    to = people(session, [row.Organiser], "mail to an organiser")[0]
    subject, text, html = render_message(
        MESSAGE,
        to.language,
        name=to.name,
        campaign=title_of(session, row.Campaign),
        people=int(references["people"]),
        letters=int(references["letters"]),
        url=absolute_url(session, f"/desk/campaigns/{row.Campaign.public_id}"),
    )
    return RenderedMail(to.name, to.email, subject, text, html)


BOUNCES = MailKind("bounces", MailClass.PERSONAL, render_bounces, label=_l("Notice of mail that came back, to owners"))
KINDS = (BOUNCES,)
