"""States of a signature, what its owner decides, and the stage's refusals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.base.errors import Conflict, Gone, NotFound, TooMany
from app.base.locales import lazy_gettext as _l
from app.visibility.states import Visibility

UNPINNED = 1_000_000
# Where prominent people stand from the start, in the order of signing, until a coordinator orders them by hand.
PROMINENT = 500_000
LONGEST_LINE = 300  # characters of a public line
LONGEST_PSEUDONYM = 80


class SignatureState(StrEnum):
    """Where a signature stands."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(_STATES[self])


_STATES = {
    SignatureState.SIGNED: _l("Signed"),
    SignatureState.WITHDRAWN: _l("Withdrawn"),
    SignatureState.INVALIDATED: _l("Set aside"),
}


class Choice(StrEnum):
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


class TextChanged(Conflict):
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


class SetAside(Conflict):
    """The organisers have set this signature aside."""

    def __init__(self) -> None:
        super().__init__(
            _l("Your signature was set aside by the organisers. Please write to the contact person named in our mails.")
        )


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


class AskedTooOften(TooMany):
    """Lost links are asked for in masses."""

    def __init__(self) -> None:
        super().__init__(_l("Too many links were asked for in the last hour. Please try again in an hour."))


class NotPinnable(Conflict):
    """Only what readers see by name can stand first."""

    def __init__(self) -> None:
        super().__init__(_l("Only public signatures that stand can be pinned. Reload the page: this one has changed."))
