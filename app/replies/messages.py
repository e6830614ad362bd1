"""Read what an incoming message says, whatever its shape: its words, what is new in them, and its attachments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from html.parser import HTMLParser
from itertools import islice

import nh3

from app.inbox.messages import content, decoded

LONGEST_TEXT = 200_000
LONGEST_HTML = 1_000_000
MOST_PARTS = 200
MOST_TAGS = 15_000  # the cleaner takes quadratic time over tags in tags: half a second for so many
LONGEST_FILENAME = 120
# Lines times parts in parts: Python's parser looks for every open part's end in every line.
MOST_WORK = 8_000_000
# Each header line, part and block becomes an object of some hundred bytes, and 50 MB could be nothing else.
MOST_BLOCKS = 20_000
MOST_LINES = 1_500_000
_NESTING = re.compile(rb"(?i)\bcontent-type[^\S\n]*:\s*\"?(?:multipart|message)/")
# Python takes quadratic time over parameters, so that longer ones are cut.
_PARAMETERS = re.compile(rb"(?im)^(content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*)")
_LONGEST_PARAMETERS = 2000
_CUT = "[…]"
# NUL and other controls, and characters that reorder or hide text, so that words could pose as others.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TAG = re.compile(r"<[^>]{0,2000}>?")
_NAMED_SIGN = re.compile("&(?!#)")
_HEADER_LINE = re.compile(rb"(?m)^[!-9;-~]{1,200}:")
_OF_BLOCKS = re.compile(rb"(?i)message/(?:global-)?delivery-status")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSAFE_IN_NAMES = re.compile(r"[/\\:*?\"<>|\s]+")
_BLOCKS = {"address", "blockquote", "br", "div", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
           "p", "pre", "table", "tr", "ul"}  # fmt: skip
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"}
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


def contents_of(raw: bytes) -> Contents:
    """Return the words and attachments of a message; never raises, whatever came."""
    words, files = _parts(raw)
    is_cut = _CUT in words
    text = _EMPTY_LINES.sub("\n\n", _plain("\n\n".join(filter(str.strip, words)))).strip()
    attached = tuple(_described(number, part, payload) for number, (part, payload) in enumerate(files))
    return Contents(text[:LONGEST_TEXT], is_cut or len(text) > LONGEST_TEXT, attached)


def attachment_of(raw: bytes, number: int) -> tuple[Attached, bytes] | None:
    """Return one attached file with its bytes, or None where the message has no such file."""
    _words, files = _parts(raw)
    if not 0 <= number < len(files):
        return None
    part, payload = files[number]
    return _described(number, part, payload), payload


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail: nothing of it is ever rendered."""
    if html.count("<") > MOST_TAGS:
        html = _TAG.sub(" ", html)
    if html.count("&") > MOST_TAGS:
        html = _NAMED_SIGN.sub(" ", html)  # in some scripts every letter is a number
    clean = nh3.clean(
        html[:LONGEST_HTML], tags=_BLOCKS | {"a"}, attributes={"a": {"href"}}, link_rel=None,
        clean_content_tags={"script", "style", "title"},
    )  # fmt: skip
    reader = _Words()
    reader.feed(clean)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _parts(raw: bytes) -> tuple[list[str], list[tuple[Message, bytes]]]:
    """Take a message apart: the texts to read in their order, and the files. What can't be parsed is one text."""
    try:
        leaves = list(_leaves(_parsed(raw)))
        words = list(_words_of(part for part, is_text in leaves if is_text))
        files = [(part, _bytes_of(part)) for part, is_text in leaves if not is_text]
    except _ODD:
        return [raw[: 2 * LONGEST_TEXT].decode("utf-8", "replace")], []
    return words, files


