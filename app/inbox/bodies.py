"""Find the words in an incoming message, and its files: what its reader was meant to see, wherever it stands.

Of alternatives programs show the richest, and senders care for no other: a plain part may say no more than that HTML
can't be shown. So the plain one is read where it says what the HTML says, and the HTML where it says more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.inbox.charsets import characters
from app.inbox.headers import filename_of, header
from app.inbox.markup import LONGEST_HTML, MOST_TAGS, text_of_html
from app.inbox.parsing import MOST_PARTS, Message, inner

LONGEST_TEXT = 256 * 1024
_DEEPEST = 100
_TEXTS = {"text/plain", "text/html"}
_LINK = re.compile(r"<?https?://\S+")
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = 14  # letters: scripts without blanks are compared by pairs of letters
_MOST_COMPARED = 20_000  # characters of each
_NOTICE_WORDS = 60  # so many at most says a program that it can't show HTML
_SAME = 0.6  # share of the plain part's words that the HTML has, where it says the same


@dataclass
class Found:
    """The texts of a message in their order, and its parts that are files."""

    texts: list[str] = field(default_factory=list)
    files: list[Message] = field(default_factory=list)
    further: list[Message] = field(default_factory=list)  # files within alternatives, such as pictures of the HTML
    named: list[Message] = field(default_factory=list)  # texts with a file name that stand inline

    def add(self, other: Found) -> None:
        """Put what was found next behind."""
        self.texts += other.texts
        self.files += other.files
        self.further += other.further
        self.named += other.named


class Reader:
    """Takes one message apart. `is_cut` where it says more than can be looked through."""

    def __init__(self, most: int = LONGEST_HTML) -> None:
        self._most, self._left = most, most
        self._seen = 0
        self.is_cut = False

    def read(self, message: Message) -> Found:
        """Return what a message holds; a text with a file name is read where there is no other."""
        found = self._sorted(message, 0)
        if not any(text.strip() for text in found.texts):
            found.texts = [self._text_of(part) for part in found.named]
        found.files += found.further
        return found

    def _sorted(self, part: Message, depth: int) -> Found:
        self._seen += 1
        if self._seen > MOST_PARTS or depth > _DEEPEST:
            return Found()
        kind = part.get_content_type()
        if not part.is_multipart() or part.get_content_maintype() == "message":
            return self._leaf(part, kind)
        options = [self._sorted(each, depth + 1) for each in inner(part)]
        if kind == "multipart/alternative":
            return self._chosen(list(zip(inner(part), options, strict=True)))
        found = Found()
        for each in options:
            found.add(each)
        return found

    def _leaf(self, part: Message, kind: str) -> Found:
        # Parts that never come, behind a boundary that is missing, are text as well.
        is_text = kind in _TEXTS or (part.get_content_maintype() == "multipart" and not part.is_multipart())
        if not is_text or header(part, "Content-Disposition").lower().startswith("attachment"):
            return Found(files=[part])
        if filename_of(part):
            return Found(files=[part], named=[part])
        return Found(texts=[self._text_of(part)])

    def _chosen(self, options: list[tuple[Message, Found]]) -> Found:
        """Return what to read of alternatives. Files of all are kept: Apple Mail attaches them to the HTML alone."""
        found = Found()
        for part, option in options:
            direct = not part.is_multipart() or part.get_content_maintype() == "message"
            found.files += option.files if direct else []
            found.further += option.further + ([] if direct else option.files)
            found.named += option.named
        said = [(part.get_content_type(), "\n\n".join(filter(str.strip, option.texts))) for part, option in options]
        plain = next((text for kind, text in said if kind == "text/plain" and text), "")
        rich = next((text for kind, text in reversed(said) if kind != "text/plain" and text), "")
        found.texts = _to_read(plain, rich)
        return found

    def _text_of(self, part: Message) -> str:
        if self._left <= 0:
            self.is_cut = True
            return ""
        said = content(part, self._most)
        self._left -= len(said) + said.count("<") * LONGEST_HTML // (2 * MOST_TAGS)
        return text_of_html(said) if part.get_content_type() == "text/html" else _unflowed(said, part).strip("\n")


def text_of(message: Message, most: int = LONGEST_TEXT) -> str:
    """Return a message's words, without those that it forwards or returns; empty where it has none."""
    return "\n\n".join(filter(str.strip, Reader(most).read(message).texts))


def content(part: Message, most: int = LONGEST_TEXT) -> str:
    """Return a part's text in characters, whatever charset it claims."""
    try:
        payload = part.get_payload(decode=True)
        charset = part.get_content_charset() or ""
    except (LookupError, TypeError, ValueError):
        return ""  # an encoding or charset that is none
    if not isinstance(payload, bytes):
        return ""
    return characters(payload[:most], charset).replace("\r\n", "\n").replace("\0", "")


def _to_read(plain: str, rich: str) -> list[str]:
    """Say which of two alternatives are to be read: one of them, or both where each says something of its own."""
    if not plain.strip() or not rich.strip():
        return [plain if plain.strip() else rich]
    of_plain, of_rich = _words(plain), _words(rich)
    shared = len(set(of_plain) & set(of_rich)) / max(1, len(set(of_plain)))
    if shared >= _SAME:
        return [rich if len(of_rich) > 3 * len(of_plain) + 20 else plain]
    if len(of_plain) <= _NOTICE_WORDS and len(of_rich) >= 2 * len(of_plain):
        return [rich]
    return [plain, rich] if of_rich else [plain]


def _words(text: str) -> list[str]:
    found = []
    for word in _WORD.findall(_LINK.sub(" ", text[:_MOST_COMPARED]).lower()):
        is_run = len(word) > _LONG_WORD or "\u2e80" <= word[0] <= "\u9fff"
        found += [word[at : at + 2] for at in range(0, len(word), 2)] if is_run else [word]
    return found


def _unflowed(text: str, part: Message) -> str:
    """Join the lines that a program broke (RFC 3676, format=flowed); quoted ones with their like only."""
    kind = header(part, "Content-Type").lower().replace('"', "")
    if "format=flowed" not in kind:
        return text
    delete_space = "delsp=yes" in kind
    lines: list[str] = []
    open_depth = -1  # of quotation; -1 where the line before has ended
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        if depth == open_depth and said != "-- ":
            lines[-1] += said
        else:
            lines.append(f"{'>' * depth} {said}" if depth else said)
        flows = said.endswith(" ") and said != "-- "
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join(lines)
