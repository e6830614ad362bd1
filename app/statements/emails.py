"""The mail that tells a campaign's owners that somebody else changed whom it writes to; no address is in it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import people
from app.base.links import absolute_url
from app.base.locales import lazy_gettext as _l, rendering_in
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import colleagues, title_of
from app.campaigns.states import Role
from app.institutions.models import Institution
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import MailClass, MailNotWanted

MESSAGE = "recipient_proposal"


def render_proposal(session: Session, references: References) -> RenderedMail:
    """Render it for one owner; raises MailNotWanted if they no longer own the campaign."""
    row = session.execute(
        select(Organiser, Campaign, Institution.name)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .join(Campaign, Campaign.id == Membership.campaign_id)
        .join(Institution, Institution.public_id == references["institution"])
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
    maker = colleagues(session, row.Campaign.id, [references["by"]]).get(references["by"])
    with rendering_in(to.language):
        place = maker.place if maker is not None and maker.role is not None else ""
    subject, text, html = render_message(
        MESSAGE,
        to.language,
        name=to.name,
        campaign=title_of(session, row.Campaign),
        institution=row.name,
        place=place,
        url=absolute_url(session, f"/desk/statements/{references['statement']}/recipients"),
    )
    return RenderedMail(to.name, to.email, subject, text, html)


RECIPIENT_PROPOSAL = MailKind(
    "recipient_proposal", MailClass.PERSONAL, render_proposal, label=_l("Notice of a proposed change of recipients")
)
KINDS = (RECIPIENT_PROPOSAL,)
