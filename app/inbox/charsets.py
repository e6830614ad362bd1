"""Turn a stranger's bytes into characters, whatever charset they claim."""

from __future__ import annotations

import codecs
import re

_JOINERS = "\u200c\u200d"  # Persian and Indic words need them
# Labels that say little: programs write them by default.
_VAGUE = {"", "ascii", "iso8859-1", "cp1252", "utf-8"}
# Codecs that are none of mail's, and some of which take quadratic time.
_STRANGE = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# What programs write under a label is often the wider set that Windows or China put in its place (WHATWG, Encoding).
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
_ONE_BYTE = re.compile(r"cp125\d|cp8\d\d|iso8859|koi8|mac")
_LETTERS = re.compile(rb"[A-Za-z]")
_BEYOND = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")  # a word with something beyond ASCII
_CYRILLIC = ("cp1251", "koi8-u", "cp866")
_COMMON = frozenset("оеаинтсрвлкмдпуяыьгзбчйхіє")
_LEAST_HIGH = 6  # bytes: fewer may be a French word
_ENOUGH = 4096  # bytes tell enough


def characters(raw: bytes, charset: str) -> str:
    """Decode bytes. Well-formed UTF-8 goes before a label that fits any bytes; anything else is guessed."""
    known = _known(charset)
    may_be_anything = known in _VAGUE or (_ONE_BYTE.match(known) is not None and not raw.isascii())
    for name in ("utf-8", known) if may_be_anything else (known, "utf-8"):
        if name in _VAGUE - {"utf-8"}:
            continue
        try:
            return raw.decode(name)
        except (LookupError, ValueError):
            continue
    return raw.decode(_cyrillic(raw[:_ENOUGH]) or "cp1252", "replace")


def cleaned(text: str) -> str:
    """Return a text without control characters and lone surrogates, on one line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)


def _known(charset: str) -> str:
    """Return Python's name of the codec to use; empty where there is none."""
    charset = charset.strip("'\" ").lower().removesuffix("-i")  # iso-8859-8-i says how lines run
    try:
        name = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        return ""
    return "" if name in _STRANGE else _WIDER.get(name, name)


def _cyrillic(raw: bytes) -> str:
    """Return the Cyrillic charset that bytes of no or a Western charset are in; empty where they are in none.

    Western words have a letter beyond ASCII among others, Cyrillic ones nothing else.
    """
    words = b"".join(_BEYOND.findall(raw))
    high = _LETTERS.sub(b"", words)
    if len(high) < _LEAST_HIGH or len(high) < 9 * (len(words) - len(high)):
        return ""
    common = {name: sum(letter in _COMMON for letter in high.decode(name, "replace")) for name in _CYRILLIC}
    best = max(_CYRILLIC, key=lambda name: common[name])
    return best if common[best] * 2 > len(high) else ""
