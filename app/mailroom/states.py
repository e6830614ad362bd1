"""How an operator looks for mails, what they may decide, and what is refused to them."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, Forbidden, NotFound, Refusal
from app.base.locales import lazy_gettext as _l
from app.mail.states import DUE, HELD, MailState


class MailStanding(StrEnum):
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


_STANDINGS: dict[MailStanding, tuple[object, tuple[MailState, ...]]] = {
    MailStanding.WAITING: (_l("Waiting"), DUE),
    MailStanding.SENDING: (_l("Being sent"), HELD),
    MailStanding.ACCEPTED: (_l("Accepted by the mail server"), (MailState.ACCEPTED,)),
    MailStanding.GIVEN_UP: (_l("Refused or came back"), (MailState.REFUSED, MailState.BOUNCED)),
    MailStanding.UNCERTAIN: (_l("Uncertain"), (MailState.UNCERTAIN,)),
    MailStanding.NOT_SENT: (_l("Not sent"), (MailState.DROPPED,)),
}


class MailRuling(StrEnum):
    """What a person decides about an uncertain mail."""

    ARRIVED = "arrived"
    AGAIN = "again"
    LEAVE = "leave"


class NoSuchQueuedMail(NotFound):
    """No mail has this id."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such mail in the queue."))


class MailNotUncertain(Conflict):
    """The mail's fate is known, or somebody has decided."""

    def __init__(self) -> None:
        super().__init__(_l("There is nothing to decide any more: the page below shows what became of the mail."))


class DecidedElsewhere(Forbidden):
    """Nobody sends an official letter alone, so those who work on its statement decide."""

    def __init__(self) -> None:
        super().__init__(_l("This is an official letter: it is decided on its statement’s page “Deliveries”."))


class NothingChosen(Refusal):
    """Mails were to be changed and none was ticked."""

    def __init__(self) -> None:
        super().__init__(_l("Tick at least one mail, or choose all in this list."), "which")
