"""The mail that says that replies wait to be read: at most one a day for a campaign, and no word of what they say."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.queries import people
from app.base.links import absolute_url
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign, Membership
from app.campaigns.queries import title_of
from app.campaigns.states import Capability, may
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import MailClass, MailNotWanted
from app.replies.held import held_for_campaign
from app.replies.queries import unread_replies
from app.statements.queries import contact_of, statement_by_public_id

MESSAGE = "new_replies"


def render_new_replies(session: Session, references: References) -> RenderedMail:
    """Render it for an organiser, or for the contact of a statement; raises MailNotWanted once all are read."""
    campaign = session.scalars(select(Campaign).where(Campaign.public_id == references["campaign"])).one_or_none()
    if campaign is None:
        raise MailNotWanted
    unread, held = unread_replies(session, campaign.id), len(held_for_campaign(session, campaign.id))
    if not unread + held:
        raise MailNotWanted
    name, address, language = _to(session, campaign, references)
    subject, text, html = render_message(
        MESSAGE,
        language,
        name=name,
        campaign=title_of(session, campaign),
        unread=unread,
        held=held,
        is_contact="statement" in references,
        url=absolute_url(session, f"/desk/campaigns/{campaign.public_id}/replies"),
    )
    return RenderedMail(name, address, subject, text, html)


def _to(session: Session, campaign: Campaign, references: References) -> tuple[str, str, str]:
    """Return the reader's name, address and language; raises MailNotWanted if they no longer work here."""
    if "statement" in references:
        statement = statement_by_public_id(session, references["statement"])
        contact = contact_of(session, statement)
        if not contact.email:
            raise MailNotWanted
        return contact.name, contact.email, statement.language
    row = session.execute(
        select(Organiser, Membership.role)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .where(
            Membership.campaign_id == campaign.id,
            Organiser.public_id == references["organiser"],
            Organiser.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None or not may(row.role, Capability.RECORD_REPLIES):
        raise MailNotWanted
    to = people(session, [row.Organiser], "mail to an organiser")[0]
    return to.name, to.email, to.language


NEW_REPLIES = MailKind(
    "new replies", MailClass.PERSONAL, render_new_replies, label=_l("Notice of new replies, to organisers")
)
KINDS = (NEW_REPLIES,)
