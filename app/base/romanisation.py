"""A rough Latin spelling of a name in another script: good enough to find the same person twice, never for showing."""

from __future__ import annotations

import re
from functools import lru_cache

from app.base.names import comparison_key


def _spelt(letters: str, spellings: str) -> dict[str, str]:
    return dict(zip(letters, spellings.split(" "), strict=True))


_CYRILLIC = _spelt(
    "абвгґдезиіјклмнопрстуўфцыэәғқңөұүһ",
    "a b v g g d e z i i j k l m n o p r s t u u f ts y e a g k n o u u h",
) | _spelt("єжхчшщьъюяђћљњџ", "ye zh kh ch sh shch   yu ya dj c lj nj dz")
_GREEK = _spelt("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
_GEORGIAN = _spelt(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h"
)
_ARMENIAN = _spelt(
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev",
)
_ARABIC = _spelt(
    "ابپتثجچحخدذرزژسشصضطظعغفقکكگلمنهةويیىئؤءآأإ",
    "a b p t s j ch h kh d z r z zh s sh s d t z a gh f q k k g l m n h a v i i a y o a a a i",
)
_HEBREW = _spelt("אבגדהוזחטיכךלמםנןסעפףצץקרשת", "a v g d h v z ch t i k k l m m n n s a p p ts ts k r sh t")
_TABLE = str.maketrans(_CYRILLIC | _GREEK | _GEORGIAN | _ARMENIAN | _ARABIC | _HEBREW)

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
    """Return a word in rough Latin letters, accents folded; Chinese, Japanese, Korean and Indic letters stay."""
    return comparison_key(word).translate(_TABLE)


@lru_cache(maxsize=65536)
def consonants(word: str) -> str:
    """Return the sounds that survive transliteration: "Matviichuk", "Матвійчук" and "Matwijtschuk" agree."""
    # Between vowels "j" is a y in most of Europe.
    rough = re.sub("(?<=[aeiou])j|j(?=[aeiou])", "y", romanised(word))
    for pattern, sound in _SOUNDS:
        rough = pattern.sub(sound, rough)
    rough = re.sub("[aeiouy]", "", rough)
    return re.sub(r"(.)\1+", r"\1", rough)
