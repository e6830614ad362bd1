"""Where a delivery stands, as told by its mail's fate; and what may be refused."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l
from app.mail.states import MailState


class DeliveryState(StrEnum):
    """What became of handing one letter over."""

    PLANNED = "planned"
    HANDING_OVER = "handing over"
    HANDED_OVER = "handed over"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"

    @property
    def label(self) -> str:
        """The state in plain words."""
        return str(_LABELS[self])


_LABELS = {
    DeliveryState.PLANNED: _l("On its way"),
    DeliveryState.HANDING_OVER: _l("Being handed over"),
    DeliveryState.HANDED_OVER: _l("Handed over"),
    DeliveryState.REFUSED: _l("Refused"),
    DeliveryState.UNCERTAIN: _l("Uncertain: a person decides"),
}
_BY_MAIL = {
    MailState.QUEUED: DeliveryState.PLANNED,
    MailState.CLAIMED: DeliveryState.PLANNED,
    MailState.DEFERRED: DeliveryState.PLANNED,
    MailState.HANDING_OVER: DeliveryState.HANDING_OVER,
    MailState.ACCEPTED: DeliveryState.HANDED_OVER,
    MailState.REFUSED: DeliveryState.REFUSED,
    MailState.DROPPED: DeliveryState.REFUSED,
    MailState.UNCERTAIN: DeliveryState.UNCERTAIN,
}


def state_of(mail: MailState) -> DeliveryState:
    """Return where a delivery stands when its mail is in a state."""
    return _BY_MAIL[mail]


class Ruling(StrEnum):
    """What a person decides about an uncertain hand-over."""

    ARRIVED = "arrived"
    AGAIN = "again"


class NoSuchDelivery(NotFound):
    """There is none, or it belongs to another campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such delivery."))


class NotUncertain(Conflict):
    """There is nothing to decide, or somebody has decided already."""

    def __init__(self) -> None:
        super().__init__(
            _l("This hand-over is not uncertain any more: somebody has decided, or the server has answered.")
        )


class NotRefused(Conflict):
    """Only what was refused or put off can be tried again."""

    def __init__(self) -> None:
        super().__init__(_l("This mail was not refused, so it is not sent again."))


class NothingHandedOver(Conflict):
    """No mail server has taken the appeal yet."""

    def __init__(self) -> None:
        super().__init__(
            _l("No mail server has taken the appeal yet. Look again when the first delivery is marked as handed over.")
        )
