"""Whether a word in another script can be spelt as a Latin one, and the coarse sounds by which both are looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from anyascii import anyascii
from rapidfuzz import fuzz

from app.directory.matching import han, hangul, indic, kana
from app.directory.matching.letters import SPELLINGS, UNWRITTEN
from app.directory.matching.scripts import Script, composed, script_of, undoubled

_ABJADS = (Script.ARABIC, Script.HEBREW)
# Scripts without a table are read by anyascii, one letter at a time; two such spellings must be this much alike.
_ALIKE_PERCENT = 78
_FURTHER_NAME = re.compile("[a-z]{3,} ")
_ARTICLE = "(?:[aeu](?:sh|th|dh|[lsnrdzt]))?"
_GEMINATE = re.compile("(.)\u094d\\1")
_LONGEST = 4
_LONGEST_TAKEN_APART = 3
_MOST_READINGS = 3
_MOST_SOUNDS = 9
_TWO_LETTERS = re.compile("t(?=[sz]|s?ch)")
# What is spelt in so many ways that only the rest can be looked up by it.
_UNSURE = re.compile("tsch|tch|dsch|t[sz]|d[zjs]h?|ch|c|[kg]h|[kgqjhxvwfbaeiouy]")
_UNSURE_START = re.compile("t[sz]|ts?ch|d[zjs]")
_STARTS = dict.fromkeys("pbfvw", "1") | {"l": "l", "r": "r", "m": "n", "n": "n", "t": "t", "d": "t"}
_SOUNDS = str.maketrans({"m": "n", "d": "t", "z": "s"})


@lru_cache(maxsize=262144)
def can_be_spelt(word: str, latin: str) -> bool:
    """Tell whether a word in another script is customarily spelt as `latin`, in any of the conventions we know.

    Both are comparison keys. Chinese and Korean names stand in one piece and are compared by `can_be_called`.
    """
    pattern = _pattern(word)
    if pattern is None:
        return fuzz.ratio(read_aloud(word), latin) >= _ALIKE_PERCENT
    return pattern.fullmatch(undoubled(latin)) is not None


def is_spelt(one: str, other: str) -> bool:
    """Tell whether two words in two scripts can be one; between two that are not Latin, one is read aloud."""
    if script_of(other) is Script.LATIN:
        return can_be_spelt(one, other)
    return can_be_spelt(other, one if script_of(one) is Script.LATIN else read_aloud(one))


@lru_cache(maxsize=65536)
def can_be_called(name: str, latin: str, has_no_more: bool = False) -> bool:
    """Tell whether a Chinese or Korean name can be spelt as `latin`, the family name first or last.

    A further given name in Latin letters, as many have, makes no other person, unless there must be no more.
    """
    pattern = _whole_pattern(name)
    if pattern is None:
        return False
    further = _FURTHER_NAME.match(latin)
    return bool(pattern.fullmatch(latin) or (further and not has_no_more and pattern.fullmatch(latin, further.end())))


@lru_cache(maxsize=65536)
def read_aloud(word: str) -> str:
    """Return a word in rough Latin letters, without spaces."""
    return re.sub("[^a-z0-9]", "", anyascii(composed(word)).lower())


@lru_cache(maxsize=65536)
def sounds_of(word: str) -> tuple[str, ...]:
    """Return the few sounds of a word that all conventions agree about: l, n, r, s and t, in every likely reading.

    A word in another script shares at least one with each of its customary Latin spellings, nearly always.
    """
    script = script_of(word)
    if script is Script.LATIN:
        # "ts" and "tch" are one letter in most alphabets, and two in some words.
        return tuple(dict.fromkeys(_start(one) + _sure(one) for one in (word, _TWO_LETTERS.sub("t ", word))))
    units = _units(word, script)
    if units is None:
        return (_start(read_aloud(word)) + _sure(read_aloud(word)),)
    found = _readings(units)
    if script is Script.ARABIC and word.startswith("ال"):
        found = _readings(list(_cut(word[2:], script)))[:2] + found[:2]
    return tuple(dict.fromkeys(found))


def _readings(units: Sequence[tuple[str, ...]]) -> list[str]:
    starts = dict.fromkeys((_start(spelt), _sure(spelt)) for spelt in units[0]) if units else {("", ""): None}
    readings = [list(dict.fromkeys(_sure(spelt) for spelt in unit))[:_MOST_READINGS] for unit in units[1:]]
    ends = [undoubled("".join(one)) for one in islice(product(*readings), _MOST_SOUNDS)]
    return [start + undoubled(sure + end) for (start, sure), end in product(list(starts)[:_MOST_READINGS], ends)]


def family_names_of(name: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ways to part a Chinese or Korean name: the spellings of its family name, and the given name's signs."""
    signs = undoubled_syllables(name)
    table = han.FAMILY_NAMES if script_of(name) is Script.HAN else hangul.FAMILY_NAMES
    if len(signs) > 2 and signs[:2] in table:
        yield table[signs[:2]], signs[2:]
    if len(signs) > 1:
        yield _family_name(signs[0]), signs[1:]


