"""Read what an incoming message says, whatever its shape: its words and the files that came with it."""

from __future__ import annotations

import binascii
import mimetypes
import re
from base64 import b64decode
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from quopri import decodestring

from app.base.characters import BIDI_OVERRIDES, BYTE_ORDER_MARK, CONTROLS_BUT_LAYOUT
from app.inbox.bodies import Reader
from app.inbox.charsets import characters
from app.inbox.headers import filename_of, header
from app.inbox.parsing import WHOLE, inner, parse
from app.inbox.tnef import unpack

LONGEST_TEXT = 200_000
LONGEST_FILENAME = 120
_CUT = "[…]"
# NUL and other controls, and characters that reorder or hide text, so that words could pose as others.
_HIDDEN = re.compile(f"[{CONTROLS_BUT_LAYOUT}\u061c\u200b\u200e\u200f{BIDI_OVERRIDES}{BYTE_ORDER_MARK}]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSAFE_IN_NAMES = re.compile(r"[/\\:*?\"<>|\s]+")
_PACKED = {"application/ms-tnef", "application/vnd.ms-tnef"}
# What an odd message makes Python's parser raise, beyond what it documents.
_ODD = (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True)
class Attached:
    """A file that came with a message; `number` is its place among them, from 0."""

    number: int
    filename: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Contents:
    """What a message says in plain words. `is_cut` when there is more than LONGEST_TEXT characters."""

    text: str
    is_cut: bool
    attachments: tuple[Attached, ...]


@dataclass(frozen=True)
class _File:
    name: str
    content_type: str
    content: bytes


def contents_of(raw: bytes) -> Contents:
    """Return the words and attachments of a message; never raises, whatever came."""
    words, files, is_cut = _taken_apart(raw)
    text = _EMPTY_LINES.sub("\n\n", _plain("\n\n".join(filter(str.strip, words)))).strip()
    attached = tuple(_described(number, file) for number, file in enumerate(files))
    return Contents(text[:LONGEST_TEXT], is_cut or len(text) > LONGEST_TEXT, attached)


def attachment_of(raw: bytes, number: int) -> tuple[Attached, bytes] | None:
    """Return one attached file with its bytes, or None where the message has no such file."""
    _words, files, _is_cut = _taken_apart(raw)
    if not 0 <= number < len(files):
        return None
    return _described(number, files[number]), files[number].content


def _taken_apart(raw: bytes) -> tuple[list[str], list[_File], bool]:
    """Return the texts to read in their order, the files, and whether there is more. Unreadable mail is one text."""
    reader = Reader()
    try:
        found = reader.read(parse(raw, WHOLE))
        files = [_File(_name_of(part), part.get_content_type(), _bytes_of(part)) for part in found.files]
        packed = [unpack(one.content) for one in files if one.content_type in _PACKED]
    except _ODD:
        return [raw[: 2 * LONGEST_TEXT].decode("utf-8", "replace")], [], False
    words = [*found.texts, *([_CUT] if reader.is_cut else [])]
    for one in packed:
        if not any(text.strip() for text in words):
            words.append(characters(one.text, one.codepage).replace("\r\n", "\n"))
        files += [_unpacked(characters(name, one.codepage), content) for name, content in one.files]
    return words, files, reader.is_cut


def _unpacked(name: str, content: bytes) -> _File:
    return _File(name, mimetypes.guess_type(name)[0] or "application/octet-stream", content)


def _name_of(part: Message) -> str:
    name = filename_of(part)
    if name or part.get_content_maintype() != "message":
        return name
    within = inner(part)
    subject = header(within[0], "Subject", LONGEST_FILENAME) if within else ""
    return f"{subject}.eml" if subject else ""


def _bytes_of(part: Message) -> bytes:
    if part.get_content_maintype() == "message":
        whole = b"\n".join(each.as_bytes() for each in inner(part)) or str(part.get_payload() or "").encode()
        return _uncoded(whole, header(part, "Content-Transfer-Encoding").lower())
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _uncoded(whole: bytes, coding: str) -> bytes:
    """Return a message that was encoded although none may be; some gateways do it, and Python reads on regardless."""
    if coding == "quoted-printable":
        return decodestring(whole.lstrip(b"\n"))
    try:
        return b64decode(b"".join(whole.split()), validate=True) if coding == "base64" else whole
    except (binascii.Error, ValueError):
        return whole


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # Some charsets yield half characters, which can't be stored.
    return _HIDDEN.sub("", text).encode("utf-8", "replace").decode()


def _described(number: int, file: _File) -> Attached:
    name = _UNSAFE_IN_NAMES.sub("-", _plain(file.name)).strip("-. ")
    if not name:
        is_message = file.content_type.startswith("message/")
        ending = ".eml" if is_message else mimetypes.guess_extension(file.content_type) or ""
        name = f"attachment-{number + 1}{ending}"
    return Attached(number, name[-LONGEST_FILENAME:], file.content_type, len(file.content))
