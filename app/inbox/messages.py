"""Say what lists and matching need to know of an incoming message. All of it is the sender's word."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from app.inbox.bodies import text_of
from app.inbox.charsets import cleaned
from app.inbox.headers import (
    LONGEST_VALUE,
    addresses,
    delivered_to,
    header,
    identifiers,
    refers_to,
    sender_of,
)
from app.inbox.parsing import Message

LONGEST_EXCERPT = 600


def summarise(message: Message, envelope_to: str) -> dict[str, Any]:
    """Return what lists and matching need to know of a message.

    Keys: `from`, `from_name`, `to` (addresses of To and Cc), `subject`, `date` (ISO 8601 or empty), `message_id`,
    `refers_to` (message ids of In-Reply-To and References, the nearest first), `envelope_to`, `delivered_to`,
    `excerpt`.
    """
    name, sender = sender_of(message)
    excerpt = cleaned(" ".join(text_of(message)[: 4 * LONGEST_EXCERPT].split()))
    return {
        "from": sender,
        "from_name": name,
        "to": addresses(message, "To", "Cc"),
        "subject": header(message, "Subject"),
        "date": _date(message),
        "message_id": next(iter(identifiers(message, "Message-ID")), ""),
        "refers_to": refers_to(message),
        "envelope_to": cleaned(envelope_to)[:LONGEST_VALUE],
        "delivered_to": delivered_to(message),
        "excerpt": " ".join(excerpt.split())[:LONGEST_EXCERPT],
    }


def _date(message: Message) -> str:
    try:
        return parsedate_to_datetime(header(message, "Date", 100)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
