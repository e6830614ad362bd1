"""Where an invited person stands: one word made of what we did, what the mail did and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l
from app.directory.states import SignatoryKind
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from app.smtp.states import Trouble

# From when on silence needs a call: a reminder by mail still has time to be read.
NEAR_DEADLINE = timedelta(days=7)


class Standing(StrEnum):
    """Where one invited person stands. Each stands in exactly one place, so the numbers add up."""

    NO_ADDRESS = "no-address"
    PREPARED = "prepared"
    ON_ITS_WAY = "on-its-way"
    BOUNCED = "bounced"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    NOT_SENT = "not-sent"
    NO_ANSWER = "no-answer"
    CHANGE_ASKED = "asked-for-change"
    SIGNED = "signed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The place in a few words."""
        return str(_LABELS[self])

    @property
    def explanation(self) -> str:
        """What it means, and what helps."""
        return str(_EXPLANATIONS[self])


_LABELS = {
    Standing.CHANGE_ASKED: _l("Asked for a change"),
    Standing.BOUNCED: _l("Mail came back"),
    Standing.REFUSED: _l("Mail refused"),
    Standing.UNCERTAIN: _l("Mail uncertain"),
    Standing.NOT_SENT: _l("Mail held back"),
    Standing.NO_ADDRESS: _l("No address"),
    Standing.PREPARED: _l("Not asked yet"),
    Standing.ON_ITS_WAY: _l("Mail on its way"),
    Standing.NO_ANSWER: _l("No answer"),
    Standing.SIGNED: _l("Signed"),
    Standing.DECLINED: _l("Declined"),
    Standing.WITHDRAWN: _l("Withdrew"),
    Standing.CANCELLED: _l("Invitation cancelled"),
}
_EXPLANATIONS = {
    Standing.CHANGE_ASKED: _l("They would sign if the text were different. Write or call them."),
    Standing.BOUNCED: _l("The mail came back undelivered, so no other follows. Correct the address, or call."),
    Standing.REFUSED: _l("The mail server did not take the mail: mostly a mistyped or closed address."),
    Standing.UNCERTAIN: _l("The connection broke while the mail was handed over, twice. It may have arrived or not."),
    Standing.NOT_SENT: _l("The address has had as much mail as it may get from us, or the reason was gone. Call them."),
    Standing.NO_ADDRESS: _l("They can’t be mailed until the directory has an address."),
    Standing.PREPARED: _l("The invitation is ready and has not been sent."),
    Standing.ON_ITS_WAY: _l("The mail waits to be sent or tried again."),
    Standing.NO_ANSWER: _l("The mail was accepted; they have not answered."),
    Standing.SIGNED: _l("Their signature stands."),
    Standing.DECLINED: _l("They said no. They can still sign until the statement closes."),
    Standing.WITHDRAWN: _l("They signed and took it back."),
    Standing.CANCELLED: _l("You took the invitation back."),
}
_ANSWERED = {
    Answer.SIGNED: Standing.SIGNED,
    Answer.DECLINED: Standing.DECLINED,
    Answer.CHANGE_ASKED: Standing.CHANGE_ASKED,
    Answer.WITHDRAWN: Standing.WITHDRAWN,
}
_MAILED = {
    MailState.ACCEPTED: Standing.NO_ANSWER,
    MailState.REFUSED: Standing.REFUSED,
    MailState.BOUNCED: Standing.BOUNCED,
    MailState.DROPPED: Standing.NOT_SENT,
    MailState.UNCERTAIN: Standing.UNCERTAIN,
}
ANSWERS = frozenset(_ANSWERED.values())


def standing(
    stage: InvitationStage, has_address: bool, mail: MailState | None, answer: Answer, trouble: Trouble | None = None
) -> Standing:
    """Tell where somebody stands. An answer outweighs everything; then comes what we did, then the mail's fate.

    Mail that was held back because earlier mail had come back says the same as mail that came back.
    """
    if answer in _ANSWERED:
        return _ANSWERED[answer]
    if stage is InvitationStage.CANCELLED:
        return Standing.CANCELLED
    if stage is InvitationStage.PREPARED:
        return Standing.PREPARED if has_address else Standing.NO_ADDRESS
    if mail is MailState.DROPPED and trouble is Trouble.BOUNCING:
        return Standing.BOUNCED
    return Standing.ON_ITS_WAY if mail is None else _MAILED.get(mail, Standing.ON_ITS_WAY)


@dataclass(frozen=True)
class Filter:
    """Which of the invited are meant. `group` is a group's public id, `words` parts of a name or an address."""

    standing: Standing | None = None
    kind: SignatoryKind | None = None
    group: str = ""
    words: str = ""


class NoSuchPage(NotFound):
    """The list's address was cut off or made up."""

    def __init__(self) -> None:
        super().__init__(_l("This page of the list does not exist. Start again from its beginning."))
