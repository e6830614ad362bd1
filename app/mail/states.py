"""States of a mail, its classes, and how long to wait before the next try."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum, StrEnum

from app.base.errors import Refusal
from app.base.locales import lazy_gettext as _l


class MailState(StrEnum):
    """Where a mail stands. `accepted` means that the relay took responsibility, not that it was read."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    HANDING_OVER = "handing over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """The state in plain words."""
        return str(_LABELS[self])


_LABELS = {
    MailState.QUEUED: _l("Waiting to be sent"),
    MailState.CLAIMED: _l("Being sent"),
    MailState.HANDING_OVER: _l("Being sent"),
    MailState.ACCEPTED: _l("Accepted by the mail server"),
    MailState.REFUSED: _l("Refused"),
    MailState.DEFERRED: _l("Will be tried again"),
    MailState.UNCERTAIN: _l("Uncertain"),
    MailState.DROPPED: _l("Not sent, no longer needed"),
}
DUE = (MailState.QUEUED, MailState.DEFERRED)
FINISHED = frozenset({MailState.ACCEPTED, MailState.REFUSED, MailState.UNCERTAIN, MailState.DROPPED})


class MailClass(StrEnum):
    """What a kind of mail is: it decides the order of sending and what happens when a hand-over is interrupted."""

    PERSONAL = "personal"
    BULK = "bulk"
    OFFICIAL = "official"


class Priority(IntEnum):
    """Smaller goes first: what somebody waits for overtakes what was sent to many."""

    AWAITED = 0
    NORMAL = 10
    BULK = 20


class MailNotWanted(Exception):
    """The reason for a mail is gone (its invitation was cancelled, say): drop it."""


class UnsafeHeader(Refusal):
    """A header would hold a line break or NUL."""

    def __init__(self, header: str) -> None:
        super().__init__(_l("The mail's %(header)s holds a line break. Type it again on one line.", header=header))


# RFC 5321 §4.5.4.1 asks for 30 minutes and 4-5 days in general; a confirmation is waited for, so the first tries come
# sooner.
RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440))
LEASE = timedelta(minutes=15)  # longer than the 600 s that the end of DATA may take (RFC 5321 §4.5.3.2.6)
MOST_PERSONAL_HANDOVERS = 2


def next_try_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts, or None when it is time to give up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