def spellings_of_sign(sign: str) -> tuple[str, ...]:
    """Return the spellings of one Chinese sign or Korean syllable in a given name."""
    return han.syllable(sign) if script_of(sign) is Script.HAN else hangul.syllable(sign)


def undoubled_syllables(name: str) -> str:
    """Return a Chinese or Korean name as its signs, put together and without spaces."""
    return "".join(unicodedata.normalize("NFC", name).split())


def _start(spelt: str) -> str:
    """Return how a word begins: with a lip's sound (1), with l, n, r or t, or with any of the unsure ones (0)."""
    if _UNSURE_START.match(spelt):
        return "0"
    return _STARTS.get(spelt[:1], "0")


def _sure(spelt: str) -> str:
    return undoubled(
        re.sub("[^lnrst]", "", _UNSURE.sub("", spelt.replace("x", "s").replace("sh", "s")).translate(_SOUNDS))
    )


def _family_name(sign: str) -> tuple[str, ...]:
    if script_of(sign) is Script.HAN:
        return han.family_name(sign)
    return hangul.FAMILY_NAMES.get(sign) or hangul.syllable(sign)


@lru_cache(maxsize=65536)
def _whole_pattern(name: str) -> re.Pattern[str] | None:
    ways = []
    for family, given in family_names_of(name):
        first = _either(family)
        last = " ?".join(_either(spellings_of_sign(sign)) for sign in given)
        ways += [f"{first} {last}", f"{last} {first}"]
    return re.compile("|".join(ways)) if ways else None


@lru_cache(maxsize=65536)
def _pattern(word: str) -> re.Pattern[str] | None:
    script = script_of(word)
    units = _units(word, script)
    if units is None:
        return None
    letters = UNWRITTEN.get(script, "").join(_either(unit) for unit in units)
    if script is Script.ARABIC and word.startswith("ال") and len(word) > 3:
        bare = UNWRITTEN[script].join(_either(unit) for unit in _cut(word[2:], script))
        letters = f"(?:{letters}|{_ARTICLE}{bare})"
    # Short vowels are not written, and a feminine h at the end is often not heard; an e is added in French.
    if script in _ABJADS:
        return re.compile(f"[aeiou]?{letters}[ae]?h?")
    return re.compile(f"{letters}e?")


def _either(spellings: Iterable[str]) -> str:
    chosen = list(dict.fromkeys(spellings))
    return chosen[0] if len(chosen) == 1 else f"(?:{'|'.join(chosen)})"


def _units(word: str, script: Script) -> list[tuple[str, ...]] | None:
    """Return the spellings of each piece of a word, or None where the script has no table."""
    if script in SPELLINGS:
        return list(_cut(word, script))
    if script is Script.INDIC:
        return list(_indic(indic.as_devanagari(_GEMINATE.sub(r"\1", word))))
    if script is Script.KANA:
        return list(_kana(kana.as_hiragana(composed(word))))
    return None


def _cut(word: str, script: Script) -> Iterator[tuple[str, ...]]:
    """Yield the spellings of the letters of a word, longest groups first, and the single letters of a group besides."""
    table, at = SPELLINGS[script], 0
    while at < len(word):
        length = next((n for n in range(min(_LONGEST, len(word) - at), 0, -1) if word[at : at + n] in table), 0)
        if length > 1:
            yield tuple(dict.fromkeys((*table[word[at : at + length]], *_apart(word[at : at + length], script))))
        elif script in _ABJADS or not at or word[at] != word[at - 1]:
            yield table.get(word[at], (read_aloud(word[at]),))
        at += length or 1


def _apart(group: str, script: Script) -> Iterator[str]:
    if len(group) <= _LONGEST_TAKEN_APART:
        letters = (SPELLINGS[script].get(letter, (letter,)) for letter in group)
        yield from (UNWRITTEN.get(script, "").join(one) for one in product(*letters))


def _indic(word: str) -> Iterator[tuple[str, ...]]:
    at = 0
    while at < len(word):
        length = len(next((piece for n in (3, 1) if (piece := word[at : at + n]) in indic.CONSONANTS), ""))
        if not length:
            yield indic.VOWELS.get(word[at], (read_aloud(word[at]),))
            at += 1
            continue
        yield indic.CONSONANTS[word[at : at + length]]
        at += length
        if at == len(word) or word[at] not in indic.VOWELS or word[at] in "ंँः":
            yield ("", "a", "e", "o", "u")


def _kana(word: str) -> Iterator[tuple[str, ...]]:
    at = 0
    while at < len(word):
        sign = word[at : at + 2] if word[at : at + 2] in kana.SPELLINGS else word[at]
        spelt = kana.SPELLINGS.get(sign, (read_aloud(sign),))
        yield (*spelt, "", "h") if at and kana.is_long(word[at - 1], sign) else spelt
        at += len(sign)
