"""In which script a word is written, and how it is folded before it is compared across scripts."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Script(StrEnum):
    """The scripts whose customary Latin spellings are known, Latin itself, and all the others."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    GEORGIAN = "georgian"
    ARMENIAN = "armenian"
    ARABIC = "arabic"
    HEBREW = "hebrew"
    INDIC = "indic"
    KANA = "kana"
    HANGUL = "hangul"
    HAN = "han"
    OTHER = "other"

    @property
    def has_family_name_first(self) -> bool:
        """Tell whether names are written in one piece, the family name first."""
        return self in (Script.HAN, Script.HANGUL)


# The first code point behind each block, in order; what stands between two known blocks is OTHER.
_BLOCKS = (
    (0x0250, Script.LATIN), (0x0370, Script.OTHER), (0x0400, Script.GREEK), (0x0530, Script.CYRILLIC),
    (0x0590, Script.ARMENIAN), (0x0600, Script.HEBREW), (0x0700, Script.ARABIC), (0x0750, Script.OTHER),
    (0x0780, Script.ARABIC), (0x0900, Script.OTHER), (0x0D80, Script.INDIC), (0x10A0, Script.OTHER),
    (0x1100, Script.GEORGIAN), (0x1200, Script.HANGUL), (0x1E00, Script.OTHER), (0x1F00, Script.LATIN),
    (0x2000, Script.GREEK), (0x3040, Script.OTHER), (0x3100, Script.KANA), (0x3400, Script.OTHER),
    (0xA000, Script.HAN), (0xAC00, Script.OTHER), (0xD7B0, Script.HANGUL), (0xF900, Script.OTHER),
    (0xFB00, Script.HAN), (0x20000, Script.OTHER), (0x323B0, Script.HAN),
)  # fmt: skip
_DOUBLED = re.compile(r"([^\W\d_])\1+")


@lru_cache(maxsize=65536)
def script_of(word: str) -> Script:
    """Return the script of a word, by its first letter that has one."""
    if word.isascii():
        return Script.LATIN
    for character in word:
        if character.isalpha() and (found := _script_of_letter(ord(character))) is not Script.LATIN:
            return found
    return Script.LATIN


def _script_of_letter(code: int) -> Script:
    return next((script for end, script in _BLOCKS if code < end), Script.OTHER)


@lru_cache(maxsize=65536)
def undoubled(word: str) -> str:
    """Return a word with each letter that is written twice written once."""
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=65536)
def composed(word: str) -> str:
    """Return a comparison key's word with its syllables and voiced kana put together again."""
    return word if word.isascii() else unicodedata.normalize("NFC", word)
