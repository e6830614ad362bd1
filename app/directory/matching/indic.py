"""How the letters of Devanagari are customarily spelt in Latin letters; its sister scripts have the same layout.

A consonant carries an a of its own, which is often not spoken and then not spelt.
"""

from __future__ import annotations

_CONSONANTS = """
क k|c|q; ख kh|k; ग g|gh; घ gh|g; ङ n; च ch|c|tch; छ chh|ch|c; ज j|z|g; झ jh|z|j; ञ n|ny; ट t|th; ठ th|t; ड d|r
ढ dh|d|rh|r
ण n; त t|th; थ th|t; द d|dh; ध dh|d; न n; ऩ n; प p; फ ph|f|p; ब b|v|w; भ bh|b; म m; य y|j|i|e; र r; ऱ r; ल l; ळ l|zh
ऴ zh|l|z
व v|w|b|o|u; श sh|s|ch; ष sh|s; स s|sh; ह h|gh; क्ष ksh|x|kch|ks|kh; ज्ञ gy|jn|gn|gny|dny|jny; त्र tr|thr; व्ह v|vh|w|wh
"""
_VOWELS = """
अ a|u; आ a; इ i|e; ई i|e|y; उ u|o; ऊ u|o; ए e|ay|ai; ऐ ai|e|ei|ay; ओ o; औ au|ou|o; ऋ ri|r|ru; ा a; ि i|e; ी i|e|y
ु u|o; ू u|o
े e|ay|ai; ै ai|e|ei|ay; ॅ e|a; ॉ o|a; ो o; ौ au|ou|o|ow; ृ ri|r|ru; ं n|m|ng|-; ँ n|m|-; ः h|-; ् -|a; ़ -; ऍ e|a; ऑ o|a
ॆ e; ॊ o
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = (entry.split() for entry in table.replace("\n", ";").split(";") if entry.strip())
    return {letters: tuple("" if one == "-" else one for one in spelt.split("|")) for letters, spelt in lines}


CONSONANTS = _read(_CONSONANTS)
VOWELS = _read(_VOWELS)


def as_devanagari(word: str) -> str:
    """Return a word of Bengali, Gujarati, Tamil, Telugu and their sisters letter by letter in Devanagari.

    The blocks of Unicode have one layout, after the Indian standard of 1988.
    """
    return "".join(chr(0x900 + (ord(c) & 0x7F)) if 0x980 <= ord(c) < 0xD80 else c for c in word)
