"""What the pages about incoming mail share: its words as they are shown, its files, and where it can be filed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import make_response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.sessions import current_organiser_id
from app.campaigns.models import Membership
from app.campaigns.states import Capability, Role, may
from app.inbox.storage import raw_of
from app.replies.held import PURPOSE, Incoming
from app.replies.matching import MatchCandidate
from app.replies.messages import Attached, attachment_of
from app.replies.models import Reply
from app.replies.queries import ReplyWords
from app.replies.quoting import newest_words
from app.replies.states import NoSuchAttachment, NoSuchHeldMail
from app.statements.queries import statements_of

# A file from a stranger is never opened by the browser on our pages: it is saved, and nothing in it may run here.
FILE_TYPE = "application/octet-stream"
FILE_POLICY = "default-src 'none'; sandbox"


@dataclass(frozen=True)
class FileLink:
    """A file that came with a mail."""

    filename: str
    size: int
    url: str


@dataclass(frozen=True)
class MailShown:
    """A mail as pages show it: who sent it, what is new in it, all of it, its files."""

    sender: str
    sender_name: str
    subject: str
    received_at: datetime | None
    newest: str
    text: str
    is_cut: bool
    is_automatic: bool
    is_from_elsewhere: bool
    files: tuple[FileLink, ...]
    whole_url: str

    @property
    def has_more(self) -> bool:
        """Tell whether something stands below the new words, such as the letter that it quotes."""
        return self.newest.strip() != self.text.strip()


def incoming_shown(found: Incoming, file_url: Callable[[str], str], whole_url: str) -> MailShown:
    """Return a message that nobody has filed yet, as pages show it; `file_url` makes a file's address."""
    contents = found.contents
    return MailShown(
        found.sender, found.sender_name, found.subject, found.received_at, newest_words(contents.text), contents.text,
        contents.is_cut, found.is_automatic, False, _links(contents.attachments, file_url), whole_url,
    )  # fmt: skip


def reply_shown(words: ReplyWords, file_url: Callable[[str], str], whole_url: str) -> MailShown:
    """Return a mail that was filed as a reply, as pages show it."""
    return MailShown(
        words.sender, words.sender_name, words.subject, None, newest_words(words.text), words.text, words.is_cut,
        False, words.is_from_elsewhere, _links(words.attachments, file_url), whole_url,
    )  # fmt: skip


def attachment_response(session: Session, message_id: str, number: str) -> Response:
    """Hand out one file of a message to be saved; raises NoSuchAttachment."""
    found = attachment_of(_raw(session, message_id), int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        raise NoSuchAttachment
    return _saved(found[1], found[0].filename)


def message_response(session: Session, message_id: str) -> Response:
    """Hand out a message as it came, to be saved."""
    return _saved(_raw(session, message_id), f"mail-{message_id}.eml")


def message_of(reply: Reply) -> str:
    """Return the message that a reply was filed from; raises NoSuchAttachment for what somebody typed in."""
    if reply.inbound_id is None:
        raise NoSuchAttachment
    return reply.inbound_id


def my_campaigns(session: Session) -> Sequence[int]:
    """Return the campaigns in which the organiser at the desk may record replies, by row id."""
    organiser_id, _public_id = current_organiser_id()
    recording = [role for role in Role if may(role, Capability.RECORD_REPLIES)]
    query = select(Membership.campaign_id).where(
        Membership.organiser_id == organiser_id, Membership.role.in_(recording)
    )
    return session.scalars(query.order_by(Membership.campaign_id)).all()


def filing_choices(session: Session, lines: Sequence[MatchCandidate]) -> list[tuple[str, str]]:
    """Return the deliveries that mail can be filed to, each with its institution, recipient and statement."""
    titles = {
        row.public_id: row.title
        for campaign_id in {line.campaign_id for line in lines}
        for row in statements_of(session, campaign_id)
    }
    return [(line.delivery, " – ".join(filter(None, (line.to_name, titles.get(line.statement))))) for line in lines]


def _links(attached: Sequence[Attached], file_url: Callable[[str], str]) -> tuple[FileLink, ...]:
    return tuple(FileLink(one.filename, one.size, file_url(str(one.number))) for one in attached)


def _raw(session: Session, message_id: str) -> bytes:
    raw = raw_of(session, message_id, PURPOSE)
    if raw is None:
        raise NoSuchHeldMail
    return raw


def _saved(content: bytes, filename: str) -> Response:
    response = make_response(content)
    response.mimetype = FILE_TYPE
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
