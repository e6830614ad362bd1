"""What may be refused about replies and outcomes, and why."""

from __future__ import annotations

from app.base.errors import Conflict, NotFound, Refusal
from app.base.locales import lazy_gettext as _l


class NoSuchReply(NotFound):
    """There is none, or it belongs to another campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such reply."))


class NotHandedOver(Conflict):
    """Nobody answers what has not arrived."""

    def __init__(self) -> None:
        super().__init__(
            _l("This letter has not been handed over yet, so nothing can have come back. Look at its delivery first.")
        )


class NotYetReceived(Refusal):
    """A reply in the future."""

    def __init__(self) -> None:
        message = _l("This day has not come yet. Enter the day on which the reply arrived.")
        super().__init__(message, "received_on")


class NoSuchOutcome(NotFound):
    """The campaign has no such outcome."""

    def __init__(self) -> None:
        super().__init__(_l("This outcome is not in this campaign any more. Somebody may have removed it."))


class QuotationNeedsSpeaker(Refusal):
    """A quotation without the name of who said it."""

    def __init__(self) -> None:
        super().__init__(_l("Say who is quoted, such as a court or a minister by name."), "quotation_speaker")


class NotYetHappened(Refusal):
    """An outcome in the future."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This day has not come yet. Record an outcome once it has happened; announce it as an update until then."
            ),
            "happened_on",
        )
