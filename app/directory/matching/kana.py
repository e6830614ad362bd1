"""How kana are customarily spelt in Latin letters: Hepburn, Kunrei and what passports make of long vowels."""

from __future__ import annotations

_ROWS = {
    "あいうえお": ("",), "かきくけこ": ("k", "c"), "がぎぐげご": ("g",), "さしすせそ": ("s",), "ざじずぜぞ": ("z",),
    "たちつてと": ("t",), "だぢづでど": ("d",), "なにぬねの": ("n",), "はひふへほ": ("h",), "ばびぶべぼ": ("b",),
    "ぱぴぷぺぽ": ("p",), "まみむめも": ("m",), "らりるれろ": ("r", "l"),
}  # fmt: skip
_OWN = {
    "し": ("shi", "si"), "ち": ("chi", "ti", "tchi"), "つ": ("tsu", "tu"), "ふ": ("fu", "hu"),
    "じ": ("ji", "zi", "gi"),
    "ぢ": ("ji", "zi", "di"), "づ": ("zu", "du", "dzu"), "ず": ("zu", "dzu"),
    "や": ("ya",), "ゆ": ("yu",), "よ": ("yo",),
    "わ": ("wa",), "を": ("o", "wo"), "ん": ("n", "m", ""), "っ": ("", "t"), "ー": ("", "h"),
    "ゔ": ("v", "vu", "b"), "ゃ": ("ya",), "ゅ": ("yu",), "ょ": ("yo",), "ぁ": ("a",),
    "ぃ": ("i",), "ぅ": ("u",), "ぇ": ("e",), "ぉ": ("o",), "う": ("u", "w"),
}  # fmt: skip
_BEFORE_SMALL_Y = {
    "し": ("sh", "sy"), "ち": ("ch", "ty", "tch"), "じ": ("j", "zy", "jy"),
    "ぢ": ("j", "zy"), "き": ("ky",), "ぎ": ("gy",),
    "に": ("ny",), "ひ": ("hy",), "び": ("by",), "ぴ": ("py",), "み": ("my",), "り": ("ry", "ly"),
}  # fmt: skip
_VOWELS = "aiueo"


def _spellings() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for row, starts in _ROWS.items():
        for sign, vowel in zip(row, _VOWELS, strict=True):
            table[sign] = tuple(start + vowel for start in starts)
    table |= _OWN
    for sign, starts in _BEFORE_SMALL_Y.items():
        for small, vowel in zip("ゃゅょ", "auo", strict=True):
            table[sign + small] = tuple(start + vowel for start in starts)
    return table


SPELLINGS = _spellings()


def as_hiragana(word: str) -> str:
    """Return katakana in hiragana."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in word)


def is_long(before: str, sign: str) -> bool:
    """Tell whether a sign only makes the vowel before it longer, so that Latin letters may leave it out."""
    vowel = SPELLINGS.get(before, ("",))[0][-1:]
    return (sign, vowel) in {("う", "o"), ("う", "u"), ("お", "o"), ("い", "e"), ("い", "i"), ("あ", "a"), ("え", "e")}
