"""Where an invited person stands: one word made of what we did, what the mail did and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.base.locales import lazy_gettext as _l
from app.directory.states import SignatoryKind
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from app.smtp.states import Trouble

# From when on silence needs a call: a reminder by mail still has time to be read.
NEAR_DEADLINE = timedelta(days=7)


class InviteeStanding(StrEnum):
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
    InviteeStanding.CHANGE_ASKED: _l("Asked for a change"),
    InviteeStanding.BOUNCED: _l("Mail came back"),
    InviteeStanding.REFUSED: _l("Mail refused"),
    InviteeStanding.UNCERTAIN: _l("Mail uncertain"),
    InviteeStanding.NOT_SENT: _l("Mail held back"),
    InviteeStanding.NO_ADDRESS: _l("No address"),
    InviteeStanding.PREPARED: _l("Not asked yet"),
    InviteeStanding.ON_ITS_WAY: _l("Mail on its way"),
    InviteeStanding.NO_ANSWER: _l("No answer"),
    InviteeStanding.SIGNED: _l("Signed"),
    InviteeStanding.DECLINED: _l("Declined"),
    InviteeStanding.WITHDRAWN: _l("Withdrew"),
    InviteeStanding.CANCELLED: _l("Invitation cancelled"),
}
_EXPLANATIONS = {
    InviteeStanding.CHANGE_ASKED: _l("They would sign if the text were different. Write or call them."),
    InviteeStanding.BOUNCED: _l("The mail came back undelivered, so no other follows. Correct the address, or call."),
    InviteeStanding.REFUSED: _l("The mail server did not take the mail: mostly a mistyped or closed address."),
    InviteeStanding.UNCERTAIN: _l(
        "The connection broke while the mail was handed over, twice. It may have arrived or not."
    ),
    InviteeStanding.NOT_SENT: _l(
        "The address has had as much mail as it may get from us, or the reason was gone. Call them."
    ),
    InviteeStanding.NO_ADDRESS: _l("They can’t be mailed until the directory has an address."),
    InviteeStanding.PREPARED: _l("The invitation is ready and has not been sent."),
    InviteeStanding.ON_ITS_WAY: _l("The mail waits to be sent or tried again."),
    InviteeStanding.NO_ANSWER: _l("The mail was accepted; they have not answered."),
    InviteeStanding.SIGNED: _l("Their signature stands."),
    InviteeStanding.DECLINED: _l("They said no. They can still sign until the statement closes."),
    InviteeStanding.WITHDRAWN: _l("They signed and took it back."),
    InviteeStanding.CANCELLED: _l("You took the invitation back."),
}
_ANSWERED = {
    Answer.SIGNED: InviteeStanding.SIGNED,
    Answer.DECLINED: InviteeStanding.DECLINED,
    Answer.CHANGE_ASKED: InviteeStanding.CHANGE_ASKED,
    Answer.WITHDRAWN: InviteeStanding.WITHDRAWN,
}
_MAILED = {
    MailState.ACCEPTED: InviteeStanding.NO_ANSWER,
    MailState.REFUSED: InviteeStanding.REFUSED,
    MailState.BOUNCED: InviteeStanding.BOUNCED,
    MailState.DROPPED: InviteeStanding.NOT_SENT,
    MailState.UNCERTAIN: InviteeStanding.UNCERTAIN,
}
ANSWERS = frozenset(_ANSWERED.values())


def standing(
    stage: InvitationStage, has_address: bool, mail: MailState | None, answer: Answer, trouble: Trouble | None = None
) -> InviteeStanding:
    """Tell where somebody stands. An answer outweighs everything; then comes what we did, then the mail's fate.

    Mail that was held back because earlier mail had come back says the same as mail that came back.
    """
    if answer in _ANSWERED:
        return _ANSWERED[answer]
    if stage is InvitationStage.CANCELLED:
        return InviteeStanding.CANCELLED
    if stage is InvitationStage.PREPARED:
        return InviteeStanding.PREPARED if has_address else InviteeStanding.NO_ADDRESS
    if mail is MailState.DROPPED and trouble is Trouble.BOUNCING:
        return InviteeStanding.BOUNCED
    return InviteeStanding.ON_ITS_WAY if mail is None else _MAILED.get(mail, InviteeStanding.ON_ITS_WAY)


@dataclass(frozen=True)
class PeopleFilter:
    """Which of the invited are meant. `group` is a group's public id, `words` parts of a name or an address."""

    standing: InviteeStanding | None = None
    kind: SignatoryKind | None = None
    group: str = ""
    words: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """Return the filter as words, from which `named` makes it again."""
        wanted = {"q": self.words, "standing": self.standing, "kind": self.kind, "group": self.group}
        return {name: str(value) for name, value in wanted.items() if value}

    @classmethod
    def named(cls, arguments: Mapping[str, str]) -> PeopleFilter:
        """Return the filter that `arguments` gave."""
        standing, kind = arguments.get("standing"), arguments.get("kind")
        return cls(
            InviteeStanding(standing) if standing else None,
            SignatoryKind(kind) if kind else None,
            arguments.get("group", ""),
            arguments.get("q", ""),
        )
