"""Whether two spellings can be of one person: within a script by sound and a slip, across scripts by the conventions.

All words of the shorter name must find partners of their own in the longer one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from app.directory.matching.scripts import Script, script_of, undoubled
from app.directory.matching.spellings import can_be_called, can_be_spelt, read_aloud, undoubled_syllables

# Spellings of one sound, longest first; what they become is no spelling, so capitals stand for sounds.
_SAME_SOUND = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("(?<=[^aeiouy])er$", "r"),
        ("d[jz]h?", "T"),
        ("x", "ks"),
        ("ch(?=[lr])", "K"),
        ("shch|tsch|sch|tch|[scz]h|cz|sz|t[sz]|cs|c(?=[eiy])|[sz]", "S"),
        ("ck|qu|gu(?=[eiy])|[kg]h|[ckqg]", "K"),
        ("ph|[fvwb]", "V"),
        ("th|[dt]", "T"),
        ("(?<=.)h(?![aeiouy])", ""),
        ("oe", "o"),
        ("ae", "a"),
        ("ue", "u"),
        ("[iyj]+", "i"),
    )
)
_SAME_LETTER = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("[yj]+", "i"),
        ("w", "v"),
        ("ck?(?![eiyh])", "k"),
        ("ph", "f"),
        ("(?<=[aeiout])h(?![aeiou])|(?<=t)h", ""),
    )
)
# Their difference makes another name at the end ("Maria", "Mario"), and none within ("Mohammed", "Muhammad").
_VOWELS_WITHIN = str.maketrans({"e": "a", "u": "o"})
_SHORT = 5
_SHORTEST_WITH_A_SLIP = 5
_READ_BY_LETTER = (Script.ARABIC, Script.HEBREW, Script.HAN, Script.HANGUL, Script.KANA, Script.INDIC)


@lru_cache(maxsize=65536)
def sound_of(word: str) -> str:
    """Return how a word sounds, so that usual spellings of it in its own script agree.

    Short words are left nearly as they are: there, a sound that is almost the same is another name.
    """
    script = script_of(word)
    if script in _READ_BY_LETTER:
        return word
    latin = undoubled(word if script is Script.LATIN else read_aloud(word))
    if len(latin) < _SHORT:
        return _respelt(latin, _SAME_LETTER)
    latin = _respelt(latin, _SAME_SOUND)
    return latin[:-1].translate(_VOWELS_WITHIN) + latin[-1:]


def _respelt(word: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, spelt in rules:
        word = pattern.sub(spelt, word)
    return word


def is_slip(one: str, other: str, is_last: bool = False) -> bool:
    """Tell whether two words of one script differ by a slip, and not by what makes another name.

    A first letter, a digit, or a vowel at the end ("Mario", "Ivanova", "Daniela") does; an e at the end of the last
    word ("Smithe") does not.
    """
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST_WITH_A_SLIP or short[0] != long[0] or script_of(one) in _READ_BY_LETTER:
        return False
    if not (short + long).isalpha() or OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    if len(short) == len(long):
        return short[-1] == long[-1] or not {short[-1], long[-1]} & set("aeiouy")
    return long[:-1] != short or long[-1] not in ("aiou" if is_last else "aeiou")


def is_spelt_alike(one: Sequence[str], other: Sequence[str], is_rare: Callable[[str], bool]) -> bool:
    """Tell whether all words but one are the same, and that one differs by a slip and is hardly ever spelt so."""
    if len(one) != len(other) or len(one) < 2:
        return False
    mine, theirs = list(one), list(other)
    for word in one:
        if word in theirs:
            mine.remove(word)
            theirs.remove(word)
    return (
        len(mine) == 1 and is_slip(mine[0], theirs[0], mine[0] == one[-1]) and (is_rare(mine[0]) or is_rare(theirs[0]))
    )


def is_called_alike(native: Sequence[str], latin: Sequence[str], wholly: bool) -> bool:
    """Tell whether a name in another script is customarily spelt as a Latin one, or as a shorter or longer form of it.

    `wholly`: no word may be left on either side.
    """
    script = script_of(native[0])
    if script.has_family_name_first:
        return can_be_called(undoubled_syllables("".join(native)), " ".join(latin), has_no_more=wholly)
    if script is Script.KANA and len(native) == 1:
        joined = "".join(latin), "".join(reversed(latin))
        return len(latin) == 2 and any(can_be_spelt(native[0], one) for one in joined)
    if len(native) == len(latin) == 2:
        return _are_partners(native, latin) or _are_partners(native, latin[::-1])
    if wholly:
        return _covers(native, latin, _is_spelt, latin)
    # The first word is never left: "Reza Karimi" is not "Mohammad Reza Karimi".
    as_latin = _covers(native, latin, _is_spelt, latin[:1])
    return as_latin or _covers(latin, native, lambda word, piece: _is_spelt(piece, word), native[:1])


def has_each_word(words: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether each word of a name stands in another one that is written in another script."""
    native, latin = (other, words) if script_of(words[0]) is Script.LATIN else (words, other)
    if script_of(native[0]).has_family_name_first:
        return can_be_called(undoubled_syllables("".join(native)), " ".join(latin), has_no_more=True)
    if script_of(words[0]) is Script.LATIN:
        return _covers(words, other, lambda word, piece: _is_spelt(piece, word))
    return _covers(words, other, _is_spelt)


def _are_partners(native: Sequence[str], latin: Sequence[str]) -> bool:
    return all(_is_spelt(one, other) for one, other in zip(native, latin, strict=True))


def _is_spelt(native: str, latin: str) -> bool:
    if len(latin) == 1 or len(native) == 1:
        return False
    return can_be_spelt(native, latin)


def _covers(
    short: Sequence[str],
    long: Sequence[str],
    fits: Callable[[str, str], bool],
    kept: Sequence[str] = (),
    found: int = 0,
) -> bool:
    """Tell whether each word finds a partner of its own, and so does each that is `kept` of the longer name.

    Two words may be written as one on either side.
    """
    if not short:
        return found > 1 and not set(kept) & set(long)
    for mine, theirs in ((1, 1), (1, 2), (2, 1), (2, 2)):
        if mine > len(short):
            continue
        word = "".join(short[:mine])
        for at in range(len(long) - theirs + 1):
            if fits(word, "".join(long[at : at + theirs])):
                rest = [*long[:at], *long[at + theirs :]]
                if _covers(short[mine:], rest, fits, kept, found + max(mine, theirs)):
                    return True
    return False
