"""Judges how likely letters are: what a file would spell, read in one encoding or another, against words of lists."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

# For each language the names of people, countries and headings, as lists have them; none of them is a list of anybody.
_WORDS = Path(__file__).with_name("words.txt")
_CHARACTERS_ALONE = ("zh", "zhh", "ja", "ko")  # languages whose characters are counted one by one
# Kanji and hanzi of the first level of each standard come before 0xD8 (GB 2312, JIS X 0208) and 0xC9 (Big5).
_FIRST_LEVEL = {"zh": ("gb2312", 0xD8), "zhh": ("big5", 0xC7), "ja": ("euc-jp", 0xD0), "ko": ("euc-kr", 0xC9)}
_BETWEEN_WORDS = re.compile(r"[\x00-\x40\x5b-\x60\x7b-\x7f\u3000\u3001\uff0c\uff1b\u00a0\ufeff]+")
_TYPOGRAPHY = frozenset("“”„‘’‚«»‹›–—…·•№°§©®™€¡¿ªº²³½・（）。「」、，；：！？・《》")
_QUOTES = "“”„‘’‚«»‹›–—…•"
_START, _END = "^", "$"
# Shares of letters, found by trying: common ones of a language are counted, these are those that are not.
_RARE_LETTER, _RARE_CHARACTER, _STRANGE_CHARACTER, _FOREIGN_LETTER = 1 / 900, 1 / 7_000, 1 / 60_000, 1 / 40_000
_TYPOGRAPHIC, _SYMBOL, _NO_CHARACTER = 1 / 300, 1 / 100_000, 1e-9
_CASE_TURNS, _BEGINS_SMALL = math.log(1 / 400), math.log(1 / 4)
_OTHER_LANGUAGE, _LATIN_INSIDE = math.log(1 / 15), math.log(1 / 50)
_MOST_WORDS, _LONGEST_WORD = 400, 60


def likelihood(text: str, encoding: str = "") -> float:
    """Return the logarithm of how likely these letters are, by the language that suits all its words best.

    Only words with letters beyond ASCII count, each once: the rest is the same in every encoding.
    """
    words = telling_words(text)
    by_word = [_scores(word) for word in words]
    languages = {language for scores in by_word for language in scores} or {""}
    return max(sum(_in_language(scores, language) for scores in by_word) for language in languages)


def telling_words(text: str) -> list[str]:
    """Return the words that hold letters beyond ASCII, each once, from all over the text."""
    words = (word[:_LONGEST_WORD] for word in _BETWEEN_WORDS.split(text))
    found = list(dict.fromkeys(word for word in words if not word.isascii()))
    step = max(1, len(found) // _MOST_WORDS)
    return found[::step][:_MOST_WORDS]


def _in_language(scores: Mapping[str, float], language: str) -> float:
    """A list may name people of many languages, but it is likelier that a word is of the one the others are of."""
    elsewhere = max(scores.values()) + _OTHER_LANGUAGE
    return max(scores.get(language, elsewhere), elsewhere)


@cache
def _scores(word: str) -> dict[str, float]:
    inner = word.strip(_QUOTES) or word
    fixed = _shape(inner) + (len(word) - len(inner)) * math.log(10 * _TYPOGRAPHIC)
    small = unicodedata.normalize("NFC", inner).lower()
    return {language: fixed + _score(small, language) for language in _languages_of(small)}


def _score(word: str, language: str) -> float:
    if not any(character.isalpha() for character in word):
        return sum(math.log(_beside_letters(character) * 10) for character in word)
    if language in _CHARACTERS_ALONE:
        turns = sum(1 for before, after in pairwise(word) if before.isascii() != after.isascii())
        return sum(_alone(character, language) for character in word) + turns * _LATIN_INSIDE
    pairs, singles, total = _counted(language)
    score, before = 0.0, _START
    for character in [*word, _END]:
        single = singles.get(character, 0) / total
        share = 0.75 * pairs.get((before, character), 0) / max(1, singles.get(before, 0)) + 0.24 * single
        score += math.log(share + 0.01 * _rare(character, language))
        before = character
    return score


def _rare(character: str, language: str) -> float:
    if character == _END or character.isalpha() or unicodedata.category(character).startswith("M"):
        return _RARE_LETTER if character == _END or _script(character) in _scripts_of(language) else _FOREIGN_LETTER
    return _beside_letters(character)


def _beside_letters(character: str) -> float:
    if character in _TYPOGRAPHY:
        return _TYPOGRAPHIC
    return _NO_CHARACTER if unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs") else _SYMBOL


@cache
def _alone(character: str, language: str) -> float:
    _pairs, singles, total = _counted(language)
    if character in singles:
        return math.log(0.9 * singles[character] / total)
    if character.isascii():
        return math.log(1 / 60)
    if not character.isalpha() or _script(character) not in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"):
        return math.log(_FOREIGN_LETTER / 10 if character.isalpha() else _beside_letters(character))
    encoding, end = _FIRST_LEVEL[language]
    try:
        return math.log(_RARE_CHARACTER if character.encode(encoding)[0] < end else _STRANGE_CHARACTER)
    except UnicodeEncodeError:
        return math.log(_STRANGE_CHARACTER / 10)


def _shape(word: str) -> float:
    """A capital after a small letter is rare, and names begin with one."""
    turns = sum(1 for before, letter in pairwise(word) if before.islower() and letter.isupper())
    return turns * _CASE_TURNS + (_BEGINS_SMALL if word[0].islower() else 0.0)


def _languages_of(word: str) -> Iterable[str]:
    scripts = {_script(character) for character in word if not character.isascii() and character.isalpha()}
    return [language for language in _lists() if _scripts_of(language) & (scripts or {"LATIN"})] or ["fr"]


@cache
def _script(character: str) -> str:
    return unicodedata.name(character, "NONE").split()[0].replace("IDEOGRAPH", "").rstrip("-")


_SCRIPTS = {
    "el": {"GREEK"}, "he": {"HEBREW"}, "ar": {"ARABIC"}, "fa": {"ARABIC"}, "th": {"THAI"}, "zh": {"CJK"},
    "zhh": {"CJK"}, "ja": {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}, "ko": {"HANGUL", "CJK"},
    **{language: {"CYRILLIC"} for language in ("ru", "uk", "be", "bg", "sr", "mk")},
}  # fmt: skip
_LATIN = {"LATIN"}


def _scripts_of(language: str) -> set[str]:
    return _SCRIPTS.get(language, _LATIN)


@cache
def _lists() -> dict[str, list[str]]:
    lines = _WORDS.read_text(encoding="utf-8").splitlines()
    return {language: words.split() for language, _colon, words in (line.partition(": ") for line in lines)}


@cache
def _counted(language: str) -> tuple[Counter[tuple[str, str]], Counter[str], int]:
    pairs: Counter[tuple[str, str]] = Counter()
    singles: Counter[str] = Counter()
    for word in _lists()[language]:
        small = word.lower()
        letters = small if language in _CHARACTERS_ALONE else f"{_START}{small}{_END}"
        singles.update(letters)
        pairs.update(pairwise(letters))
    return pairs, singles, sum(singles.values())
