"""Read the headers of an incoming message, whatever its sender made of them; each is cut before anything decodes it."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from urllib.parse import unquote_to_bytes

from app.inbox.charsets import characters, cleaned
from app.inbox.parsing import LONGEST_PARAMETERS, Message

LONGEST_HEADER = 16 * 1024
LONGEST_VALUE = 1000
MOST_ADDRESSES = 50
MOST_REFERENCES = 50
_MOST_PIECES = 50  # of one file name
_ENCODED = re.compile(r"=\?([!-><-~]{1,40}?)(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?=")
_ESCAPED = re.compile(r"\\.")
_QUOTED = re.compile(r'"[^"]*"(?!@)')
_ANGLED = re.compile(r"<\s*([^<>\s]{1,320})\s*>")
_BARE = re.compile(r"[^\s<>()\[\],;:\"@]{1,128}@[^\s<>()\[\],;:\"@]{1,255}")
_COMMENT = re.compile(r"\(([^()]{1,300})\)\s*$")
_IDENTIFIER = re.compile(r"<[^<>\s]{1,250}>")
# Some programs leave names with blanks in them unquoted.
_PARAMETER = re.compile(r';\s*([A-Za-z]{1,40})(?:\*(\d{1,3}))?(\*)?\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_EXTENDED = re.compile(r"([A-Za-z0-9_-]{0,40})'[A-Za-z0-9-]{0,40}'")
_PERCENT = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")


def values(message: Message, name: str) -> list[str]:
    """Return every value of a header as it stands, unfolded and cut; raw letters are read as the text's are."""
    wanted = name.lower()
    return [
        " ".join(_eight_bit(value[:LONGEST_HEADER], message).split())
        for each, value in message.raw_items()
        if each.lower() == wanted
    ]


def header(message: Message, name: str, longest: int = LONGEST_VALUE) -> str:
    """Return a header's first value in readable words, or an empty string."""
    return cleaned(decoded(next(iter(values(message, name)), "")))[:longest].strip()


def sender_of(message: Message) -> tuple[str, str]:
    """Return name and address of the writer a message names; both empty where it names nobody."""
    for value in values(message, "From"):
        found = _addresses_in(value)
        if found:
            comment = _COMMENT.search(value)
            before = value.partition("<")[0] if "<" in value else comment[1] if comment else ""
            return cleaned(decoded(before.strip().strip('"')))[:LONGEST_VALUE], found[0]
    return "", ""


def delivered_to(message: Message) -> list[str]:
    """Return the addresses that servers on the way noted as the envelope's recipient."""
    return addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")


def refers_to(message: Message) -> list[str]:
    """Return the message ids that a message answers or follows, the nearest first, each once."""
    nearest = identifiers(message, "In-Reply-To") + identifiers(message, "References")[::-1]
    return list(dict.fromkeys(nearest))[:MOST_REFERENCES]


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


def filename_of(part: Message) -> str:
    """Return the name of the file that a part is, in whichever way it is written; empty where it has none.

    In use are RFC 2231, whole or in pieces, encoded words within or without quotes, letters and percents as they are.
    """
    for name, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        found = _parameter(next(iter(values(part, name)), ""), parameter)
        if found.strip():
            return found.strip()
    return ""


def decoded(value: str) -> str:
    """Decode the encoded words (RFC 2047) of a header; broken ones stay as they are."""
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
    return "".join(characters(raw, charset or "utf-8") for charset, raw in found)


def _decoded_word(way: str, word: str) -> bytes:
    raw = word.encode("ascii", "replace")
    if way == "q":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def _parameter(value: str, name: str) -> str:
    plain, pieces = "", dict[int, tuple[bool, str]]()
    for found in list(_PARAMETER.finditer(f";{value[:LONGEST_PARAMETERS]}"))[:_MOST_PIECES]:
        if found[1].lower() != name:
            continue
        said = found[4].strip()
        if said.startswith('"') and said.endswith('"'):
            said = re.sub(r'\\(["\\])', r"\1", said[1:-1])
        if found[2] or found[3]:
            pieces.setdefault(int(found[2] or 0), (bool(found[3]), said))
        else:
            plain = plain or said
    if pieces:
        return _extended([pieces[number] for number in sorted(pieces)])
    found_words = decoded(plain)
    return characters(unquote_to_bytes(found_words), "utf-8") if _PERCENT.search(found_words) else found_words


def _extended(pieces: list[tuple[bool, str]]) -> str:
    """Join the pieces of a value of RFC 2231; each tells whether it is in percents."""
    start = _EXTENDED.match(pieces[0][1]) if pieces[0][0] else None
    if start:
        pieces[0] = (True, pieces[0][1][start.end() :])
    raw = b"".join(unquote_to_bytes(said) if is_encoded else said.encode() for is_encoded, said in pieces)
    found = characters(raw, start[1] if start else "utf-8")
    return decoded(found)  # some programs write encoded words into the pieces


def _eight_bit(value: object, message: Message) -> str:
    raw = str(value).encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except ValueError:
        return characters(raw, _charset_of(message))


def _charset_of(message: Message) -> str:
    """Return the charset of the first text: raw bytes in the headers are in it too, if they are no UTF-8."""
    part = message
    for _depth in range(4):
        payload = part.get_payload() if part.is_multipart() else None
        if not isinstance(payload, list) or not payload or not isinstance(payload[0], Message):
            break
        part = payload[0]
    try:
        return part.get_content_charset() or ""
    except (LookupError, TypeError, ValueError):
        return ""


def _addresses_in(value: str) -> list[str]:
    found: list[str] = []
    # Escaped characters go first: one pattern for both would look through the rest of the line from every quote.
    for one in _QUOTED.sub(" ", _ESCAPED.sub("_", value)).split(",")[:MOST_ADDRESSES]:
        # A name may look like another address: what stands in angle brackets counts.
        found += [each for each in _ANGLED.findall(one) if "@" in each] or _BARE.findall(one)
    return [cleaned(each).lower() for each in found]
