"""What may be refused about replies and outcomes, and why."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, NotFound, Refusal
from app.base.locales import lazy_gettext as _l


class ReplyKind(StrEnum):
    """What kind of thing came back. Out-of-office and bounces are no answers; an unread message is none yet."""

    UNREAD = "unread"
    ACKNOWLEDGEMENT = "acknowledgement"
    ANSWER = "answer"
    REFUSAL = "refusal"
    OUT_OF_OFFICE = "out-of-office"
    BOUNCE = "bounce"

    @property
    def label(self) -> str:
        """The kind in a few words."""
        return str(KIND_LABELS[self])


KIND_LABELS = {
    ReplyKind.UNREAD: _l("Not read yet"),
    ReplyKind.ACKNOWLEDGEMENT: _l("Acknowledgement: they have received it"),
    ReplyKind.ANSWER: _l("Answer to what we ask"),
    ReplyKind.REFUSAL: _l("Refusal"),
    ReplyKind.OUT_OF_OFFICE: _l("Out-of-office notice, which is no answer"),
    ReplyKind.BOUNCE: _l("Bounce: the mail came back undelivered"),
}


# What a person may say that something is. A person who says so has read it.
READ_KINDS = tuple(kind for kind in ReplyKind if kind is not ReplyKind.UNREAD)


class OfferAnswer(StrEnum):
    """How a held message stands to one campaign."""

    OFFERED = "offered"
    NOT_OURS = "not ours"


class MatchReason(StrEnum):
    """Why a held message may belong to a delivery, the strongest reason first."""

    MARK = "mark"
    SENDER = "sender"
    DOMAIN = "domain"
    SUBJECT = "subject"
    OFFERED = "offered"

    @property
    def label(self) -> str:
        """The reason in plain words."""
        return str(_LIKENESSES[self])


_LIKENESSES = {
    MatchReason.MARK: _l("It answers this letter, which had not been handed over when it came"),
    MatchReason.SENDER: _l("It says that it comes from the address that we wrote to"),
    MatchReason.DOMAIN: _l("It says that it comes from the institution’s domain"),
    MatchReason.SUBJECT: _l("It has the subject of our letter"),
    MatchReason.OFFERED: _l("An operator thinks that it may be yours"),
}


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


class NoSuchHeldMail(NotFound):
    """It was filed or discarded meanwhile, or it is not for this campaign to see."""

    def __init__(self) -> None:
        super().__init__(_l("This mail is not held any more, or not for this campaign. Somebody may have filed it."))


class FiledMeanwhile(Conflict):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__(_l("Somebody has filed or discarded this mail in the meantime. Nothing was changed."))


class NoSuchAttachment(NotFound):
    """The message has no file of that number."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such file in this mail."))


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
    """A quotation that does not name the person who said it."""

    def __init__(self) -> None:
        super().__init__(_l("Say who is quoted, such as a court or a minister by name."), "quotation_speaker")


class NotYetHappened(Refusal):
    """An outcome in the future."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This day has not come yet. Record an outcome once it has happened; announce it as an update until "
                "then."
            ),
            "happened_on",
        )
