"""States of a mail, its classes, and how long to wait before the next try."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum, StrEnum

from app.base.errors import Conflict, Forbidden, NotFound, Refusal
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


class Trouble(StrEnum):
    """Why a mail did not arrive, or has not yet: what the queue's page counts."""

    NO_CONNECTION = "no connection"
    NO_TLS = "no tls"
    SIGN_IN = "sign in"
    BUSY = "busy"
    GREYLISTED = "greylisted"
    MAILBOX_FULL = "mailbox full"
    NO_SUCH_ADDRESS = "no such address"
    BLOCKED = "blocked"
    TOO_LARGE = "too large"
    NO_SMTPUTF8 = "no smtputf8"
    REFUSED = "refused"
    NO_ANSWER = "no answer"
    NOT_RENDERED = "not rendered"
    CHANGED = "changed"
    UNWANTED = "unwanted"
    CAPPED = "capped"
    BOUNCING = "bouncing"

    @property
    def label(self) -> str:
        """The trouble in plain words."""
        return str(_TROUBLES[self])


_TROUBLES = {
    Trouble.NO_CONNECTION: _l("Your mail server could not be reached"),
    Trouble.NO_TLS: _l("Your mail server's certificate or encryption was not acceptable"),
    Trouble.SIGN_IN: _l("Your mail server did not accept the user name or password"),
    Trouble.BUSY: _l("The server asked to come back later"),
    Trouble.GREYLISTED: _l("The server makes unknown senders wait (greylisting); it passes by itself"),
    Trouble.MAILBOX_FULL: _l("The mailbox is full"),
    Trouble.NO_SUCH_ADDRESS: _l("There is no such address"),
    Trouble.BLOCKED: _l("The server takes us for a sender of unwanted mail"),
    Trouble.TOO_LARGE: _l("The mail is too large for the server"),
    Trouble.NO_SMTPUTF8: _l("The mail server can't handle this international address"),
    Trouble.REFUSED: _l("The server refused it"),
    Trouble.NO_ANSWER: _l("The connection broke before the server answered"),
    Trouble.NOT_RENDERED: _l("The mail could not be put together"),
    Trouble.CHANGED: _l("The stored letter is not the one that was approved"),
    Trouble.UNWANTED: _l("The reason for it is gone"),
    Trouble.CAPPED: _l("This address has had as much mail as we may send it"),
    Trouble.BOUNCING: _l("Earlier mail to this address came back"),
}


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


class Standing(StrEnum):
    """States as an operator looks for them."""

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    GIVEN_UP = "given-up"
    UNCERTAIN = "uncertain"
    NOT_SENT = "not-sent"

    @property
    def label(self) -> str:
        """The standing in plain words."""
        return str(_STANDINGS[self][0])

    @property
    def states(self) -> tuple[MailState, ...]:
        """The states that it gathers."""
        return _STANDINGS[self][1]


_STANDINGS: dict[Standing, tuple[object, tuple[MailState, ...]]] = {
    Standing.WAITING: (_l("Waiting"), DUE),
    Standing.SENDING: (_l("Being sent"), HELD),
    Standing.ACCEPTED: (_l("Accepted by the mail server"), (MailState.ACCEPTED,)),
    Standing.GIVEN_UP: (_l("Refused or came back"), (MailState.REFUSED, MailState.BOUNCED)),
    Standing.UNCERTAIN: (_l("Uncertain"), (MailState.UNCERTAIN,)),
    Standing.NOT_SENT: (_l("Not sent"), (MailState.DROPPED,)),
}


class Ruling(StrEnum):
    """What a person decides about an uncertain mail."""

    ARRIVED = "arrived"
    AGAIN = "again"
    LEAVE = "leave"


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


class MailNotWanted(Exception):
    """The reason for a mail is gone (its invitation was cancelled, say): drop it."""


class NoSuchQueuedMail(NotFound):
    """No mail has this id."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such mail in the queue."))


class NotUncertain(Conflict):
    """The mail's fate is known, or somebody has decided."""

    def __init__(self) -> None:
        super().__init__(_l("There is nothing to decide any more: the page below shows what became of the mail."))


class DecidedElsewhere(Forbidden):
    """Nobody sends an official letter alone, so those who work on its statement decide."""

    def __init__(self) -> None:
        super().__init__(_l("This is an official letter: it is decided on its statement's page “Deliveries”."))


class NothingChosen(Refusal):
    """Mails were to be changed and none was ticked."""

    def __init__(self) -> None:
        super().__init__(_l("Tick at least one mail, or choose all in this list."), "which")


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
