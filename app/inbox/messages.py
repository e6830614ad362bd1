"""Read what an incoming message says of itself, whatever its sender made of it.

Strangers write these bytes, so every step is bounded: only the first quarter of a megabyte is parsed (a message's
words and a report's facts stand there), headers are cut before anything decodes them, and what is nested too deep is
read by its headers alone.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import email
import email.message
import html
import quopri
import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import Any

import nh3

Message = email.message.Message
MOST_READ = 256 * 1024
MOST_HEAD = 128 * 1024
MOST_NESTED = 100
MOST_BLOCKS = 20_000  # paragraphs, parts: each could be an object of its own
MOST_WORK = 2_000_000  # lines times parts in parts: the parser looks for every open part's end in every line
MOST_PARTS = 200
LONGEST_HEADER = 16 * 1024
LONGEST_VALUE = 1000
MOST_ADDRESSES = 50
MOST_REFERENCES = 50
LONGEST_EXCERPT = 600
LONGEST_HTML = 64 * 1024  # without what is hidden
LONGEST_TEXT = 256 * 1024
_NESTING = re.compile(rb"(?i)\bcontent-type[^\S\n]*:\s*\"?(?:multipart|message)/")
# The standard library takes quadratic time over their parameters.
_LONG_PARAMETERS = re.compile(rb"(?im)^(content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*)")
_LONGEST_PARAMETERS = 2000
_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_ENCODED = re.compile(r"=\?([!-><-~]{1,40}?)(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?=")
_ESCAPED = re.compile(r"\\.")
_QUOTED = re.compile(r'"[^"]*"(?!@)')
_ANGLED = re.compile(r"<\s*([^<>\s]{1,320})\s*>")
_BARE = re.compile(r"[^\s<>()\[\],;:\"@]{1,128}@[^\s<>()\[\],;:\"@]{1,255}")
_IDENTIFIER = re.compile(r"<[^<>\s]{1,250}>")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^>]{0,200}>")
_HIDDEN = re.compile(r"<(style|script|title)\b")
_JOINERS = "\u200c\u200d"  # Persian and Indic words need them
_ASCII_BYTES = {"", "ascii", "iso8859-1", "cp1252", "utf-8"}
# Codecs that are none of mail's, and some of which take quadratic time.
_STRANGE = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}


def parse(raw: bytes) -> Message:
    """Parse a message's beginning; what is nested too deep comes without its parts."""
    start = raw[:MOST_READ].lstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = start.find(b"\n\n")
    if end >= 0:
        start = _mended(start[:end]) + start[end:]
    start = _LONG_PARAMETERS.sub(lambda found: found[1][:_LONGEST_PARAMETERS], start)
    nested = len(_NESTING.findall(start))
    lines, blocks = start.count(b"\n"), start.count(b"\n\n")
    if nested > MOST_NESTED or nested * lines > MOST_WORK or blocks > MOST_BLOCKS:
        return BytesHeaderParser().parsebytes(start)
    return email.message_from_bytes(start)


def summarise(message: Message, envelope_to: str) -> dict[str, Any]:
    """Return what lists and matching need to know of a message.

    Keys: `from`, `from_name`, `to` (addresses of To and Cc), `subject`, `date` (ISO 8601 or empty), `message_id`,
    `refers_to` (message ids of In-Reply-To and References, the nearest first), `envelope_to`, `delivered_to`,
    `excerpt`. All of it is the sender's word.
    """
    name, sender = sender_of(message)
    return {
        "from": sender,
        "from_name": name,
        "to": addresses(message, "To", "Cc"),
        "subject": header(message, "Subject"),
        "date": _date(message),
        "message_id": next(iter(identifiers(message, "Message-ID")), ""),
        "refers_to": refers_to(message),
        "envelope_to": cleaned(envelope_to)[:LONGEST_VALUE],
        "delivered_to": delivered_to(message),
        "excerpt": " ".join(cleaned(" ".join(text_of(message)[: 4 * LONGEST_EXCERPT].split())).split())[
            :LONGEST_EXCERPT
        ],
    }


def sender_of(message: Message) -> tuple[str, str]:
    """Return name and address of who a message says wrote it; both empty where it says nothing."""
    for value in values(message, "From"):
        found = _addresses_in(value)
        if found:
            before = value.partition("<")[0] if "<" in value else ""
            return cleaned(decoded(before.strip().strip('"')))[:LONGEST_VALUE], found[0]
    return "", ""


def delivered_to(message: Message) -> list[str]:
    """Return the addresses that servers on the way noted as the envelope's recipient."""
    return addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")


def refers_to(message: Message) -> list[str]:
    """Return the message ids that a message answers or follows, the nearest first, each once."""
    nearest = identifiers(message, "In-Reply-To") + identifiers(message, "References")[::-1]
    return list(dict.fromkeys(nearest))[:MOST_REFERENCES]


def values(message: Message, name: str) -> list[str]:
    """Return every value of a header as it stands, unfolded and cut; eight-bit bytes are taken for UTF-8."""
    wanted = name.lower()
    return [
        " ".join(_eight_bit(value[:LONGEST_HEADER]).split())
        for each, value in message.raw_items()
        if each.lower() == wanted
    ]


def header(message: Message, name: str, longest: int = LONGEST_VALUE) -> str:
    """Return a header's first value in readable words, or an empty string."""
    return cleaned(decoded(next(iter(values(message, name)), "")))[:longest].strip()


def addresses(message: Message, *names: str) -> list[str]:
    """Return the bare addresses of some headers, in their order, each once, in lower case."""
    found = [address for name in names for value in values(message, name) for address in _addresses_in(value)]
    return list(dict.fromkeys(found))[:MOST_ADDRESSES]


