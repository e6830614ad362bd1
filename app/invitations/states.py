"""Stages of an invitation, the possible answers, and the stage's refusals."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, Gone
from app.base.locales import lazy_gettext as _l


class InvitationStage(StrEnum):
    """What we have done; what they answered is sealed."""

    PREPARED = "prepared"
    ASKED = "asked"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What came of asking."""

    NONE = "none"
    SIGNED = "signed"
    DECLINED = "declined"
    CHANGE_ASKED = "change asked"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The answer in a few words."""
        return str(_LABELS[self])


_LABELS = {
    Answer.NONE: _l("No answer"),
    Answer.SIGNED: _l("Signed"),
    Answer.DECLINED: _l("Declined"),
    Answer.CHANGE_ASKED: _l("Asked for a change"),
    Answer.WITHDRAWN: _l("Withdrew"),
}


class LinkSuperseded(Gone):
    """A newer link was sent."""

    def __init__(self) -> None:
        super().__init__(_l("This link was replaced by a newer one. Please use the link in the latest mail from us."))


class InvitationCancelled(Gone):
    """The coordinators took the invitation back."""

    def __init__(self) -> None:
        super().__init__(_l("This invitation was withdrawn by the people who sent it. Nothing is expected of you."))


class NothingToSend(Conflict):
    """Nobody in the selection can be mailed."""

    def __init__(self) -> None:
        super().__init__(
            _l("Nobody in this selection can be mailed: choose people with an address and without an answer.")
        )
