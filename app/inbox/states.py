"""Where an incoming message came from, what it was found to be, and where it stands."""

from __future__ import annotations

from enum import StrEnum


class InboundSource(StrEnum):
    """How a message came in."""

    IMAP = "imap"
    PIPE = "pipe"


class InboundKind(StrEnum):
    """What an incoming message was found to be."""

    UNREAD = "unread"
    REPORT = "report"
    AUTOMATIC = "automatic"  # out of office, or another machine's answer
    WITNESS = "witness"
    LETTER = "letter"
    UNREADABLE = "unreadable"


class InboundState(StrEnum):
    """Where an incoming message stands."""

    NEW = "new"  # stored, not looked at
    READ = "read"  # a report or witness that was used; nothing is left to do
    WAITING = "waiting"  # for a later stage to match it
    HELD = "held"  # matched to nothing: a person files it
    FILED = "filed"
    DISCARDED = "discarded"
