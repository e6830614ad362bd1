"""Templates are all used and have nothing inline that the content policy forbids; styles know no left or right."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"]
)
EVERY = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
PAGES = [name for name in EVERY if name.endswith(".html")]
# A mail carries its styles inside, because a mail program shows no other; the content policy is for pages.
ON_SCREEN = [name for name in PAGES if not name.startswith(("email/", "_layout/email"))]
STYLES = sorted((ROOT / "app" / "static").rglob("*.css"))

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
# Names that are the same in every language.
UNTRANSLATED = {"UTC", "Undersigned", "SHA", "PDF", "CSV", "XLSX"}
CODE_ELEMENTS = {"code", "kbd", "samp"}
LINKING = {"href", "src", "action", "formaction"}
FORBIDDEN_ELEMENTS = {"script", "style", "svg", "iframe", "object", "embed", "math", "base"}
PHYSICAL_PROPERTY = re.compile(
    r"(?<![\w-])((?:(?:scroll-)?(?:margin|padding)|border|inset)-(?:left|right|top|bottom)(?:-\w+)*|left|right|top|bottom"
    r"|width|height|(?:min|max)-(?:width|height))\s*:"
)
PHYSICAL_VALUE = re.compile(r"(?<![\w-])(text-align|float|clear)\s*:\s*(left|right)\b")
MEDIA_CONDITION = re.compile(r"@(?:media|container|page|font-face)[^{]*\{")


def _called_from_templates() -> set[str]:
    named: set[str] = set()
    for name in EVERY:
        if not name.endswith((".html", ".txt", ".xml")):
            continue
        tree = ENVIRONMENT.parse((TEMPLATES / name).read_text(encoding="utf-8"))
        named |= {reference for reference in meta.find_referenced_templates(tree) if reference}
    return named


def _imported_by_typst() -> set[str]:
    sources = ((TEMPLATES / name).read_text(encoding="utf-8") for name in EVERY if name.endswith(".typ"))
    return {
        name.rpartition("/")[2] for source in sources for name in re.findall(r'#(?:import|include) "([^"]+)"', source)
    }


def _strings_in_code() -> set[str]:
    found: set[str] = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def _names_for(template: str) -> set[str]:
    """Give what code may call a template: its path, or for a mail the name of its message."""
    names = {template, template.rpartition(".")[0]}
    if template.startswith("email/"):
        message = template.split("/")[1]
        names |= {message, f"email/{message}"}
    if template.endswith(".typ"):
        names.add(template.rpartition("/")[2])
    return names


def test_every_template_is_used() -> None:
    called = _called_from_templates() | _imported_by_typst() | _strings_in_code()
    assert [name for name in EVERY if not _names_for(name) & called] == []


def test_templates_refer_only_to_templates_that_exist() -> None:
    assert sorted(_called_from_templates() - set(EVERY)) == []


# The one script of the house lets a browser use a passkey. These pages do their work without it, too.
WITH_PASSKEYS = {
    f"accounts/{name}.html" for name in ("add_passkey", "keep_and_prove", "show_code", "show_confirmation")
}


class _Inline(HTMLParser):
    """Collect what `default-src 'none'` without 'unsafe-inline' would stop, and what works only with scripts."""

    def __init__(self, *, may_use_passkeys: bool) -> None:
        super().__init__()
        self.found: list[str] = []
        self.may_use_passkeys = may_use_passkeys

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_our_script = tag == "script" and [name for name, _value in attrs] == ["src", "defer"]
        if tag in FORBIDDEN_ELEMENTS and not (is_our_script and self.may_use_passkeys):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}>")
            if name in {"href", "src", "action", "formaction"} and (value or "").lower().startswith(
                ("javascript:", "data:")
            ):
                self.found.append(f'<{tag} {name}="{value}">')
            if name == "src" and (value or "").startswith(("http:", "https:", "//")):
                self.found.append(f"<{tag} src> from elsewhere")


@pytest.mark.parametrize("name", ON_SCREEN)
def test_page_has_nothing_inline(name: str) -> None:
    parser = _Inline(may_use_passkeys=name in WITH_PASSKEYS)
    parser.feed(JINJA.sub("", (TEMPLATES / name).read_text(encoding="utf-8")))
    assert parser.found == []


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_words_outside_gettext(name: str) -> None:
    """Every word on a page can be translated: what stands in the template itself is markup and marks only."""
    words: list[str] = []
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)

    class _Words(HTMLParser):
        in_code = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.in_code += tag in CODE_ELEMENTS

        def handle_endtag(self, tag: str) -> None:
            self.in_code -= tag in CODE_ELEMENTS

        def handle_data(self, data: str) -> None:
            if not self.in_code:
                words.extend(re.findall(r"[^\W\d_]{2,}", data))

    # A block that holds only attributes of a tag in another file is no text.
    _Words().feed(re.sub(r"""^\s*[\w-]+="[^"]*"\s*$""", "", JINJA.sub("", source), flags=re.MULTILINE))
    assert [word for word in words if word not in UNTRANSLATED] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_are_logical(path: Path) -> None:
    """No left or right: Arabic and Persian pages mirror by themselves."""
    source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    source = MEDIA_CONDITION.sub("{", source)
    found = [match.group(0) for match in (*PHYSICAL_PROPERTY.finditer(source), *PHYSICAL_VALUE.finditer(source))]
    assert found == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_load_nothing(path: Path) -> None:
    assert re.findall(r"@import|url\(\s*['\"]?(?:https?:|//|data:)", path.read_text(encoding="utf-8")) == []
