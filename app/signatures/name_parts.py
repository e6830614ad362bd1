"""Whether a pseudonym tells whose it is: parts that it shares with the name or the e-mail address behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from app.base.names import comparison_key, confusable_key
from app.base.romanisation import consonants, romanised

# Shorter parts ("de", "al", "the") are in too many words to tell anything.
_SHORTEST = 3
# A part inside a longer word ("annaberg84") tells from four letters on; three are in too many words.
_SHORTEST_INSIDE = 4
# How alike two spellings of one sound must be to be the same part in two scripts; "Галина" and "Halyna" have 67.
_ALIKE_PERCENT = 60
# Chinese, Japanese and Korean: one sign is a syllable, and one is a family name.
_SYLLABLES = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")


def shared_part(pseudonym: str, name: str, email: str = "") -> str:
    """Return the part of a pseudonym that its bearer's name or address has too, or nothing.

    A warning's ground and no proof: "Rose" may be a flower. Initials alone count where they are all there is.
    """
    own = [*_words(name), *_words(email.partition("@")[0])]
    for word in _words(pseudonym):
        if any(_tells(word, part) for part in own if len(part) >= _SHORTEST):
            return word
    if shared := next((sign for sign in _SYLLABLES.findall(pseudonym) if sign in name), ""):
        return shared
    initials = "".join(word[0] for word in _words(pseudonym) if len(word) == 1) or comparison_key(pseudonym)
    if 1 < len(initials) <= 4 and sorted(initials) == sorted(word[0] for word in _words(name)):
        return pseudonym
    return ""


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r"[^\W\d_]+", comparison_key(text))


def _tells(word: str, part: str) -> bool:
    if len(word) < _SHORTEST:
        return False
    one, other = romanised(word), romanised(part)
    short, long = sorted((one, other), key=len)
    if one == other or confusable_key(word) == confusable_key(part):
        return True
    if (len(short) >= _SHORTEST_INSIDE and short in long) or other.startswith(one):
        return True
    sounds = consonants(word)
    return len(sounds) > 1 and sounds == consonants(part) and fuzz.ratio(one, other) >= _ALIKE_PERCENT
