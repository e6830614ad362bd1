"""Where a delivery stands, as told by its mail's fate; and what may be refused."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l
from app.mail.evidence import HOPELESS
from app.mail.states import MailState
from app.smtp.states import Trouble


class DeliveryState(StrEnum):
    """What became of handing one letter over."""

    PLANNED = "planned"
    HANDING_OVER = "handing over"
    HANDED_OVER = "handed over"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"

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
    DeliveryState.BOUNCED: _l("Came back undelivered"),
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
    MailState.BOUNCED: DeliveryState.BOUNCED,
}


def state_of(mail: MailState) -> DeliveryState:
    """Return where a delivery stands when its mail is in a state."""
    return _BY_MAIL[mail]


def may_go_again(mail: MailState, trouble: Trouble | None) -> bool:
    """Tell whether a person may send the same bytes again: it is certain that they did not arrive, and it can help."""
    if mail is MailState.BOUNCED:
        return trouble not in HOPELESS
    if mail is MailState.DROPPED:
        return trouble is Trouble.BOUNCING
    return mail in {MailState.REFUSED, MailState.DEFERRED}


class DeliveryRuling(StrEnum):
    """What a person decides about an uncertain hand-over."""

    ARRIVED = "arrived"
    AGAIN = "again"


class NoSuchDelivery(NotFound):
    """There is none, or it belongs to another campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such delivery."))


class DeliveryNotUncertain(Conflict):
    """There is nothing to decide, or somebody has decided already."""

    def __init__(self) -> None:
        super().__init__(
            _l("This hand-over is not uncertain any more: somebody has decided, or the server has answered.")
        )


class NotRefused(Conflict):
    """Only what certainly did not arrive can be tried again, and only where that can help."""

    def __init__(self) -> None:
        super().__init__(_l("This mail is not sent again: it may have arrived, or it would only come back once more."))


class NothingHandedOver(Conflict):
    """No mail server has taken the appeal yet."""

    def __init__(self) -> None:
        super().__init__(
            _l("No mail server has taken the appeal yet. Look again when the first delivery is marked as handed over.")
        )
