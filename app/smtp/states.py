"""Why a mail did not arrive, or has not yet."""

from __future__ import annotations

from enum import StrEnum

from app.base.locales import lazy_gettext as _l


class Fault(StrEnum):
    """At what a mail failed for good: only the address's own faults are held against the address."""

    NONE = "none"
    ADDRESS = "address"
    PASSING = "passing"  # a full mailbox, a server that was away too long
    CONTENT = "content"  # what was sent, or who sent it: blocked, too large
    UNSAID = "unsaid"  # the server refused it and did not say why

    @property
    def is_of_the_address(self) -> bool:
        """Tell whether the address book counts it: lasting faults of an address, and what may pass."""
        return self in {Fault.ADDRESS, Fault.PASSING}


class Trouble(StrEnum):
    """Why a mail did not arrive, or has not yet: what the queue's page counts."""

    NO_CONNECTION = "no connection"
    NO_TLS = "no tls"
    SIGN_IN = "sign in"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    GREYLISTED = "greylisted"
    MAILBOX_FULL = "mailbox full"
    NO_SUCH_ADDRESS = "no such address"
    BLOCKED = "blocked"
    SENDER = "sender"
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

    @property
    def fault(self) -> Fault:
        """At what a mail failed for good that met this trouble last."""
        return _FAULTS.get(self, Fault.UNSAID)


_FAULTS = {
    Trouble.NO_SUCH_ADDRESS: Fault.ADDRESS,
    Trouble.BUSY: Fault.PASSING,
    Trouble.UNREACHABLE: Fault.PASSING,
    Trouble.GREYLISTED: Fault.PASSING,
    Trouble.MAILBOX_FULL: Fault.PASSING,
    Trouble.BLOCKED: Fault.CONTENT,
    Trouble.SENDER: Fault.CONTENT,
    Trouble.SIGN_IN: Fault.CONTENT,
    Trouble.TOO_LARGE: Fault.CONTENT,
    Trouble.NO_SMTPUTF8: Fault.CONTENT,
}

_TROUBLES = {
    Trouble.NO_CONNECTION: _l("Your mail server could not be reached"),
    Trouble.NO_TLS: _l("Your mail server’s certificate or encryption was not acceptable"),
    Trouble.SIGN_IN: _l("Your mail server did not accept the user name or password"),
    Trouble.BUSY: _l("The server asked to come back later"),
    Trouble.UNREACHABLE: _l("The recipient’s mail server could not be reached"),
    Trouble.GREYLISTED: _l("The server makes unknown senders wait (greylisting); it passes by itself"),
    Trouble.MAILBOX_FULL: _l("The mailbox is full"),
    Trouble.NO_SUCH_ADDRESS: _l("There is no such address"),
    Trouble.BLOCKED: _l("The server takes us for a sender of unwanted mail"),
    Trouble.SENDER: _l("The server does not accept our sender address"),
    Trouble.TOO_LARGE: _l("The mail is too large for the server"),
    Trouble.NO_SMTPUTF8: _l("The mail server can’t handle this international address"),
    Trouble.REFUSED: _l("The server refused it"),
    Trouble.NO_ANSWER: _l("The connection broke before the server answered"),
    Trouble.NOT_RENDERED: _l("The mail could not be put together"),
    Trouble.CHANGED: _l("The stored letter is not the one that was approved"),
    Trouble.UNWANTED: _l("The reason for it is gone"),
    Trouble.CAPPED: _l("This address has had as much mail as we may send it"),
    Trouble.BOUNCING: _l("Earlier mail to this address came back"),
}