def _words_of(readable: Iterable[Message]) -> Iterator[str]:
    """Yield what parts say; ends with a sign where they say more than can be looked through."""
    left = LONGEST_HTML
    for part in readable:
        if left <= 0:
            yield _CUT
            return
        said = content(part, LONGEST_HTML)
        left -= len(said) + said.count("<") * LONGEST_HTML // (2 * MOST_TAGS)
        if text := _text_of(part):
            yield text


def _parsed(raw: bytes) -> Message:
    raw = raw.replace(b"\r\n", b"\n")
    if _is_bomb(raw):
        raise MessageError
    return message_from_bytes(_PARAMETERS.sub(lambda found: found[1][:_LONGEST_PARAMETERS], raw))


def _is_bomb(raw: bytes) -> bool:
    """Tell whether a message is built to take a reader's time or memory; then it is shown as it came."""
    lines = raw.count(b"\n") + raw.count(b"\r")
    return (
        lines > MOST_LINES
        or raw.count(b"\n--") > MOST_BLOCKS
        or (raw.count(b"\n\n") > MOST_BLOCKS and _OF_BLOCKS.search(raw) is not None)
        or next(islice(_HEADER_LINE.finditer(raw), MOST_BLOCKS, None), None) is not None
        or len(_NESTING.findall(raw)) * lines > MOST_WORK
    )


def _leaves(message: Message) -> Iterator[tuple[Message, bool]]:
    """Yield the parts in their order, each with whether it is to be read; of alternatives the plainest one."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        kind = part.get_content_type()
        if kind == "message/rfc822" or not part.is_multipart():
            yield part, _is_readable(part)
            continue
        inner = [each for each in part.get_payload() if isinstance(each, Message)]
        waiting[:0] = _plainest(inner) if kind == "multipart/alternative" else inner


def _plainest(alternatives: list[Message]) -> list[Message]:
    plain = next((each for each in alternatives if each.get_content_type() == "text/plain" and _text_of(each)), None)
    if plain is None:
        return alternatives[-1:]
    # A calendar entry or a picture that stands among the alternatives is worth keeping.
    return [plain, *(each for each in alternatives if each.get_content_maintype() not in {"text", "multipart"})]


def _is_readable(part: Message) -> bool:
    is_words = part.get_content_type() in {"text/plain", "text/html"}
    return is_words and part.get_content_disposition() != "attachment" and not part.get_filename()


def _text_of(part: Message) -> str:
    text = content(part, LONGEST_HTML)
    return text_of_html(text) if part.get_content_type() == "text/html" else text.strip("\n")


def _bytes_of(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        whole = inner if isinstance(inner, list) else []
        return b"".join(each.as_bytes() for each in whole if isinstance(each, Message))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # Some charsets yield half characters, which can't be stored.
    return _HIDDEN.sub("", text).encode("utf-8", "replace").decode()


def _described(number: int, part: Message, payload: bytes) -> Attached:
    name = decoded(part.get_filename() or "")
    name = _UNSAFE_IN_NAMES.sub("-", _plain(name)).strip("-. ")
    kind = part.get_content_type()
    if not name:
        name = f"attachment-{number + 1}" + (".eml" if kind == "message/rfc822" else "")
    return Attached(number, name[-LONGEST_FILENAME:], kind, len(payload))


class _Words(HTMLParser):
    """Collects the words of cleaned HTML, a line for each block, and where links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._link = ""
        self._breaks = 0  # line ends since the last word

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._link = dict(attrs).get("href") or ""
        elif tag == "br":
            self._break(self._breaks + 1)
        elif tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)
            self.found.append("- " if tag == "li" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            said = self.found[-1].strip() if self.found else ""
            if self._link and said and said not in self._link:
                self.found.append(f" <{self._link.removeprefix('mailto:')}>")
            self._link = ""
        elif tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)

    def handle_data(self, data: str) -> None:
        self.found.append(data.replace("\n", " "))
        if data.strip():
            self._breaks = 0

    def _break(self, wanted: int) -> None:
        self.found.append("\n" * max(0, wanted - self._breaks))
        self._breaks = max(self._breaks, wanted)
