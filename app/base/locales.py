"""Interface languages: gettext for every layer, text direction, and the language that a thread renders in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import Flask, g, has_app_context
from flask_babel import (
    Babel,
    force_locale,
    get_babel,
    get_locale,
    gettext as _gettext,
    lazy_gettext as _lazy_gettext,
    ngettext as _ngettext,
    refresh,
)
from jinja2 import pass_context

DEFAULT = "en"
FILE_UNITS = (("megabyte", 1_000_000), ("kilobyte", 1_000), ("byte", 1))
_FIRST_PARTED = 1_000
# British spelling goes with British dates: 16 December 2025.
_ENGLISH = "en_GB"
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "ha-Arab", "he", "ku-Arab", "ps", "sd", "ug", "ur", "yi"})

# Languages that a statement can be written in: BCP 47 tag and the name that its own readers use.
STATEMENT_LANGUAGES: dict[str, str] = {
    "en": "English", "ar": "العربية", "az": "Azərbaycanca", "be": "Беларуская", "bg": "Български", "bn": "বাংলা",
    "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "es": "Español", "et": "Eesti", "fa": "فارسی",
    "fi": "Suomi", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն",
    "id": "Bahasa Indonesia", "it": "Italiano", "ja": "日本語", "ka": "ქართული", "kk": "Қазақша", "ko": "한국어",
    "ky": "Кыргызча", "lt": "Lietuvių", "lv": "Latviešu", "nl": "Nederlands", "pl": "Polski", "pt": "Português",
    "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sq": "Shqip", "sr": "Српски",
    "sv": "Svenska", "tr": "Türkçe", "ug": "ئۇيغۇرچە", "uk": "Українська", "ur": "اردو", "uz": "Oʻzbekcha",
    "vi": "Tiếng Việt", "zh-Hans": "简体中文", "zh-Hant": "繁體中文",
}  # fmt: skip


def gettext(message: str, **values: Any) -> str:
    """Translate now; named placeholders are filled after translation."""
    return str(_gettext(message, **values))


def lazy_gettext(message: str, **values: Any) -> Any:
    """Translate when the string is shown; for enums, errors and form labels."""
    return _lazy_gettext(message, **values)


def ngettext(singular: str, plural: str, count: int, **values: Any) -> str:
    """Translate by number; `%(num)s` is the count, written as `in_figures` does."""
    return str(_ngettext(singular, plural, _Count(count), **values))


def direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language tag."""
    return "rtl" if language in RIGHT_TO_LEFT or language.split("-")[0].split("_")[0] in RIGHT_TO_LEFT else "ltr"


def runs_right_to_left(text: str) -> bool:
    """Tell in which direction a text runs by itself: its first letter that has one says it."""
    found = (unicodedata.bidirectional(character) for character in text)
    return next((each in {"R", "AL"} for each in found if each in {"L", "R", "AL"}), False)


def endonym(language: str) -> str:
    """Return what the readers of a language call it."""
    return STATEMENT_LANGUAGES.get(language, language)


class InOneLanguage:
    """Something that is written in one language."""

    language: str

    @property
    def direction(self) -> str:
        """In which direction it is read."""
        return direction(self.language)

    @property
    def endonym(self) -> str:
        """What its readers call the language."""
        return endonym(self.language)


def rendering_in(language: str) -> AbstractContextManager[None]:
    """Render everything inside the block in a language; English, dates too, where its catalogue is not shipped."""
    context: AbstractContextManager[None] = force_locale(_known(language))
    return context


def use_language(language: str) -> None:
    """Let the rest of this request be rendered in a language."""
    wanted = _known(language)
    if wanted != _select_locale():
        g.interface_language = wanted
        refresh()  # what was looked up for the other one is thrown away


def _known(language: str) -> str:
    return _known_in(language, tuple(get_babel().translation_directories))


@lru_cache(maxsize=256)
def _known_in(language: str, directories: tuple[str, ...]) -> str:
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return _ENGLISH
    shipped = _catalogues(directories)
    return next((name for name in (str(locale), locale.language) if name in shipped), _ENGLISH)


@cache
def _catalogues(directories: tuple[str, ...]) -> frozenset[str]:
    """Return the languages that have a catalogue; directories are read once in a process's life."""
    return frozenset(path.parent.parent.name for each in directories for path in Path(each).glob("*/LC_MESSAGES/*.mo"))


def _select_locale() -> str:
    return str(g.get("interface_language", _ENGLISH)) if has_app_context() else _ENGLISH


def init_locales(app: Flask) -> None:
    """Connect gettext to an application."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, default_locale=_ENGLISH, default_timezone="UTC", locale_selector=_select_locale)
    app.jinja_env.globals["ngettext"] = _with_figures(app.jinja_env.globals["ngettext"])
    app.add_template_filter(in_figures)


def page_language() -> str:
    """Return the language this page is rendered in."""
    return str(get_locale() or DEFAULT)


def listed(words: Iterable[str]) -> str:
    """Join names as a sentence in the language of the page or mail does: A, B and C."""
    return str(format_list([*words], locale=get_locale() or DEFAULT))


def in_figures(count: object) -> str:
    """Write a number of things as the page's language does, 12,345; anything else as it is."""
    if isinstance(count, int) and abs(count) >= _FIRST_PARTED:
        return format_decimal(count, locale=get_locale() or DEFAULT)
    return str(count)


class _Count(int):
    """A number that a sentence writes as the page's language does."""

    def __str__(self) -> str:
        return in_figures(int(self))


def _with_figures(ngettext: Any) -> Any:
    """Let templates write the count in `{% trans num=… %}` as `ngettext` does here."""

    @pass_context
    def translated(context: Any, singular: str, plural: str, count: int, **values: Any) -> Any:
        return ngettext(context, singular, plural, _Count(count), **values)

    return translated


def file_size(size: int) -> str:
    """Say a number of bytes as people do, in the page's language: 99 bytes, 124 kB, 3.1 MB."""
    unit, divisor = next((each for each in FILE_UNITS if size >= each[1]), FILE_UNITS[-1])
    digits = 1 if unit == "megabyte" else 0
    return format_unit(
        round(size / divisor, digits),
        f"digital-{unit}",
        length="long" if unit == "byte" else "short",
        locale=get_locale() or DEFAULT,
    )
