"""Kinds of message for crash tests: small, and rendered from their references alone."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from app.mail.actions import Outgoing, enqueue
from app.mail.registry import Frozen, MailKind, References, RenderedMail
from app.mail.states import MailClass

_FILLER = "A line that fills the message, so that its middle can be found.\n" * 8


def _render(_session: Session, references: References) -> RenderedMail:
    return RenderedMail("", references["to"], "Crash", _FILLER, f"<p>{_FILLER}</p>")


def _freeze(_session: Session, references: References) -> Frozen:
    return Frozen(references["to"], frozen_bytes(references["message_id"]))


def frozen_bytes(message_id: str) -> bytes:
    """Return an official message as it was approved."""
    text = f"From: appeals@example.org\nSubject: Frozen\nMessage-ID: {message_id}\n\n{_FILLER}"
    return text.replace("\n", "\r\n").encode()


PERSONAL = MailKind("crash personal", MailClass.PERSONAL, _render)
OFFICIAL = MailKind("crash official", MailClass.OFFICIAL, _freeze)
KINDS = (PERSONAL, OFFICIAL)


def queue(session: Session, name: str, *, official: bool = False) -> str:
    """Queue one mail and return its Message-ID."""
    message_id = f"<{name}@example.org>"
    to = f"{name}@example.org"
    if not official:
        enqueue(session, Outgoing(PERSONAL, to, "1", {"to": to}, message_id=message_id))
        return message_id
    sha256 = hashlib.sha256(frozen_bytes(message_id)).hexdigest()
    references = {"to": to, "message_id": message_id}
    enqueue(session, Outgoing(OFFICIAL, to, "1", references, message_id=message_id, frozen_sha256=sha256))
    return message_id
