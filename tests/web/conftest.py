"""Pseudo-languages: every string that goes through gettext comes out accented and longer, and once right-to-left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import get_babel

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
ACCENTS = str.maketrans("aeiouyAEIOUYcnsCNS", "áéíóúýÁÉÍÓÚÝçñšÇÑŠ")
KEPT = re.compile(r"%\([a-z_]+\)[sd]|<[^>]+>")
# Real locales carry the pseudo-languages, since Babel knows no others: Esperanto for en-XA, Arabic for ar-XB.
ACCENTED, RIGHT_TO_LEFT = "eo", "ar"


def pseudo(message: str) -> str:
    """Accent and lengthen a message; placeholders and markup stay."""
    parts, last = [], 0
    for kept in KEPT.finditer(message):
        parts += [message[last : kept.start()].translate(ACCENTS), kept[0]]
        last = kept.end()
    return "".join([*parts, message[last:].translate(ACCENTS), " ", "~" * (len(message) // 3)])


def _enter(folder: str) -> bool:
    """Look into _layout too: Babel skips names that begin with an underscore."""
    return not Path(folder).name.startswith((".", "__"))


def extracted() -> list[tuple[str, ...]]:
    """Every message of code and templates, with its plural where it has one."""
    with (ROOT / "app/translations/babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found: dict[tuple[str, ...], None] = {}
    for folder in ("app", "templates"):
        relative = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
        relative_options = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, relative, relative_options, keywords=KEYWORDS, directory_filter=_enter
        ):
            found[(message,) if isinstance(message, str) else tuple(message)] = None
    return list(found)


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """These tests add routes and languages, so each has an application of its own."""
    return own_app


@pytest.fixture(scope="session")
def pseudo_translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a catalogue for each pseudo-language."""
    directory = tmp_path_factory.mktemp("translations")
    messages = extracted()
    for locale in (ACCENTED, RIGHT_TO_LEFT):
        catalogue = Catalog(locale=locale)
        for message in messages:
            if len(message) == 1:
                catalogue.add(message[0], pseudo(message[0]))
            else:
                catalogue.add(message, tuple([pseudo(message[-1])] * catalogue.num_plurals))
        path = directory / locale / "LC_MESSAGES" / "messages.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, catalogue)
    return directory


@pytest.fixture(params=[ACCENTED, RIGHT_TO_LEFT])
def pseudo_language(request: pytest.FixtureRequest, app: Flask, pseudo_translations: Path) -> str:
    """Let the application speak a pseudo-language, whatever a page asks for."""
    language: str = request.param
    with app.app_context():
        babel = get_babel()
        babel.translation_directories.append(str(pseudo_translations))
        babel.locale_selector = lambda: language
    return language
