"""What came of handing a mail over, and whether it is the mail's fault or ours."""

from __future__ import annotations

from dataclasses import dataclass

from app.smtp.session import ServerReply
from app.smtp.troubles import is_about_mail, is_about_us

SERVICE_CLOSES = 421


@dataclass(frozen=True)
class RecipientAnswer:
    """What the server answered when one recipient was named."""

    recipient: str
    code: int
    answer: str


@dataclass(frozen=True)
class Verdict:
    """What came of handing one mail over: no `code` where there was no answer, not `certain` after a silent DATA.

    `concerns_server` says that the session, the server or our standing with it is the trouble, and not this mail:
    the next one would fare no better.
    """

    code: int | None
    answer: str
    certain: bool = True
    answers: tuple[RecipientAnswer, ...] = ()
    concerns_server: bool = False

    @property
    def is_accepted(self) -> bool:
        """The relay took responsibility."""
        return self.certain and self.code is not None and 200 <= self.code < 300

    @property
    def is_refused(self) -> bool:
        """The relay will never take it."""
        return self.certain and not self.concerns_server and self.code is not None and self.code >= 500


def concerns_us(reply: ServerReply, *, at_sender: bool = False) -> bool:
    """Tell whether an answer is about the server or our standing with it.

    When the sender is named nothing has been said of the recipient yet, so a refusal is about us, unless its status
    (RFC 3463) says that it is about the message.
    """
    if not reply.is_refusal:
        return False
    if reply.code == SERVICE_CLOSES or is_about_us(reply.code, reply.text):
        return True
    return at_sender and not is_about_mail(reply.code, reply.text)
