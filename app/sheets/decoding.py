"""Runs in a child: finds out how a text is encoded, by what it would spell, and on which line it goes wrong."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from app.sheets.raw_sheets import Obstacle, Unreadable
from app.sheets.spelling import likelihood

# Each with Python's name for it, which takes in the newer characters of the same encoding, and how common it is in
# lists: the logarithm of a share, found by trying.
_JUDGED: dict[str, tuple[str, float]] = {
    "windows-1252": ("cp1252", 0.0), "windows-1250": ("cp1250", -0.3), "windows-1251": ("cp1251", -0.3),
    "windows-1253": ("cp1253", -0.5), "windows-1254": ("cp1254", -0.7), "windows-1255": ("cp1255", -0.5),
    "windows-1256": ("cp1256", -0.5), "windows-1257": ("cp1257", -0.7), "windows-1258": ("cp1258", -1.5),
    "windows-874": ("cp874", -0.5), "iso-8859-2": ("iso-8859-2", -1.5), "iso-8859-5": ("iso-8859-5", -3.0),
    "iso-8859-6": ("iso-8859-6", -2.5), "iso-8859-7": ("iso-8859-7", -1.5), "iso-8859-15": ("iso-8859-15", -1.5),
    "mac-roman": ("mac-roman", -2.5), "mac-latin2": ("mac-latin2", -3.0), "mac-cyrillic": ("mac-cyrillic", -1.5),
    "mac-greek": ("mac-greek", -3.0), "mac-turkish": ("mac-turkish", -3.0), "koi8-r": ("koi8-r", -1.0),
    "koi8-u": ("koi8-u", -1.2), "cp437": ("cp437", -3.5), "cp850": ("cp850", -2.5), "cp852": ("cp852", -2.5),
    "cp866": ("cp866", -2.0), "gb18030": ("gb18030", -0.3), "big5": ("big5hkscs", -0.5), "shift_jis": ("cp932", -0.3),
    "euc-jp": ("euc-jp", -1.0), "euc-kr": ("cp949", -0.4),
}  # fmt: skip
_UNICODE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
ENCODINGS = ("utf-8", "utf-16", *_JUDGED, "iso-2022-jp")
_SAMPLE_BYTES, _SAMPLE_LINES = 60_000, 2_000
CLOSE = 5.0  # a runner-up that is no more than e^5 times less likely is worth a look
_MOST_OTHERS = 2


@dataclass(frozen=True)
class Decoded:
    """A text, the encoding that it was read in, and the next likely ones with how close they come."""

    text: str
    encoding: str
    others: tuple[tuple[str, bool], ...] = ()


def decode(content: bytes, encoding: str | None = None) -> Decoded:
    """Read a text in the encoding that is told, or else in the likeliest one."""
    if found := encoding or _unicode(content):
        return Decoded(_read(content, found), found, _others(content, found))
    _refuse_nul(content)
    judged = _judged(content)
    best, most = next(((name, points) for name, points in judged if _fits(content, name)), ("windows-1252", 0.0))
    _refuse_mixture(content, best)
    return Decoded(_read(content, best), best, _near(content, best, most, judged))


def text_in(line: bytes, encoding: str) -> str:
    """Return a line as it reads in an encoding; what doesn't fit is marked."""
    return line.decode(_codec(encoding), "replace").removeprefix("\ufeff")


def telling_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield lines that hold more than ASCII, with their numbers; no encoding that is judged hides a line feed."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.isascii():
            yield number, line


def _unicode(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content and (unmarked := _utf16_without_mark(content)):
        return unmarked
    if content.isascii() and b"\0" not in content:
        return "iso-2022-jp" if b"\x1b$" in content and b"\x1b(" in content else "utf-8"
    return "utf-8" if b"\0" not in content and _is_utf8(content) else None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(content: bytes) -> str | None:
    """Text in UTF-16 has all its line feeds with a zero before them or behind them."""
    sample = content[:4000]
    line_end = "\n" if b"\n" in sample else "\r"
    line_ends = sample.count(line_end.encode())
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        has_controls = any(character < " " and character not in "\t\r\n" for character in text)
        if not has_controls and text.count(line_end) > 0.7 * line_ends:
            return encoding
    return None


def _read(content: bytes, encoding: str) -> str:
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else _codec(encoding))
    except UnicodeError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise Unreadable(Obstacle.UNDECODABLE, line=line, encoding=encoding) from error
    if "\0" in text:
        raise Unreadable(Obstacle.NUL, line=text.count("\n", 0, text.index("\0")) + 1)
    # Vietnamese in windows-1258 has its accents apart.
    return unicodedata.normalize("NFC", text) if encoding == "windows-1258" else text.removeprefix("\ufeff")


def _codec(encoding: str) -> str:
    return _JUDGED[encoding][0] if encoding in _JUDGED else encoding


def _refuse_nul(content: bytes) -> None:
    at = content.find(b"\0")
    if at >= 0:
        raise Unreadable(Obstacle.NUL, line=content.count(b"\n", 0, at) + 1)


def _sample(content: bytes) -> bytes:
    """Return lines that tell encodings apart, from all over the file."""
    lines = [line for _number, line in telling_lines(content)]
    taken = b"\n".join(lines[:: max(1, len(lines) // _SAMPLE_LINES)])
    if len(taken) <= _SAMPLE_BYTES:
        return taken
    return taken[: max(taken.rfind(between, 0, _SAMPLE_BYTES) for between in (b"\n", b" ", b","))]


def _judged(content: bytes) -> list[tuple[str, float]]:
    """Return the encodings that the file may be in, the likeliest first; those that read it alike are one."""
    sample = _sample(content)
    read: dict[str, tuple[float, str]] = {}
    for name, (codec, prior) in _JUDGED.items():
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        read[text] = max(read.get(text, (prior, name)), (prior, name))
    judged = [(name, likelihood(text) + prior) for text, (prior, name) in read.items()]
    return sorted(judged, key=lambda one: (-one[1], one[0]))


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(_codec(encoding))
    except UnicodeDecodeError:
        return False
    return True


def _others(content: bytes, told: str) -> tuple[tuple[str, bool], ...]:
    if content.isascii() or told in _UNICODE:
        return ()
    if _is_utf8(content):
        return (("utf-8", True),)
    judged = _judged(content)
    return _near(content, told, dict(judged).get(told, judged[0][1] if judged else 0.0), judged)


def _near(content: bytes, best: str, most: float, judged: list[tuple[str, float]]) -> tuple[tuple[str, bool], ...]:
    rest = (one for one in judged if one[0] != best and _fits(content, one[0]))
    return tuple((name, most - points < CLOSE) for (name, points), _ in zip(rest, range(_MOST_OTHERS), strict=False))


def _refuse_mixture(content: bytes, best: str) -> None:
    """Some lines in UTF-8 beside some that are not: guessing would spoil names.

    A few letters of another encoding may be UTF-8 by accident; then they spell less in it.
    """
    in_utf8 = [(number, line) for number, line in telling_lines(content) if _is_utf8(line)]
    if not in_utf8:
        return
    lines = b"\n".join(line for _number, line in in_utf8[:200])
    if likelihood(lines.decode("utf-8")) <= likelihood(text_in(lines, best)):
        return
    bad = next(number for number, line in telling_lines(content) if not _is_utf8(line))
    raise Unreadable(Obstacle.MIXTURE, good=in_utf8[0][0], bad=bad)
