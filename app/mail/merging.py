"""Cut a composed message apart where one person's own words stand, so that the next needs only those filled in.

Building a message and flattening it costs many times more than sending it. A skeleton is made by `compose` itself, from
a message in which random marks stand for the words that differ; so there is one truth about headers. What is filled in
is never searched for marks again.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from markupsafe import escape

from app.base.parts import parts
from app.base.recent import GappedWords, Marks, Recent
from app.mail.composing import Sender, compose
from app.mail.header_lines import header_line, mailbox, mailbox_line, refuse_unsafe
from app.mail.registry import RenderedMail
from app.mail.skeletons import Filled, Skeleton

MOST_SKELETONS = 64  # of about 20 KB each
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_AT_LINE_START = (b".", b"From ")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")

# Renders a message in which the words that differ are those given.
Renders = Callable[[Mapping[str, str]], RenderedMail]


@dataclass(frozen=True, slots=True)
class _Person:
    """What stands in the placeholders of one person's copy."""

    mail: Filled
    message_id: str
    date: str
    plain: Mapping[str, str]
    escaped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Body:
    """A line of a part's content that holds placeholders."""

    line: GappedWords
    is_html: bool

    def __call__(self, person: _Person) -> bytes:
        return _quoted_printable(self.line.filled(person.escaped if self.is_html else person.plain))


@dataclass(frozen=True, slots=True)
class _Header:
    """A header of free text that holds placeholders."""

    name: str
    value: GappedWords

    def __call__(self, person: _Person) -> bytes:
        return header_line(self.name, self.value.filled(person.plain)).encode()


_Piece = bytes | Callable[[_Person], bytes]


class Merged:
    """A composed message, cut apart."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self._pieces = tuple(pieces)

    def fill(self, mail: Filled, message_id: str, date: str) -> bytes:
        """Return the whole message for one person. Raises UnsafeHeader; KeyError where a placeholder has no value."""
        plain = {placeholder: _composed_letters(value) for placeholder, value in mail.values.items()}
        escaped = {placeholder: str(escape(value)) for placeholder, value in plain.items()}
        person = _Person(mail, message_id, date, plain, escaped)
        return b"".join([piece if isinstance(piece, bytes) else piece(person) for piece in self._pieces])


class Skeletons:
    """The skeletons that were used last, each under all that went into it, so that a changed text makes another."""

    def __init__(self, most: int = MOST_SKELETONS) -> None:
        self._kept: Recent[Skeleton] = Recent(most)

    def get(self, key: Hashable, placeholders: Sequence[str], renders: Renders, sender: Sender) -> Skeleton:
        """Return the skeleton of a key, made now if need be. `key` is everything that `renders` renders from."""
        whole = (key, tuple(placeholders), sender)
        return self._kept.get(whole, lambda: make_skeleton(placeholders, renders, sender))


def skeletons() -> Skeletons:
    """Return the skeletons of the current application."""
    found: Skeletons = parts().skeletons
    return found


def make_skeleton(placeholders: Sequence[str], renders: Renders, sender: Sender) -> Skeleton:
    """Render a message with marks in its placeholders, compose it and cut it apart. Recipient, date and id are some."""
    marks = Marks(placeholders)
    source = compose(renders(marks.words), sender, f"<{marks.tag}@{sender.domain}>", _ANY_DAY)

    def cut(text: str) -> GappedWords | None:
        found = marks.cut(text)
        return found if found.gaps else None

    head, body = source.split(b"\r\n\r\n", 1)
    boundary = message_from_bytes(source, policy=default).get_boundary()
    if boundary is None:
        raise ValueError("Only a message of several parts can be merged.")
    return Merged(_joined([*_cut_headers(head, cut), b"\r\n", *_cut_parts(body, f"--{boundary}".encode(), cut)]))


def is_one_line(value: str) -> bool:
    """Tell whether a value leaves a template's lines as they are: neither blank nor of several lines."""
    return bool(value.strip()) and len(value.splitlines()) == 1


def to_line(name: str, address: str) -> bytes:
    """Return the To header, folded under 78 unless the address alone is longer. Raises UnsafeHeader."""
    whole = mailbox(name, address, "To")
    return mailbox_line("To", whole, takes_letters=not whole.addr_spec.isascii()).encode()


def _message_id_line(person: _Person) -> bytes:
    refuse_unsafe("Message-ID", person.message_id)
    return f"Message-ID: {person.message_id}\r\n".encode()


def _date_line(person: _Person) -> bytes:
    return header_line("Date", person.date).encode()


def _person_line(person: _Person) -> bytes:
    return to_line(_composed_letters(person.mail.to_name), person.mail.to_address)


_OWN_HEADERS: Mapping[str, Callable[[_Person], bytes]] = {
    "to": _person_line,
    "message-id": _message_id_line,
    "date": _date_line,
}


def _cut_headers(head: bytes, cut: Callable[[str], GappedWords | None]) -> Iterator[_Piece]:
    """Yield the headers; one that is a person's own, or holds their words, as what fills it."""
    for header in re.split(rb"\r\n(?![ \t])", head):
        name = header.split(b":", 1)[0].decode("ascii")
        own = _OWN_HEADERS.get(name.lower())
        value = cut(str(message_from_bytes(header + b"\r\n\r\n", policy=default)[name]).strip())
        if own is not None:
            yield own
        elif value is not None:
            yield _Header(name, value)
        else:
            yield header + b"\r\n"


def _cut_parts(body: bytes, boundary: bytes, cut: Callable[[str], GappedWords | None]) -> Iterator[_Piece]:
    """Yield the parts line by line; a line that holds placeholders as what fills it."""
    in_headers, is_html = False, False
    for line in _whole_lines(body, boundary):
        if line.startswith(boundary):
            in_headers, is_html = True, False
        elif in_headers:
            is_html = is_html or line.lower().startswith(b"content-type: text/html")
            if line.lower().startswith(b"content-transfer-encoding:") and b"quoted-printable" not in line:
                raise ValueError("Only quoted-printable can be merged.")
            in_headers = bool(line.strip())
        elif (words := cut(binascii.a2b_qp(line.rstrip(b"\r\n")).decode())) is not None:
            yield _Body(words, is_html)
            line = b"\r\n"
        yield line


def _whole_lines(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield lines with their ends; those that quoted-printable broke softly are one. A boundary may end in = too."""
    held = b""
    for line in body.splitlines(keepends=True):
        held += line
        if line.startswith(boundary) or not line.endswith(b"=\r\n"):
            yield held
            held = b""
    if held:
        yield held


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Join neighbours that nothing is filled into."""
    held: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            held.append(piece)
            continue
        yield b"".join(held)
        held = []
        yield piece
    yield b"".join(held)


def _composed_letters(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _quoted_printable(text: str) -> bytes:
    """Encode the lines of a text, without the last line end; a dot or From at a line's start is encoded as well."""
    return b"\r\n".join([_quoted_line(line) for line in _LINE_ENDS.split(text.encode())])


def _quoted_line(line: bytes) -> bytes:
    if line.startswith(_AT_LINE_START):
        # A break after the first letter keeps the rest as short as it would have been.
        return b"=%02X=\r\n" % line[0] + _quoted_line(line[1:])
    return binascii.b2a_qp(line, quotetabs=False, istext=True, header=False).replace(b"=\n", b"=\r\n")
