"""Parse what strangers wrote within bounds, so that no message takes a reader's time or memory.

The standard library takes quadratic time over parameters, looks for every open part's end in every line, and makes an
object of some hundred bytes of each header line, part and block. So parameters are cut, and a message that is built of
nothing else is read by its headers alone.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Message
from email.parser import BytesHeaderParser
from itertools import islice

MOST_PARTS = 200
LONGEST_PARAMETERS = 2000
_NESTING = re.compile(rb"(?i)\bcontent-type[^\S\n]*:\s*\"?(?:multipart|message)/")
_PARAMETERS = re.compile(rb"(?im)^(content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*)")
_HEADER = re.compile(rb"\A([!-9;-~]{1,200})[ \t]*:")
_HEADER_LINE = re.compile(rb"(?m)^[!-9;-~]{1,200}:")
_OF_BLOCKS = re.compile(rb"(?i)message/(?:global-)?delivery-status")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a message is parsed. `nested` counts parts in parts, `work` these times the lines."""

    octets: int
    work: int
    lines: int = 1_500_000
    head: int = 128 * 1024
    nested: int = 100
    blocks: int = 20_000


# A message's words and a report's facts stand at its beginning.
BEGINNING = Bounds(256 * 1024, work=2_000_000)
# One message at a time, for somebody who opens it: with its files.
WHOLE = Bounds(64 * 1024 * 1024, work=8_000_000)


def parse(raw: bytes, bounds: Bounds = BEGINNING) -> Message:
    """Parse a message; what is built to take time or memory comes without its parts: all of it is one text then."""
    start = raw[: bounds.octets].lstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = start.find(b"\n\n")
    if end >= 0:
        start = _mended(start[:end], bounds.head) + start[end:]
    start = _PARAMETERS.sub(lambda found: found[1][:LONGEST_PARAMETERS], start)
    return BytesHeaderParser().parsebytes(start) if _is_bomb(start, bounds) else email.message_from_bytes(start)


def parts(message: Message) -> Iterator[Message]:
    """Walk over a message and its parts, up to a number."""
    return islice(message.walk(), MOST_PARTS)


def inner(part: Message) -> list[Message]:
    """Return the parts or messages directly within a part."""
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)]


def _is_bomb(raw: bytes, bounds: Bounds) -> bool:
    lines, nested = raw.count(b"\n"), len(_NESTING.findall(raw))
    return (
        lines > bounds.lines
        or nested > bounds.nested
        or nested * lines > bounds.work
        or raw.count(b"\n--") > bounds.blocks
        or (raw.count(b"\n\n") > bounds.blocks and _OF_BLOCKS.search(raw) is not None)
        or next(islice(_HEADER_LINE.finditer(raw), bounds.blocks, None), None) is not None
    )


def _mended(head: bytes, most: int) -> bytes:
    """Return a message's headers without the lines that are none: the parser takes the first of them for the body."""
    if len(head) > most:
        head = head[: max(head.rfind(b"\n", 0, most), 0)] or head[:most]
    lines = head.split(b"\n")
    good = [line for line in lines if line[:1] in {b" ", b"\t"} or line.startswith(b"From ") or _HEADER.match(line)]
    return b"\n".join(_HEADER.sub(rb"\1:", line) for line in good) if any(map(_HEADER.match, good)) else head
