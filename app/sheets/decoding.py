"""Runs in a child: finds out how a text file is encoded, and says on which line it goes wrong."""

from __future__ import annotations

import codecs
from itertools import pairwise

from app.sheets.raw_sheets import Obstacle, Unreadable

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "windows-1251", "windows-1253", "windows-1256", "iso-8859-2")


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return the text and its encoding; with `encoding` given, that one is used and no other tried."""
    if encoding is not None:
        return _as_told(content, encoding)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _as_told(content, "utf-16")
    if unmarked := _utf16_without_mark(content):
        return _as_told(content, unmarked)
    _refuse_nul(content)
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        _refuse_mixture(content)
        return _as_told(content, _single_byte_encoding(content))


def _as_told(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise Unreadable(Obstacle.UNDECODABLE, line=line, encoding=encoding) from error
    if "\0" in text:
        raise Unreadable(Obstacle.NUL, line=text.count("\n", 0, text.index("\0")) + 1)
    return text.removeprefix("\ufeff"), encoding


def _utf16_without_mark(content: bytes) -> str | None:
    """Latin text in UTF-16 has a zero at every second byte."""
    sample = content[:2000]
    if len(sample) < 4 or sample.count(0) * 3 < len(sample):
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _refuse_nul(content: bytes) -> None:
    at = content.find(b"\0")
    if at >= 0:
        raise Unreadable(Obstacle.NUL, line=content.count(b"\n", 0, at) + 1)


def _refuse_mixture(content: bytes) -> None:
    """Some lines in UTF-8 beside some that are not: guessing would spoil names."""
    in_utf8, broken = 0, 0
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            in_utf8 = in_utf8 or number
        except UnicodeDecodeError:
            broken = broken or number
        if in_utf8 and broken:
            raise Unreadable(Obstacle.MIXTURE, good=in_utf8, bad=broken)


def _single_byte_encoding(content: bytes) -> str:
    """Cyrillic stands in whole words of high bytes; in Western text high bytes stand alone."""
    high = [index for index, byte in enumerate(content) if byte >= 0x80]
    together = sum(1 for index, following in pairwise(high) if following == index + 1)
    order = ("windows-1251", "windows-1252") if together * 2 >= len(high) else ("windows-1252", "windows-1251")
    for encoding in order:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8"
