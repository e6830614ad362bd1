"""Turn a rendered message into MIME bytes (email.message.EmailMessage, policy SMTP), with every header checked."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, AddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from app.base.addresses import in_ascii
from app.mail.registry import Rendered
from app.mail.states import UnsafeHeader
from app.smtp.envelopes import needs_smtputf8

# Control characters and all that Python's email package, or a mail server, could take for the end of a line; halves of
# letters, which have no bytes.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE = 78  # RFC 5322 §2.1.1, without the line end
_LONGEST_LINE = 998
_LONGEST_WORD = 900
_WORD_START = "=?utf-8?"
_WORD_BYTES = 39  # of UTF-8 in one encoded word: 52 letters of base64 and 12 around them


@dataclass(frozen=True)
class Sender:
    """Whom mails come from: name and address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain that Message-IDs stand under, in ASCII."""
        return in_ascii(self.address).rsplit("@", 1)[-1]


class WirePolicy(EmailPolicy):
    """Python's SMTP policy, with two of its habits mended.

    It writes ids and addresses of the web as encoded words where they have no space within a line's length, and RFC
    2047 §5 forbids that: mail programs would not see that a mail can be unsubscribed from. And where it parts a text
    beyond ASCII at a space, the space is lost: what stands between two encoded words is not read.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header as it is written, folded."""
        written = self._written(name, value)
        return super().fold(name, value) if written is None else written

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the bytes of a header, folded."""
        written = self._written(name, value)
        return super().fold_binary(name, value) if written is None else written.encode()

    def _written(self, name: str, value: Any) -> str | None:
        if _is_verbatim(name, value):
            return _in_lines(name, value)
        if self.utf8 or str(value).isascii() or super().fold(name, value).count(_WORD_START) < 2:
            return None
        if isinstance(value, UnstructuredHeader):
            return f"{name}: {encoded_words(str(value))}\r\n"
        if isinstance(value, AddressHeader) and len(value.addresses) == 1:
            only = value.addresses[0]
            return f"{name}: {encoded_words(only.display_name)}\r\n <{only.addr_spec}>\r\n"
        return None


_ASCII = WirePolicy(linesep="\r\n")
_UTF8 = _ASCII.clone(utf8=True)


def policy_for(*addresses: str | None) -> WirePolicy:
    """Return how to write a message that names these addresses: letters beyond ASCII only where one needs SMTPUTF8."""
    return _UTF8 if any(needs_smtputf8(address) for address in addresses if address) else _ASCII


def compose(message: Rendered, sender: Sender, message_id: str, date: datetime) -> bytes:
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


def refuse_unsafe(name: str, value: str) -> None:
    """Raise UnsafeHeader if the value of a header holds line breaks or control characters."""
    if _FORBIDDEN.search(value):
        raise UnsafeHeader(name)


def mailbox(name: str, address: str, header: str) -> Address:
    """Return a display name with its address; raises UnsafeHeader for line breaks, controls and endless words."""
    longest = max(map(len, f"{name} {address}".split()), default=0)
    if _FORBIDDEN.search(name) or _FORBIDDEN.search(address) or longest > _LONGEST_WORD:
        raise UnsafeHeader(header)
    local, _at, domain = in_ascii(address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _is_verbatim(name: str, value: object) -> bool:
    lower = name.lower()
    is_kind = lower.startswith("list-") or lower in {"message-id", "in-reply-to", "references"}
    return is_kind and str(value).isascii()


def _in_lines(name: str, value: object) -> str:
    """Fold a header at its spaces only; raises UnsafeHeader where a line would be longer than mail may have."""
    lines = [f"{name}:"]
    for word in str(value).split():
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    if max(map(len, lines)) > _LONGEST_LINE:
        raise UnsafeHeader(name)
    return "\r\n".join(lines) + "\r\n"


def encoded_words(text: str) -> str:
    """Return a text as encoded words (RFC 2047), one a line, none of which cuts a letter."""
    words, held = [], b""
    for letter in text:
        encoded = letter.encode()
        if len(held) + len(encoded) > _WORD_BYTES:
            words.append(held)
            held = b""
        held += encoded
    return "\r\n ".join(f"{_WORD_START}b?{b64encode(word).decode()}?=" for word in [*words, held])
