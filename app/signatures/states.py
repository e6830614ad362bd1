"""States of a signature, what its owner decides, and the stage's refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.base.errors import Conflict, Gone, NotFound, TooMany
from app.base.locales import lazy_gettext as _l
from app.visibility.states import Visibility

UNPINNED = 1_000_000
# Where prominent people stand from the start, in the order of the list, until a coordinator orders them by hand.
PROMINENT = 500_000
LONGEST_LINE = 300  # characters of a public line
LONGEST_PSEUDONYM = 80
LONGEST_WORD = 300  # of a coordinator to a person who asked for another name
# How long a wish waits for its owner's yes, and how long a change can be taken back by its mail.
CONFIRM_WITHIN = timedelta(days=14)
UNDO_WITHIN = timedelta(days=30)


class SignatureState(StrEnum):
    """Where a signature stands."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(_STATES[self])


_STATES = {
    SignatureState.SIGNED: _l("Signed"),
    SignatureState.WITHDRAWN: _l("Withdrawn"),
}


class ChangeState(StrEnum):
    """Where a change of a signature stands."""

    WAITS_FOR_OWNER = "waits for owner"
    WAITS_FOR_COORDINATOR = "waits for coordinator"
    IN_FORCE = "in force"
    TAKEN_BACK = "taken back"
    REFUSED = "refused"
    LAPSED = "lapsed"

    @property
    def is_waiting(self) -> bool:
        """Tell whether somebody still has to decide."""
        return self in WAITING


WAITING = frozenset({ChangeState.WAITS_FOR_OWNER, ChangeState.WAITS_FOR_COORDINATOR})


class OwnersWord(StrEnum):
    """What the owner of a signature says to a change of it; nothing is preselected."""

    YES = "yes"
    NO = "no"
    NO_AND_NEW_LINK = "no and new link"


class SignatoryChoice(StrEnum):
    """What the invited person decides; nothing is preselected."""

    SIGN = "sign"
    DECLINE = "decline"
    ASK_CHANGE = "ask change"


@dataclass(frozen=True)
class Consent:
    """What somebody who signs consents to: which text, in which language, and how they appear."""

    text_sha256: str
    language: str
    visibility: Visibility
    name: str
    public_line: str = ""
    country: str = ""
    pseudonym: str = ""
    representative: str = ""
    wants_news: bool = False


class SignedTextChanged(Conflict):
    """The text that was shown is not the one in force (law 2)."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The text was changed while you were reading. Nothing was recorded. "
                "Please read the new text below and decide again."
            )
        )


class AlreadySigned(Conflict):
    """Declining or asking for a change comes after signing: withdrawing is the way."""

    def __init__(self) -> None:
        super().__init__(_l("You have signed already. To take your name back, withdraw your signature."))


class NoSuchSignature(NotFound):
    """The link is genuine, but there is no signature behind it."""

    def __init__(self) -> None:
        super().__init__(
            _l("There is no signature here any more. It was removed together with all that belonged to it.")
        )


class NotStanding(Conflict):
    """It was withdrawn or set aside while its owner was changing it in another window."""

    def __init__(self) -> None:
        super().__init__(_l("Your signature was withdrawn or set aside in the meantime, so nothing was changed."))


class NoSuchChange(NotFound):
    """There is none under this id, or its signature is gone."""

    def __init__(self) -> None:
        super().__init__(_l("This change is not known here any more. It was removed together with its signature."))


class ChangeOver(Conflict):
    """It was decided about, replaced by a later one, or is too old."""

    def __init__(self) -> None:
        super().__init__(
            _l("This change can’t be decided about any more. Look at the page again to see how things stand.")
        )


class ShownOtherwise(Conflict):
    """What would appear is not what the page showed when the button was pressed."""

    def __init__(self) -> None:
        super().__init__(
            _l("Something was changed while you were reading. Nothing was recorded: look at it once more, then decide.")
        )


class ManageLinkSuperseded(Gone):
    """A newer manage link was sent."""

    def __init__(self) -> None:
        super().__init__(_l("This link was replaced by a newer one. Please use the link in the latest mail from us."))


class OtherLink(NotFound):
    """A genuine link that was cut out and put behind another address."""

    def __init__(self) -> None:
        super().__init__(
            _l("This link belongs to another page. Open the mail again and use its link just as it stands there.")
        )


class LinkAskedTooOften(TooMany):
    """Lost links are asked for in masses."""

    def __init__(self) -> None:
        super().__init__(_l("Too many links were asked for in the last hour. Please try again in an hour."))


class ChangedTooOften(TooMany):
    """Somebody changes one signature over and over; each time its owner is mailed."""

    def __init__(self) -> None:
        super().__init__(_l("This signature was changed many times today. Nothing was saved: please go on tomorrow."))


class NotPinnable(Conflict):
    """Only what readers see by name can stand first."""

    def __init__(self) -> None:
        super().__init__(_l("Only public signatures that stand can be pinned. Reload the page: this one has changed."))
