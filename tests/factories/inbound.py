"""Messages that came in: written as their senders' programs write them, stored and sorted as the inbox does it."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate
from itertools import count

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.inbox.models import InboundMessage
from app.inbox.sorting import look_into
from app.inbox.states import InboundSource, InboundState
from app.inbox.storage import seal_summary, store

_numbers = count(1)


def write_message(
    *,
    sender: str = "Office of the Minister <office@ministry.example.org>",
    to: str = "appeals@example.org",
    subject: str = "Re: your letter",
    text: str = "We have received your letter.\n",
    refers_to: str = "",
    automatic: bool = False,
    files: dict[str, bytes] | None = None,
    html: str = "",
) -> bytes:
    """Write a message; each has a Message-ID of its own."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<answer{next(_numbers)}@ministry.example.org>"
    if refers_to:
        message["In-Reply-To"] = message["References"] = refers_to
    if automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def make_inbound(
    session: Session, raw: bytes, *, state: InboundState = InboundState.WAITING, envelope_to: str = ""
) -> str:
    """Store a message as one that was sorted and now waits, or is held; returns its public id."""
    public_id, _is_new = store(session, raw, InboundSource.PIPE, envelope_to)
    found = look_into(raw, envelope_to)
    values = {"kind": found.kind, "state": state, "summary_sealed": seal_summary(session, public_id, found.summary)}
    session.execute(update(InboundMessage).where(InboundMessage.public_id == public_id).values(**values))
    return public_id
