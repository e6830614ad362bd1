"""How letters begin: a pattern for each language. Nobody's gender is guessed; only what a list says of it counts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.base.forms import clean_line
from app.base.locales import lazy_gettext as _l
from app.base.names import comparison_key

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
PLACES = ("name", "first", "last", "title", "office")
LONGEST_PATTERN = 120


class Manner(StrEnum):
    """How somebody is greeted, by what the list says of them."""

    NEUTRAL = "neutral"
    TITLE = "title"
    WOMAN = "woman"
    MAN = "man"

    @property
    def label(self) -> str:
        """For whom the pattern is."""
        return str(_MANNERS[self])


_MANNERS = {
    Manner.NEUTRAL: _l("For everybody else"),
    Manner.TITLE: _l("For those with a title"),
    Manner.WOMAN: _l("For women, where the list says so"),
    Manner.MAN: _l("For men, where the list says so"),
}
_FALLBACK = ("{name}", "{title} {last}", "{name}", "{name}")
# By language: for everybody, with a title, for women, for men. A language without a polite form that fits everybody
# begins with the name alone.
_PATTERNS: dict[str, tuple[str, str, str, str]] = {
    "en": ("Dear {name}", "Dear {title} {last}", "Dear Ms {last}", "Dear Mr {last}"),
    "de": ("Guten Tag {name}", "Guten Tag {title} {last}", "Sehr geehrte Frau {last}", "Sehr geehrter Herr {last}"),
    "fr": ("Bonjour {name}", "Bonjour {title} {last}", "Madame {last}", "Monsieur {last}"),
    "it": ("Gentile {name}", "Gentile {title} {last}", "Gentile Signora {last}", "Gentile Signor {last}"),
    "nl": ("Geachte {name}", "Geachte {title} {last}", "Geachte mevrouw {last}", "Geachte heer {last}"),
    "es": ("{name}", "{title} {last}", "Estimada señora {last}", "Estimado señor {last}"),
    "pt": ("{name}", "{title} {last}", "Exma. Senhora {last}", "Exmo. Senhor {last}"),
    "sv": ("Bästa {name}", "Bästa {title} {last}", "Bästa {name}", "Bästa {name}"),
    "da": ("Kære {name}", "Kære {title} {last}", "Kære {name}", "Kære {name}"),
    "nb": ("Kjære {name}", "Kjære {title} {last}", "Kjære {name}", "Kjære {name}"),
    "fi": ("Hyvä {name}", "Hyvä {title} {last}", "Hyvä {name}", "Hyvä {name}"),
    "et": ("Lugupeetud {name}", "Lugupeetud {title} {last}", "Lugupeetud {name}", "Lugupeetud {name}"),
    "hu": ("Tisztelt {name}", "Tisztelt {name}", "Tisztelt {name}", "Tisztelt {name}"),
    "tr": ("Sayın {name}", "Sayın {title} {last}", "Sayın {name}", "Sayın {name}"),
    "fa": ("{name} گرامی", "{title} {last} گرامی", "سرکار خانم {last}", "جناب آقای {last}"),
    "ja": ("{name} 様", "{name} 様", "{name} 様", "{name} 様"),
    "zh": ("尊敬的{name}", "尊敬的{name}", "尊敬的{last}女士", "尊敬的{last}先生"),
    "ko": ("{name} 님께", "{name} 님께", "{name} 님께", "{name} 님께"),
}
_WOMAN = frozenset(comparison_key(word) for word in (
    "f", "female", "woman", "w", "weiblich", "frau", "ms", "mrs", "miss", "femme", "féminin", "feminine", "mme",
    "madame", "mujer", "femenino", "sra", "donna", "femminile", "feminino", "mulher", "vrouw", "v", "kobieta", "k",
    "pani", "ж", "жен", "женский", "женщина", "жіноча", "жінка", "әйел", "أنثى", "انثى", "امرأة", "زن", "مؤنث", "女",
    "女性", "여", "여성", "kadın", "she", "she her",
))  # fmt: skip
_MAN = frozenset(comparison_key(word) for word in (
    "m", "male", "man", "männlich", "herr", "mr", "homme", "masculin", "h", "monsieur", "hombre", "masculino", "sr",
    "uomo", "maschile", "maschio", "homem", "heer", "mężczyzna", "pan", "м", "муж", "мужской", "мужчина", "чоловіча",
    "чоловік", "ер", "ذكر", "رجل", "مرد", "مذكر", "男", "男性", "남", "남성", "erkek", "he", "he him",
))  # fmt: skip


@dataclass(frozen=True)
class Greeted:
    """What a list says of somebody who is to be greeted; the last name is empty where it isn't known by itself."""

    name: str
    first: str = ""
    last: str = ""
    title: str = ""
    office: str = ""
    manner: Manner = Manner.NEUTRAL


def default_pattern(language: str, manner: Manner) -> str:
    """Return how a letter in a language begins, before anybody says otherwise."""
    found = _PATTERNS.get(language) or _PATTERNS.get(language.split("-")[0], _FALLBACK)
    return found[list(Manner).index(manner)]


def filled_in(pattern: str, neutral: str, greeted: Greeted) -> str:
    """Return a salutation; where the list lacks what the pattern needs, the neutral one, or else the name alone."""
    values: dict[str, str] = {place: getattr(greeted, place) for place in PLACES}
    values["name"] = greeted.name or greeted.office
    for one in (pattern, neutral, "{name}"):
        if all(values[place] for place in _PLACEHOLDER.findall(one)):
            return _PLACEHOLDER.sub(lambda found: values[found[1]], one)
    return values["name"]


def without_comma(text: str) -> str:
    """Return a salutation as it is kept: without the comma that every letter adds. Raises ValueError."""
    return re.sub(r"[\s,،，、]+$", "", clean_line(text))


def unknown_places(pattern: str) -> list[str]:
    """Return what stands in braces and means nothing."""
    return [place for place in _PLACEHOLDER.findall(pattern) if place not in PLACES]


def manner_of(text: str, column: Collection[str]) -> Manner | None:
    """Read a cell on somebody's gender; None where it isn't understood. In a column of H and M, M is a woman."""
    key = comparison_key(text)
    if key == "m" and "h" in column and "f" not in column:
        return Manner.WOMAN
    if key in _WOMAN:
        return Manner.WOMAN
    return Manner.MAN if key in _MAN else None
