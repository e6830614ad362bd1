"""Countries by ISO 3166-1: their names in the reader's language, and which country a free text means."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from rapidfuzz import fuzz, process

from app.base.characters import is_accent
from app.base.country_names import ALIASES, LANGUAGES, NOT_COUNTRIES, SHARED_NAMES, SHORT_NAMES

_MOST_SUGGESTIONS = 5
# "New Zealaand" scores 96, "Unites States" 92, "Sweeden" 92; unrelated names stay under 75.
_ALIKE_PERCENT = 78
_SHORTEST_FOR_SPELLING = 4
_LONGEST = 120
_SEPARATORS = re.compile(r"[,;/&|+\n،、，；]|\s[-–—]\s|\s(?:and|und|et|y|e|i|og|och|en|и|та|і|و)\s", re.IGNORECASE)


class CountryReading(StrEnum):
    """Why a text was read as it was."""

    EMPTY = "empty"
    CODE = "code"
    NAME = "name"
    SEVERAL = "several"
    PARTLY = "partly"
    SHARED = "shared"
    SPELLING = "spelling"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CountryGuess:
    """What a text may mean: at most one code where certain, otherwise suggestions, best first."""

    codes: tuple[str, ...]
    certain: bool
    reason: CountryReading

    @property
    def code(self) -> str | None:
        """Return the one certain country, if there is one."""
        return self.codes[0] if self.certain and self.codes else None


@lru_cache(maxsize=1)
def all_codes() -> tuple[str, ...]:
    """Return every country's code, sorted: the 249 of ISO 3166-1, and XK."""
    codes = [str(code) for code in Locale.parse("en").territories]
    return tuple(sorted(code for code in codes if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES))


def is_country(code: str) -> bool:
    """Tell whether this is a country's code, in capitals."""
    return code in all_codes()


def country_name(code: str, language: str) -> str:
    """Return the country's usual name in a language (BCP 47); in English where the language is not known."""
    locale = _locale(language)
    short = SHORT_NAMES.get(code, {})
    name = short.get(str(locale)) or short.get(locale.language) or locale.territories.get(code)
    return name or short.get("en") or str(Locale.parse("en").territories.get(code, code))


@lru_cache(maxsize=256)
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of every country, ordered by name as accents are folded."""
    named = [(code, country_name(code, language)) for code in all_codes()]
    return tuple(sorted(named, key=lambda pair: (_key(pair[1]), pair[0])))


@lru_cache(maxsize=4096)
def normalise(text: str) -> CountryGuess:
    """Read a free text as a country: certain of a code, a name or an alias; a misspelling or a list is a guess."""
    key = _key(text)
    if not key:
        return CountryGuess((), not text.strip(), CountryReading.UNKNOWN if text.strip() else CountryReading.EMPTY)
    return _exactly(text, key) or _shared(key) or _in_parts(text) or _misspelt(key)


def _exactly(text: str, key: str) -> CountryGuess | None:
    if code := _names().get(key):
        return CountryGuess((code,), True, CountryReading.NAME)
    bare = text.strip().upper()
    if len(bare) == 2 and is_country(bare):
        return CountryGuess((bare,), True, CountryReading.CODE)
    if len(bare) == 3 and bare.isascii() and bare.isalpha():
        aliases = [code for code in get_global("territory_aliases").get(bare, ()) if is_country(code)]
        if len(aliases) == 1:
            return CountryGuess((aliases[0],), True, CountryReading.CODE)
    return None


def _shared(key: str) -> CountryGuess | None:
    codes = _shared_names().get(key)
    return CountryGuess(codes, False, CountryReading.SHARED) if codes else None


def _in_parts(text: str) -> CountryGuess | None:
    """Read "Switzerland, Italy" or "Zürich, Switzerland"; the same country twice ("England, UK") is certain."""
    parts = [part for part in _SEPARATORS.split(text[:_LONGEST]) if _key(part)]
    if len(parts) < 2:
        return None
    guesses = [_exactly(part, _key(part)) for part in parts]
    codes = tuple(dict.fromkeys(guess.codes[0] for guess in guesses if guess))[:_MOST_SUGGESTIONS]
    if not codes:
        return None
    if all(guesses):
        return CountryGuess(codes, len(codes) == 1, CountryReading.NAME if len(codes) == 1 else CountryReading.SEVERAL)
    return CountryGuess(codes, False, CountryReading.PARTLY)


def _misspelt(key: str) -> CountryGuess:
    if not _SHORTEST_FOR_SPELLING <= len(key) <= _LONGEST:
        return CountryGuess((), False, CountryReading.UNKNOWN)
    near = process.extract(key, _names().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE_PERCENT, limit=40)
    codes = tuple(dict.fromkeys(_names()[name] for name, _, _ in near))[:_MOST_SUGGESTIONS]
    return CountryGuess(codes, False, CountryReading.SPELLING if codes else CountryReading.UNKNOWN)


def _key(text: str) -> str:
    """Fold case, accents, punctuation, dots of abbreviations and the article: for comparing only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i").replace("ё", "е")
    letters = "".join(c for c in decomposed if not is_accent(c))
    letters = letters.replace(".", "").replace("'", "").replace("’", "").replace("ʼ", "").replace("`", "")
    letters = re.sub(r"(?<![^\W_])(?:st|ste)(?![^\W_])", "saint", letters.replace("&", " and "))
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in letters).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Map every known name, folded, to its code. A name that two countries share in some language is left out."""
    own = {_key(name): code for code, names in ALIASES.items() for name in names}
    own |= {_key(name): code for code, by_language in SHORT_NAMES.items() for name in by_language.values()}
    english = {_key(Locale.parse("en").territories[code]): code for code in all_codes()}
    others: dict[str, set[str]] = {}
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        for code in all_codes():
            others.setdefault(_key(territories.get(code, "")), set()).add(code)
    found = {key: codes.pop() for key, codes in others.items() if len(codes) == 1}
    merged = found | english | own
    for key in ("", *_shared_names()):
        merged.pop(key, None)
    return merged


@lru_cache(maxsize=1)
def _shared_names() -> dict[str, tuple[str, ...]]:
    return {_key(name): codes for name, codes in SHARED_NAMES.items()}


@lru_cache(maxsize=128)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")
