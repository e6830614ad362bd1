"""Interface languages: gettext for every layer, text direction, and the language that a thread renders in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, g, has_app_context
from flask_babel import Babel, force_locale, gettext as _gettext, lazy_gettext as _lazy_gettext, ngettext as _ngettext

DEFAULT = "en"
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
    """Translate by number; `%(num)s` is the count."""
    return str(_ngettext(singular, plural, count, **values))


def direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language tag."""
    return "rtl" if language in RIGHT_TO_LEFT or language.split("-")[0].split("_")[0] in RIGHT_TO_LEFT else "ltr"


def endonym(language: str) -> str:
    """Return what the readers of a language call it."""
    return STATEMENT_LANGUAGES.get(language, language)


def rendering_in(language: str) -> AbstractContextManager[None]:
    """Render everything inside the block in a language; English where its catalogue is not shipped."""
    context: AbstractContextManager[None] = force_locale(_known(language))
    return context


def use_language(language: str) -> None:
    """Let the rest of this request be rendered in a language."""
    g.interface_language = _known(language)


def _known(language: str) -> str:
    try:
        return str(Locale.parse(language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return DEFAULT


def _select_locale() -> str:
    return str(g.get("interface_language", DEFAULT)) if has_app_context() else DEFAULT


def init_locales(app: Flask) -> None:
    """Connect gettext to an application."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, default_locale=DEFAULT, default_timezone="UTC", locale_selector=_select_locale)
