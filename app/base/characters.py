"""Kinds of characters that have no place in a text or deserve a second look, as they stand in a pattern's brackets."""

from __future__ import annotations

import unicodedata

CONTROLS = "\x00-\x1f\x7f-\x9f"
CONTROLS_BUT_LAYOUT = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # tabs and line ends are layout
SEPARATORS = "\u2028\u2029"  # of lines and paragraphs, which many programs take for line ends
SURROGATES = "\ud800-\udfff"  # halves of characters: nothing can encode them
NONCHARACTERS = "\ufdd0-\ufdef\ufffe\uffff"
BIDI_OVERRIDES = "\u202a-\u202e\u2066-\u2069"  # reorder what stands between them, so that a name could pose as another
BYTE_ORDER_MARK = "\ufeff"


def is_accent(character: str) -> bool:
    """Tell accents and invisible marks from letters.

    Classes 0, 7 and 9 are vowel signs, nuktas and viramas: letters of the Indic scripts, not accents. Class 8 makes a k
    of kana a g: another letter too.
    """
    return unicodedata.combining(character) not in (0, 7, 8, 9) or unicodedata.category(character) == "Cf"
