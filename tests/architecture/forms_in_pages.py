"""Find the forms of a page as a browser sees them, and fill them in as a person would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

# A browser gives the server no more of these than their ticks.
TICKS = {"checkbox", "radio"}
NEVER_TYPED = {"hidden", "submit", "file", *TICKS}


@dataclass(frozen=True)
class PageInput:
    """One control of a form."""

    name: str
    kind: str
    value: str = ""


@dataclass
class PageForm:
    """A form that a page posts, once for each button that sends it elsewhere."""

    action: str
    inputs: list[PageInput] = field(default_factory=list)
    other_actions: list[str] = field(default_factory=list)

    def filled_in(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Return what a person sends who writes into every field, and which words they wrote into which."""
        sent: dict[str, list[str]] = {}
        words: dict[str, str] = {}
        for number, each in enumerate(self.inputs):
            value = each.value
            if each.kind not in NEVER_TYPED and each.kind != "select":
                value = f"Words {number} of nobody’s <i>& more"
                if each.kind != "password":
                    words[each.name] = value
            elif each.kind in {"radio", "submit"} and each.name in sent:
                continue
            sent.setdefault(each.name, []).append(value)
        return sent, words


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found, self._form = page, list[PageForm](), None
        self._select = ""

    _form: PageForm | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "get").lower() == "post":
            self._form = PageForm(urljoin(self.page, given.get("action") or self.page))
            self.found.append(self._form)
        if self._form is None:
            return
        if tag in {"button", "input"} and given.get("formaction"):
            self._form.other_actions.append(urljoin(self.page, given["formaction"]))
        self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag == "select":
            self._select = name
            self._form.inputs.append(PageInput(name, "select"))
        elif tag == "option" and self._select and given.get("value"):
            self._form.inputs = [each for each in self._form.inputs if each.name != self._select]
            self._form.inputs.append(PageInput(self._select, "select", given["value"]))
        elif tag == "button" and name:
            self._form.inputs.append(PageInput(name, "submit", given.get("value", "")))
        elif tag == "textarea":
            self._form.inputs.append(PageInput(name, "textarea"))
        elif tag == "input" and name:
            self._form.inputs.append(PageInput(name, given.get("type", "text"), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""


def forms_in(html: str, page: str) -> list[PageForm]:
    """List the forms that a page posts, with their addresses on this site."""
    parser = _Forms(f"http://localhost{page}")
    parser.feed(html)
    found = [
        PageForm(action, form.inputs)
        for form in parser.found
        for action in dict.fromkeys([form.action, *form.other_actions])
    ]
    for form in found:
        parts = urlsplit(form.action)
        form.action = parts.path + (f"?{parts.query}" if parts.query else "")
    return found