def identifiers(message: Message, name: str) -> list[str]:
    """Return the message ids in a header, in their order, with their angle brackets."""
    found = []
    for value in values(message, name):
        matches = _IDENTIFIER.findall(value)
        if not matches and 0 < len(value) <= 250 and " " not in value and "@" in value:
            matches = [f"<{value.strip('<>')}>"]
        found += [cleaned(match) for match in matches]
    return found


def parts(message: Message) -> Iterator[Message]:
    """Walk over a message and its parts, up to a number."""
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def inner(part: Message) -> list[Message]:
    """Return the parts or messages directly within a part."""
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)]


def text_of(message: Message, most: int = LONGEST_TEXT) -> str:
    """Return a message's words: its plain text, or its HTML without the markup; empty where it has none."""
    plain, marked = "", ""
    for part in parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            break  # what it forwards or returns is not its own word
        # Parts that never come, behind a boundary that is missing, are text as well.
        is_text = kind in {"text/plain", "text/html"} or part.get_content_maintype() == "multipart"
        if part.is_multipart() or not is_text or _is_attached(part):
            continue
        text = content(part, most)
        if kind == "text/html":
            marked = marked or text
        else:
            plain = plain or text
    return plain if plain.strip() else without_markup(marked)


def content(part: Message, most: int = LONGEST_TEXT) -> str:
    """Return a part's text in characters, whatever charset it claims."""
    try:
        payload = part.get_payload(decode=True)
        charset = part.get_content_charset() or ""
    except (LookupError, TypeError, ValueError):
        return ""  # an encoding or charset that is none
    if not isinstance(payload, bytes):
        return ""
    return _characters(payload[:most], charset).replace("\r\n", "\n").replace("\0", "")


def without_markup(marked: str) -> str:
    """Return the words of some HTML."""
    shown = _BREAKS.sub("\n", _shown(marked)[:LONGEST_HTML])
    return html.unescape(nh3.clean(shown, tags=set(), attributes={}))


def decoded(value: str) -> str:
    """Decode the encoded words (RFC 2047) of a header; what is broken stays as it is."""
    found: list[tuple[str, bytes]] = []  # (charset or empty for what stands as it is, bytes)
    at = 0
    for word in _ENCODED.finditer(value):
        between, charset = value[at : word.start()], word[1].lower()
        at = word.end()
        if between.strip() or not (found and found[-1][0]):
            found.append(("", between.encode("utf-8", "replace")))
        raw = _decoded_word(word[2].lower(), word[3])
        if found[-1][0] == charset:  # a character may be cut in two
            found[-1] = (charset, found[-1][1] + raw)
        else:
            found.append((charset, raw))
    found.append(("", value[at:].encode("utf-8", "replace")))
    return "".join(_characters(raw, charset or "utf-8") for charset, raw in found)


def cleaned(text: str) -> str:
    """Return a text without control characters and lone surrogates, on one line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)


def _decoded_word(way: str, word: str) -> bytes:
    raw = word.encode("ascii", "replace")
    if way == "q":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def _mended(head: bytes) -> bytes:
    """Return a message's headers without the lines that are none: the parser takes the first of them for the body."""
    if len(head) > MOST_HEAD:
        head = head[: head.rfind(b"\n", 0, MOST_HEAD)]
    lines = head.split(b"\n")
    good = [line for line in lines if line[:1] in {b" ", b"\t"} or line.startswith(b"From ") or _HEADER.match(line)]
    return b"\n".join(_HEADER.sub(rb"\1:", line) for line in good) if any(map(_HEADER.match, good)) else head


def _shown(marked: str) -> str:
    """Return HTML without what no reader sees; office programs write more of that than of words."""
    lower, kept, at = marked.lower(), [], 0
    if len(lower) != len(marked):
        return marked
    while found := _HIDDEN.search(lower, at):
        kept.append(marked[at : found.start()])
        end = lower.find(f"</{found[1]}", found.end())
        at = lower.find(">", end) + 1 if end >= 0 else len(marked)
        if at == 0:
            at = len(marked)
    return " ".join([*kept, marked[at:]])


def _eight_bit(value: object) -> str:
    raw = str(value).encode("utf-8", "surrogateescape")
    return _characters(raw, "utf-8")


def _characters(raw: bytes, charset: str) -> str:
    """Decode bytes; a charset that is unknown or wrong gives way to UTF-8 and then to Windows-1252."""
    try:
        known = codecs.lookup(charset.strip("'\"")).name if charset else ""
    except (LookupError, ValueError):
        known = ""
    tries = ["utf-8", known] if known in _ASCII_BYTES | _STRANGE else [known, "utf-8"]
    for name in tries:
        if not name or name in _STRANGE:
            continue
        try:
            return raw.decode(name)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _addresses_in(value: str) -> list[str]:
    found: list[str] = []
    # What is escaped goes first: one pattern for both would look through the rest of the line from every quote.
    for one in _QUOTED.sub(" ", _ESCAPED.sub("_", value)).split(",")[:MOST_ADDRESSES]:
        # A name may look like another address: what stands in angle brackets counts.
        found += [each for each in _ANGLED.findall(one) if "@" in each] or _BARE.findall(one)
    return [cleaned(each).lower() for each in found]


def _date(message: Message) -> str:
    try:
        return parsedate_to_datetime(header(message, "Date", 100)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _is_attached(part: Message) -> bool:
    return "attachment" in next(iter(values(part, "Content-Disposition")), "").lower()[:20]
