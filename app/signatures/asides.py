"""What somebody is told whose decision met another one: a second window, two at once, or one that came too late."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.locales import gettext as _, lazy_gettext as _l
from app.invitations.states import Answer, InvitationAnswer
from app.signatures.queries import Signed
from app.signatures.states import Consent, SignatoryChoice
from app.visibility.states import Visibility


@dataclass(frozen=True)
class Aside:
    """What became of a decision beside what the page shows, with the words that would be lost otherwise."""

    heading: str
    message: str
    words: str = ""


_NOT_RECORDED = {
    SignatoryChoice.SIGN: (
        _l("What you chose in this window was not recorded"),
        _l("You had signed before, in another window. That signature stands as it is shown here. Below you can change "
           "how you appear."),
    ),
    SignatoryChoice.DECLINE: (
        _l("Your decline was not recorded"),
        _l("You had signed before, in another window, and that signature stands. To take your name back, withdraw it "
           "below."),
    ),
    SignatoryChoice.ASK_CHANGE: (
        _l("Your wish for a change was not recorded"),
        _l("You had signed before, in another window, and that signature stands. To ask for a change all the same, "
           "answer one of our mails; to take your name back, withdraw your signature below."),
    ),
}  # fmt: skip
_BEFORE = {
    Answer.SIGNED: _l("In another window you had signed. Your new answer takes the place of that."),
    Answer.DECLINED: _l("In another window you had declined. Your new answer takes the place of that."),
    Answer.CHANGE_ASKED: _l("In another window you had asked for a change. Your new answer takes the place of that."),
    Answer.WITHDRAWN: _l(
        "In another window you had withdrawn your signature. Your new answer takes the place of that."
    ),
}


def not_recorded(choice: SignatoryChoice, words: str) -> Aside:
    """Tell somebody who has signed that what they sent from another window changed nothing."""
    heading, message = _NOT_RECORDED[choice]
    return Aside(str(heading), str(message), words)


def replaced(before: Answer, seen: str) -> Aside | None:
    """Tell somebody that this decision took the place of one that its window did not know of; None where it did."""
    if before is Answer.NONE or before.value == seen:
        return None
    return Aside(_("Your later decision counts"), str(_BEFORE[before]))


def too_late(reply: InvitationAnswer, words: str) -> Aside:
    """Tell somebody that signing had ended when their decision came, and which answer was kept."""
    if reply.answer is Answer.NONE:
        kept = _("You had not answered before, and that stays so.")
    else:
        kept = _("What you had answered before stays: “%(answer)s”.", answer=reply.answer.label)
    message = _("Signing was over when it came.")
    return Aside(_("What you sent was not recorded"), f"{message} {kept}", words)


def is_as_signed(signed: Signed, consent: Consent) -> bool:
    """Tell whether somebody has signed just so: a double click, and nothing that got lost."""
    identity = signed.identity
    asked = consent.pseudonym if consent.visibility is Visibility.PSEUDONYM else ""
    return (
        signed.text_sha256, signed.visibility, identity.name, identity.public_line, identity.country,
        identity.pseudonym, signed.representative, signed.wants_news,
    ) == (
        consent.text_sha256, consent.visibility, consent.name, consent.public_line, consent.country,
        asked, consent.representative, consent.wants_news,
    )  # fmt: skip
