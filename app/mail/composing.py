"""Turn a rendered message into MIME bytes (email.message.EmailMessage, policy SMTP), with every header checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import AddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from app.base.addresses import in_ascii
from app.mail.header_lines import folded_at_spaces, header_line, mailbox, mailbox_line, refuse_unsafe
from app.mail.registry import RenderedMail
from app.smtp.envelopes import needs_smtputf8


@dataclass(frozen=True)
class Sender:
    """The name and address that mails come from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain that Message-IDs stand under, in ASCII."""
        return in_ascii(self.address).rsplit("@", 1)[-1]


class WirePolicy(EmailPolicy):
    """Python's SMTP policy, with its habits of folding mended.

    It writes ids and addresses of the web as encoded words, and RFC 2047 §5 forbids that: mail programs would not see
    that a mail can be unsubscribed from. Where it parts a text beyond ASCII at a space, the space is lost: what stands
    between two encoded words is not read. And it sets an address behind an encoded name however long the line is then.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header as it is written, folded."""
        return self._own_lines(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the bytes of a header, folded."""
        own = self._own_lines(name, value)
        return own.encode() if own else super().fold_binary(name, value)

    def _own_lines(self, name: str, value: Any) -> str:
        if _is_verbatim(name, value):
            return folded_at_spaces(name, str(value))
        if isinstance(value, AddressHeader) and len(value.addresses) == 1:
            return mailbox_line(name, value.addresses[0], takes_letters=self.utf8)
        has_letters = isinstance(value, UnstructuredHeader) and not self.utf8 and not str(value).isascii()
        return header_line(name, str(value)) if has_letters else ""


_ASCII = WirePolicy(linesep="\r\n")
_UTF8 = _ASCII.clone(utf8=True)


def policy_for(*addresses: str | None) -> WirePolicy:
    """Return how to write a message that names these addresses: letters beyond ASCII only where one needs SMTPUTF8."""
    return _UTF8 if any(needs_smtputf8(address) for address in addresses if address) else _ASCII


def compose(message: RenderedMail, sender: Sender, message_id: str, date: datetime) -> bytes:
    """Return the bytes of a message: plain text first, HTML as the alternative. Raises UnsafeHeader."""
    mail = EmailMessage(policy=policy_for(message.to_address, message.reply_to, sender.address))
    set_header(mail, "Subject", message.subject)
    mail["From"] = mailbox(message.from_name or sender.name, sender.address, "From")
    mail["To"] = mailbox(message.to_name, message.to_address, "To")
    if message.reply_to:
        mail["Reply-To"] = mailbox(message.reply_to_name, message.reply_to, "Reply-To")
    mail["Date"] = format_datetime(date)
    set_header(mail, "Message-ID", message_id)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    for name, value in message.headers.items():
        set_header(mail, name, value)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def set_header(mail: EmailMessage, name: str, value: str) -> None:
    """Set one header; raises UnsafeHeader for line breaks and control characters."""
    refuse_unsafe(name, value)
    mail[name] = value


def _is_verbatim(name: str, value: object) -> bool:
    """Tell whether a header must not be cut into encoded words: mail programs would not see what it leads to."""
    lower = name.lower()
    is_kind = lower.startswith("list-") or lower in {"message-id", "in-reply-to", "references"}
    return is_kind and str(value).isascii()
