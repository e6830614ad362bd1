"""The mail that carries a piece of news to those who asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l
from app.base.ports import ports_of
from app.campaigns.models import Campaign
from app.campaigns.queries import slug_of, title_in
from app.directory.states import Details
from app.mail.composing import Sender
from app.mail.header_lines import one_click_headers
from app.mail.merging import skeletons
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.skeletons import Filled
from app.mail.states import MailClass, MailNotWanted, Priority
from app.signatures.queries import Signed, details_of, details_of_many, signature, signatures_by_id
from app.statements.models import Statement
from app.statements.queries import ReplyContact, contact_of, statement_by_id
from app.updates.models import Update
from app.updates.queries import News, news_of

# News can be stopped from the oldest mail, so these links are never superseded.
GENERATION = 1


@dataclass(frozen=True)
class Content:
    """What an update says; it is the same for every reader."""

    news: News
    campaign: str
    page_url: str
    contact: ReplyContact


def unsubscribe_url(session: Session, signature: str) -> str:
    """Return the address at which a signatory stops the news: page and one-click endpoint in one."""
    token = make_token(session, LinkPurpose.UNSUBSCRIBE, signature, GENERATION)
    return absolute_url(session, f"/u/{token}")


def render_update(session: Session, references: References) -> RenderedMail:
    """Render one update for one signatory; raises MailNotWanted if they have stopped the news or withdrawn."""
    update = session.scalars(select(Update).where(Update.public_id == references["update"])).one_or_none()
    signed = signature(session, references["signature"])
    update, signed = _wanted(update, signed)
    details = _reachable(details_of(session, signed.signatory))
    content = _content(session, update, contact_of(session, statement_by_id(session, signed.statement_id)))
    message = _rendered(content, unsubscribe_url(session, signed.public_id))
    return replace(message, to_name=details.name, to_address=details.email)


def render_updates(session: Session, many: Sequence[References]) -> list[Filled | RenderedMail | Exception]:
    """Render many updates as `render_update` does, reading for all of them at once."""
    wanted = {references["update"] for references in many}
    updates = {row.public_id: row for row in session.scalars(select(Update).where(Update.public_id.in_(wanted)))}
    signatures = signatures_by_id(session, [references["signature"] for references in many])
    details = details_of_many(session, [signed.signatory for signed in signatures.values()])
    contents: dict[tuple[int, int], Content] = {}
    rendered: list[Filled | RenderedMail | Exception] = []
    for references in many:
        try:
            update, signed = _wanted(updates.get(references["update"]), signatures.get(references["signature"]))
            reader = _reachable(details.get(signed.signatory))
            key = update.id, signed.statement_id
            if key not in contents:
                contact = contact_of(session, statement_by_id(session, signed.statement_id))
                contents[key] = _content(session, update, contact)
            rendered.append(_filled(session, contents[key], signed, reader))
        except MailNotWanted as unwanted:
            rendered.append(unwanted)
    return rendered


def preview_update(session: Session, update: Update, statement: Statement | None, stop_url: str) -> RenderedMail:
    """Render an update as its readers will get it, with whatever stands in for their own link."""
    contact = contact_of(session, statement) if statement is not None else ReplyContact("", "")
    return _rendered(_content(session, update, contact), stop_url)


def _wanted(update: Update | None, signed: Signed | None) -> tuple[Update, Signed]:
    if update is None or update.published_at is None or signed is None or not (signed.is_signed and signed.wants_news):
        raise MailNotWanted
    return update, signed


def _reachable(details: Details | None) -> Details:
    if details is None or not details.email:
        raise MailNotWanted
    return details


def _content(session: Session, update: Update, contact: ReplyContact) -> Content:
    campaign = session.get_one(Campaign, update.campaign_id)
    return Content(
        news_of(session, update),
        title_in(session, campaign.id, update.language),
        absolute_url(session, f"/campaigns/{slug_of(session, campaign)}"),
        contact,
    )


def _filled(session: Session, content: Content, signed: Signed, reader: Details) -> Filled:
    sender = Sender(ports_of(session).mail_from_name, ports_of(session).mail_from)

    def renders(values: Mapping[str, str]) -> RenderedMail:
        return replace(_rendered(content, values["stop_url"]), to_address=sender.address)

    skeleton = skeletons().get(("update", content), ("stop_url",), renders, sender)
    return Filled(skeleton, reader.name, reader.email, {"stop_url": unsubscribe_url(session, signed.public_id)})


def _rendered(content: Content, stop_url: str) -> RenderedMail:
    """Render what everybody gets; name and address are filled in by the caller."""
    subject, text, html = render_message(
        "update",
        content.news.language,
        news=content.news,
        campaign=content.campaign,
        page_url=content.page_url,
        stop_url=stop_url,
        contact=content.contact,
    )
    return RenderedMail(
        to_name="",
        to_address="",
        subject=subject,
        text=text,
        html=html,
        reply_to=content.contact.email or None,
        reply_to_name=content.contact.name,
        headers=one_click_headers(stop_url),
    )


UPDATE = MailKind("update", MailClass.BULK, render_update, Priority.BULK, render_many=render_updates, label=_l("News"))
KINDS = [UPDATE]
