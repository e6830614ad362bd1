"""The mail that carries a piece of news to those who asked for it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Campaign
from app.mail.registry import MailKind, References, Rendered
from app.mail.rendering import render_message
from app.mail.states import MailClass, MailNotWanted, Priority
from app.signatures.queries import details_of, signature
from app.statements.models import Statement
from app.statements.queries import Contact, contact_of, statement_by_id
from app.updates.models import Update
from app.updates.queries import campaign_title, news_of

# News can be stopped from the oldest mail, so these links are never superseded.
GENERATION = 1


def unsubscribe_url(session: Session, signature: str) -> str:
    """Return the address at which a signatory stops the news: page and one-click endpoint in one."""
    token = make_token(session, LinkPurpose.UNSUBSCRIBE, signature, GENERATION)
    return absolute_url(session, f"/u/{token}")


def render_update(session: Session, references: References) -> Rendered:
    """Render one update for one signatory; raises MailNotWanted if they have stopped the news or withdrawn."""
    update = session.scalars(select(Update).where(Update.public_id == references["update"])).one_or_none()
    signed = signature(session, references["signature"])
    if update is None or update.published_at is None or signed is None or not (signed.is_signed and signed.wants_news):
        raise MailNotWanted
    details = details_of(session, signed.signatory)
    if details is None or not details.email:
        raise MailNotWanted
    contact = contact_of(session, statement_by_id(session, signed.statement_id))
    message = _message(session, update, contact, unsubscribe_url(session, signed.public_id))
    return replace(message, to_name=details.name, to_address=details.email)


def preview_update(session: Session, update: Update, statement: Statement | None, stop_url: str) -> Rendered:
    """Render an update as its readers will get it, with whatever stands in for their own link."""
    contact = contact_of(session, statement) if statement is not None else Contact("", "")
    return _message(session, update, contact, stop_url)


def _message(session: Session, update: Update, contact: Contact, stop_url: str) -> Rendered:
    campaign = session.get_one(Campaign, update.campaign_id)
    subject, text, html = render_message(
        "update",
        update.language,
        news=news_of(update),
        campaign=campaign_title(session, campaign.id, update.language),
        page_url=absolute_url(session, f"/campaigns/{campaign.slug}"),
        stop_url=stop_url,
        contact=contact,
    )
    return Rendered(
        to_name="",
        to_address="",
        subject=subject,
        text=text,
        html=html,
        reply_to=contact.email or None,
        reply_to_name=contact.name,
        headers={"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


UPDATE = MailKind("update", MailClass.BULK, render_update, Priority.BULK, label=_l("News"))
KINDS = [UPDATE]
