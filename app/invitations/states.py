"""Stages of an invitation, the possible answers, and the stage's refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.base.errors import Conflict, Gone, NotFound
from app.base.locales import lazy_gettext as _l
from app.mail.states import MailState
from app.smtp.states import Trouble

UNREACHABLE = frozenset({MailState.REFUSED, MailState.BOUNCED, MailState.DROPPED})
MOST_REMINDERS = 4  # after the invitation; people who are silent then are left in peace
REMINDER_GAP = timedelta(hours=12)
PREPARE = "prepare invitations"  # a kind of long work
LONGEST_WORDS = 1000  # characters; the envelope of every answer has room for so many in any script


class InvitationStage(StrEnum):
    """What we have done; what they answered is sealed."""

    PREPARED = "prepared"
    ASKED = "asked"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The stage in a word."""
        return str(_STAGES[self])


_STAGES = {
    InvitationStage.PREPARED: _l("Prepared"),
    InvitationStage.ASKED: _l("Asked"),
    InvitationStage.CANCELLED: _l("Cancelled"),
}


class Errand(StrEnum):
    """What an order to write to many does."""

    ASK = "ask"
    REMIND = "remind"


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


@dataclass(frozen=True, slots=True)
class InvitationAnswer:
    """What came of asking one person: the answer, when it was given, and the reminders so far (when, mail id).

    A person who asked not to be reminded is left in peace; that is no answer, and the invitation's link stays good.
    `words` is the key of the row where their words are kept, empty before they declined or asked for a change.
    """

    answer: Answer = Answer.NONE
    at: datetime | None = None
    reminders: tuple[tuple[datetime, str], ...] = ()
    is_left_in_peace: bool = False
    words: str = ""

    def may_be_reminded(self, now: datetime) -> bool:
        """Tell whether another reminder is decent: wanted, no answer, few so far, and the last not just now."""
        if self.is_left_in_peace or self.answer is not Answer.NONE or len(self.reminders) >= MOST_REMINDERS:
            return False
        return not self.reminders or now - self.reminders[-1][0] >= REMINDER_GAP


def is_unreachable(state: MailState, trouble: Trouble | None, *, is_reminder: bool) -> bool:
    """Tell whether somebody's latest mail says that mail does not reach them.

    A reminder may also be dropped for reasons that say nothing about the address.
    """
    if is_reminder and state is MailState.DROPPED:
        return trouble is Trouble.BOUNCING
    return state in UNREACHABLE


class NoSuchInvitation(NotFound):
    """There is none under this id in this statement."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such invitation. It may have been removed together with its statement."))


class LinkSuperseded(Gone):
    """A newer link was sent."""

    def __init__(self) -> None:
        super().__init__(_l("This link was replaced by a newer one. Please use the link in the latest mail from us."))


class InvitationCancelled(Gone):
    """The coordinators took the invitation back."""

    def __init__(self) -> None:
        super().__init__(_l("This invitation was withdrawn by the people who sent it. Nothing is expected of you."))


class SignatoryHasSigned(Conflict):
    """What was asked for is no longer possible: this person has signed."""

    def __init__(self) -> None:
        super().__init__(_l("This person has signed. Only they can withdraw their signature."))


class NotOpen(Conflict):
    """Asking works while the statement is open."""

    def __init__(self) -> None:
        super().__init__(_l("People can be asked while the statement is open and its deadline has not passed."))


class NothingToSend(Conflict):
    """Nobody in the selection can be mailed."""

    def __init__(self) -> None:
        super().__init__(
            _l("Nobody in this selection can be mailed: choose people with an address and without an answer.")
        )
