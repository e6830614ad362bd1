"""The demonstration's local mailbox: a loopback SMTP server that keeps every mail as a file, and reads them back.

It stands in for the world's mail servers, so that a newcomer sees what would be mailed and nothing ever leaves the
machine.
"""

from __future__ import annotations

import email
import email.policy
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.base import clock
from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l
from app.inbox.headers import header

LARGEST_MAIL_BYTES = 64 * 1024 * 1024
MOST_LISTED = 500
LONGEST_HEADER = 2_000
# Mail to this domain is refused, so that a demonstration can show what happens then.
REFUSING = "@refuses.example.org"
_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class KeptAttachment:
    """A file that came with a mail."""

    filename: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Kept:
    """One mail as it arrived."""

    id: str
    sender: str
    to: str
    reply_to: str
    subject: str
    sent_at: datetime | None
    message_id: str
    text: str
    html: str
    attachments: tuple[KeptAttachment, ...]
    source: bytes

    @property
    def links(self) -> list[str]:
        """The addresses in the text, each once."""
        return list(dict.fromkeys(link.rstrip(".,;)") for link in _LINK.findall(self.text)))


class NoSuchMail(NotFound):
    """The mailbox holds no such mail."""

    def __init__(self) -> None:
        super().__init__(_l("This mail is not in the mailbox any more."))


def keep(folder: Path, source: bytes) -> str:
    """Write one mail into the mailbox and return its id; it appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{clock.now():%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"
    unfinished = folder / f".{name}"
    unfinished.write_bytes(source)
    unfinished.replace(folder / f"{name}.eml")
    return name


def list_mails(folder: Path) -> list[Kept]:
    """Return the latest mails, newest first."""
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)[:MOST_LISTED]
    return [read(folder, name) for name in names]


def read(folder: Path, name: str) -> Kept:
    """Return one mail; raises NoSuchMail."""
    path = folder / f"{name}.eml"
    if _NAME.fullmatch(name) is None or not path.is_file():
        raise NoSuchMail
    source = path.read_bytes()
    mail = email.message_from_bytes(source, policy=email.policy.default)
    return Kept(
        id=name,
        # Not `mail["To"]`: it keeps the space between two halves of an encoded word, and shows "mail box".
        sender=header(mail, "From", LONGEST_HEADER),
        to=header(mail, "To", LONGEST_HEADER),
        reply_to=header(mail, "Reply-To", LONGEST_HEADER),
        subject=header(mail, "Subject", LONGEST_HEADER),
        sent_at=parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None,
        message_id=str(mail["Message-ID"] or ""),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(_attachments(mail)),
        source=source,
    )


def attachment(folder: Path, name: str, filename: str) -> tuple[bytes, str]:
    """Return the bytes and type of one attached file; raises NoSuchMail."""
    mail = email.message_from_bytes(read(folder, name).source, policy=email.policy.default)
    for part in mail.iter_attachments():
        if part.get_filename() == filename:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b"", part.get_content_type()
    raise NoSuchMail


def _body(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""


def _attachments(mail: EmailMessage) -> list[KeptAttachment]:
    found = []
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        found.append(KeptAttachment(part.get_filename() or "", part.get_content_type(), size))
    return found


class _Keeper:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_RCPT(  # noqa: N802 - theirs
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.endswith(REFUSING):
            return "550 5.1.1 No such person here (the demonstration shows a refused address)"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - theirs
        content = envelope.content
        keep(self._folder, content if isinstance(content, bytes) else str(content).encode())
        return "250 2.0.0 Kept in the demonstration's mailbox"


def start_mailbox(folder: Path, port: int) -> Controller:
    """Listen for mail on a loopback port, in a thread; the caller stops the returned controller."""
    controller = Controller(
        _Keeper(folder),
        hostname="127.0.0.1",
        port=port,
        data_size_limit=LARGEST_MAIL_BYTES,
        enable_SMTPUTF8=True,
        ident="Undersigned demonstration mailbox",
    )
    controller.start()
    return controller
