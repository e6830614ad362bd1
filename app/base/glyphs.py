"""Which characters the faces of our letters have, and what stands where one is missing; no face is opened for it."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby

from app.base.typefaces import COVERAGE

# White space is set as spaces; joiners, marks of direction and variation selectors are never seen by themselves.
_NEED_NO_FACE = (
    (0x09, 0x0D), (0x85, 0x85), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2069), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xE0020, 0xE007F), (0xE0100, 0xE01EF),
)  # fmt: skip
_CODE_POINTS = 0x110000
_MOST_DESCRIBED = 12


def unprintable(text: str) -> str:
    """Return the characters of a text that no face has, each once, in the order they come in."""
    if text.isascii() and text.isprintable():
        return ""
    has_face = _has_face()
    return "".join(dict.fromkeys(one for one in text if not has_face[ord(one)]))


def with_stand_ins(text: str, also: frozenset[str] = frozenset()) -> str:
    """Return a text whose unprintable characters, and the stretches in `also`, are named by number: [U+12000 U+12009].

    What is copied out of a PDF so still tells which characters were meant.
    """
    for stretch in sorted(also, key=len, reverse=True):
        text = text.replace(stretch, named(stretch))
    if not unprintable(text):
        return text
    has_face = _has_face()
    runs = ((bool(shown), "".join(run)) for shown, run in groupby(text, lambda one: has_face[ord(one)]))
    return "".join(run if shown else named(run) for shown, run in runs)


def named(characters: str) -> str:
    """Return what stands for characters: their numbers in brackets."""
    return f"[{' '.join(f'U+{ord(one):04X}' for one in characters)}]"


def described(characters: str) -> str:
    """Return characters by number and name, for somebody whose screen can't show them either; the first dozen."""
    return ", ".join(f"U+{ord(one):04X} {unicodedata.name(one, '')}".strip() for one in characters[:_MOST_DESCRIBED])


@cache
def _has_face() -> bytearray:
    """Return one byte a code point, 1 where it can be printed: quick to make and to ask, a megabyte a process."""
    flags = bytearray(_CODE_POINTS)
    written = (line.split("-") for line in COVERAGE.read_text("ascii").split())
    for first, last in (*((int(a, 16), int(b, 16)) for a, b in written), *_NEED_NO_FACE):
        flags[first : last + 1] = b"\x01" * (last + 1 - first)
    return flags
