"""A rough Latin spelling of a name in another script: good enough to find the same person twice, never for showing."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from app.base.names import comparison_key

# One sign is a syllable there, and its reading no spelling of a name.
_SYLLABLES = re.compile("[\u1100-\u11ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")

# Spellings of one sound, longest first; what remains is compared as consonants only.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("shch|sch|tsch|tch|sh|ch|cz|sz|zh|dzh|dj|ts|tz|cs|s|z|c(?=[eiy])|j|x", "s"),
        ("kh|gh|ck|qu|[ckqgh]", "k"),
        ("ph|th", "f"),
        ("[fvwb]", "v"),
        ("d", "t"),
    )
)


@lru_cache(maxsize=65536)
def romanised(word: str) -> str:
    """Return a word in rough Latin letters, accents folded; Chinese, Japanese and Korean signs stay."""
    key = comparison_key(word)
    if key.isascii() or _SYLLABLES.search(key):
        return key
    return re.sub("[^a-z0-9 ]", "", anyascii(key).lower())


@lru_cache(maxsize=65536)
def consonants(word: str) -> str:
    """Return the sounds that survive transliteration: "Matviichuk", "Матвійчук" and "Matwijtschuk" agree."""
    # Between vowels "j" is a y in most of Europe.
    rough = re.sub("(?<=[aeiou])j|j(?=[aeiou])", "y", romanised(word))
    for pattern, sound in _SOUNDS:
        rough = pattern.sub(sound, rough)
    rough = re.sub("[aeiouy]", "", rough)
    return re.sub(r"(.)\1+", r"\1", rough)
