"""Write news, publish it once, correct it, and let people stop it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.addresses import canonical
from app.base.identifiers import new_public_id
from app.base.rows import has_changed
from app.campaigns.models import Campaign
from app.mail.actions import Outgoing, enqueue_many
from app.signatures.actions import choose_news
from app.signatures.queries import NewsReader, news_readers
from app.updates.emails import UPDATE
from app.updates.models import NEWS_WORDS, Update
from app.updates.queries import signatures_of_reader
from app.updates.states import AlreadyPublished, CampaignNotPublic, UpdateChangedMeanwhile


@dataclass(frozen=True)
class UpdateText:
    """What somebody wrote."""

    title: str
    body: str
    language: str
    source_name: str = ""
    source_url: str = ""


def draft_update(session: Session, actor: str, campaign: Campaign, text: UpdateText) -> Update:
    """Save a new draft."""
    public_id = new_public_id()
    update = Update(
        public_id=public_id, campaign_id=campaign.id, created_at=clock.now(), language=text.language,
        **NEWS_WORDS.sealed(session, public_id, _words(text)),
    )  # fmt: skip
    session.add(update)
    session.flush()
    record(session, actor, "update.drafted", update.public_id, campaign.public_id)
    return update


def change_update(
    session: Session, actor: str, campaign: Campaign, update: Update, text: UpdateText, seen_revision: int
) -> None:
    """Save a draft again, or correct what is published; nobody is mailed a second time.

    Raises UpdateChangedMeanwhile if somebody else saved since `seen_revision`. Saving the same text changes nothing.
    """
    # Held first, in case it is being published at this moment: then this is a correction, and a later one.
    _hold(session, update)
    if text == UpdateText(language=update.language, **NEWS_WORDS.read(session, update)):
        return
    if update.revision != seen_revision:
        raise UpdateChangedMeanwhile
    is_published = update.published_at is not None
    words = _words(text)
    columns = NEWS_WORDS.published(words) if is_published else NEWS_WORDS.sealed(session, update.public_id, words)
    _set(update, columns | {"language": text.language})
    update.revision, update.corrected_at = seen_revision + 1, clock.now() if is_published else None
    session.flush()
    action = "update.corrected" if is_published else "update.changed"
    record(session, actor, action, update.public_id, campaign.public_id, revision=seen_revision + 1)


def publish_update(
    session: Session,
    actor: str,
    campaign: Campaign,
    update: Update,
    seen_revision: int,
    readers: Sequence[NewsReader] | None = None,
) -> int:
    """Publish the text that was seen and queue one mail to each reader who asked; return how many.

    `readers` may be found before the write lock is taken, since thousands take a while: a reader who stops the news in
    between is left out when the mail is rendered. Publishing again changes nothing and returns the first number. Raises
    UpdateChangedMeanwhile and CampaignNotPublic.
    """
    readers = list(news_readers(session, campaign.id) if readers is None else readers)
    if announce_update(session, actor, campaign, update, seen_revision, len(readers)):
        mail_news(session, update, in_no_order(readers))
    return update.mailed_to or 0


def announce_update(
    session: Session, actor: str, campaign: Campaign, update: Update, seen_revision: int, number: int
) -> bool:
    """Publish the text that was seen, to be mailed to so many; tell whether it was not published before.

    Raises UpdateChangedMeanwhile and CampaignNotPublic.
    """
    _hold(session, update)
    if update.published_at is not None:
        return False
    if campaign.published_at is None:
        raise CampaignNotPublic
    if update.revision != seen_revision:
        raise UpdateChangedMeanwhile
    _set(update, NEWS_WORDS.published(NEWS_WORDS.read(session, update)))
    update.published_at, update.mailed_to = clock.now(), number
    session.flush()
    record(session, actor, "update.published", update.public_id, campaign.public_id, mailed_to=number)
    return True


def in_no_order(readers: Iterable[NewsReader]) -> list[NewsReader]:
    """Shuffle readers: as they signed, the mails would lead from signatures to addresses in a mail server's log."""
    shuffled = list(readers)
    secrets.SystemRandom().shuffle(shuffled)
    return shuffled


def mail_news(session: Session, update: Update, readers: Iterable[NewsReader]) -> None:
    """Queue published news for readers; for whom it is queued already, nothing happens."""
    # The address makes the occasion, so that nobody gets the same news twice, whatever happens.
    enqueue_many(
        session,
        (
            Outgoing(
                UPDATE,
                recipient=canonical(reader.email),
                occasion=update.public_id,
                references={"update": update.public_id, "signature": reader.signature},
            )
            for reader in readers
        ),
    )


def discard_update(session: Session, actor: str, campaign: Campaign, update: Update) -> None:
    """Throw a draft away; raises AlreadyPublished."""
    result = session.execute(delete(Update).where(Update.id == update.id, Update.published_at.is_(None)))
    if not has_changed(result):
        raise AlreadyPublished
    record(session, actor, "update.discarded", update.public_id, campaign.public_id)


def stop_news(session: Session, signature: str) -> bool:
    """Stop a campaign's news for the owner of a signature (public id); tell whether they got any until now."""
    stopped = [choose_news(session, one.public_id, False) for one in signatures_of_reader(session, signature)]
    return any(stopped)


def resume_news(session: Session, signature: str) -> bool:
    """Send the news again to somebody who had stopped it; tell whether that changed anything."""
    standing = [one.public_id for one in signatures_of_reader(session, signature)]
    return signature in standing and choose_news(session, signature, True)


def _words(text: UpdateText) -> dict[str, str]:
    return {name: getattr(text, name) for name in NEWS_WORDS.nothing}


def _set(update: Update, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(update, name, value)


def _hold(session: Session, update: Update) -> None:
    """Let nobody else change news until this transaction ends, and see them as they are; raises as for a change."""
    held = select(Update.id).where(Update.id == update.id).with_for_update()
    if session.scalar(held) is None:
        raise UpdateChangedMeanwhile
    session.refresh(update)
