"""Turn a rendered message into MIME bytes (email.message.EmailMessage, policy SMTP), with every header checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from app.mail.registry import Rendered
from app.mail.states import UnsafeHeader

# Control characters and all that Python's email package, or a mail server, could take for the end of a line.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Sender:
    """Whom mails come from: name and address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain that Message-IDs stand under."""
        return self.address.rsplit("@", 1)[-1]


def compose(message: Rendered, sender: Sender, message_id: str, date: datetime) -> bytes:
    """Return the bytes of a message: plain text first, HTML as the alternative. Raises UnsafeHeader."""
    needs_utf8 = not message.to_address.isascii()
    mail = EmailMessage(policy=SMTPUTF8 if needs_utf8 else SMTP)
    set_header(mail, "Subject", message.subject)
    mail["From"] = mailbox(message.from_name or sender.name, sender.address, "From")
    mail["To"] = mailbox(message.to_name, message.to_address, "To")
    if message.reply_to:
        mail["Reply-To"] = mailbox(message.reply_to_name, message.reply_to, "Reply-To")
    mail["Date"] = format_datetime(date)
    set_header(mail, "Message-ID", message_id)
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        set_header(mail, name, value)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def set_header(mail: EmailMessage, name: str, value: str) -> None:
    """Set one header; raises UnsafeHeader for line breaks and control characters."""
    if _FORBIDDEN.search(value):
        raise UnsafeHeader(name)
    mail[name] = value


def mailbox(name: str, address: str, header: str) -> Address:
    """Return a display name with its address; raises UnsafeHeader for line breaks and control characters."""
    if _FORBIDDEN.search(name) or _FORBIDDEN.search(address):
        raise UnsafeHeader(header)
    local, _at, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
