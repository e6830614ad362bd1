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
    BOUNCED = "bounced"
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
    MailState.BOUNCED: _l("Came back undelivered"),
    MailState.DROPPED: _l("Not sent, no longer needed"),
}
DUE = (MailState.QUEUED, MailState.DEFERRED)
HELD = (MailState.CLAIMED, MailState.HANDING_OVER)
FINISHED = frozenset({MailState.ACCEPTED, MailState.REFUSED, MailState.UNCERTAIN, MailState.BOUNCED, MailState.DROPPED})


class MailClass(StrEnum):
    """What a kind of mail is: it decides the order of sending and what happens when a hand-over is interrupted."""

    PERSONAL = "personal"
    BULK = "bulk"
    OFFICIAL = "official"

    @property
    def label(self) -> str:
        """The class in plain words."""
        return str(_CLASSES[self])


_CLASSES = {
    MailClass.PERSONAL: _l("Personal"),
    MailClass.BULK: _l("To many"),
    MailClass.OFFICIAL: _l("Official"),
}


class Priority(IntEnum):
    """Smaller goes first: what somebody waits for overtakes what was sent to many."""

    AWAITED = 0
    NORMAL = 10
    BULK = 20


class Cap(StrEnum):
    """What protects people who never asked for mail from a kind of it."""

    NONE = "none"
    CONFIRMATION = "confirmation"  # a stranger may cause it by typing an address: at most three a day
    UNASKED = "unasked"  # an organiser causes it: at most five to an address from which nobody ever answered


class Proof(StrEnum):
    """What is known of a mail's fate beyond the relay's answer."""

    DELIVERED = "delivered"  # a delivery receipt: it reached the mailbox
    RELAYED = "relayed"  # a receipt: it went on to a server that gives none
    LOGGED = "logged"  # the relay's log says that the next server took it
    WITNESSED = "witnessed"  # the copy in our archive mailbox arrived, so the relay took it
    DELAYED = "delayed"  # a report: still being tried
    BOUNCED_SOFT = "bounced softly"  # it came back for a reason that may pass
    BOUNCED_HARD = "bounced"  # it came back for good

    @property
    def is_arrival(self) -> bool:
        """Tell whether it proves that the relay took the mail."""
        return self in {Proof.DELIVERED, Proof.RELAYED, Proof.LOGGED, Proof.WITNESSED}


class Pause(StrEnum):
    """What the queue holds back until somebody resumes it."""

    NOTHING = "nothing"
    BULK = "bulk"
    EVERYTHING = "everything"


class MailNotWanted(Exception):
    """The reason for a mail is gone (its invitation was cancelled, say): drop it."""


class UnsafeHeader(Refusal):
    """A header would hold a line break or NUL."""

    def __init__(self, header: str) -> None:
        super().__init__(_l("The mail’s %(header)s holds a line break. Type it again on one line.", header=header))


# RFC 5321 §4.5.4.1 asks for 30 minutes and 4-5 days in general; a confirmation is waited for, so the first tries come
# sooner.
RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440))
LEASE = timedelta(minutes=15)  # longer than the 600 s that the end of DATA may take (RFC 5321 §4.5.3.2.6)
MOST_PERSONAL_HANDOVERS = 2


def next_try_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts, or None when it is time to give up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
