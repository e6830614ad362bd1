"""Read the words of HTML mail: nothing of it is ever rendered, and what its reader would not see is left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

LONGEST_HTML = 1_000_000
MOST_TAGS = 15_000  # the cleaner takes quadratic time over tags in tags: half a second for so many
_TAG = re.compile(r"<[^>]{0,2000}>?")
_NAMED_SIGN = re.compile("&(?!#)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BLOCKS = {"address", "blockquote", "br", "div", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
           "p", "pre", "table", "tr", "ul"}  # fmt: skip
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"}
_INLINE = {"a", "b", "center", "font", "i", "span", "strong", "td"}  # they may carry a style that hides
_VOID = {"br", "hr"}
_INVISIBLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|(?:^|;)(?:max-height|font-size|opacity):0(?:px|pt|em|%)?(?:;|!|$)"
)
_QUOTATION = re.compile(r"cite|quote")  # Apple Mail, Thunderbird; Gmail, Proton, Yahoo. A bare one only indents.
_LAST_QUOTED = re.compile(r"(?m)^[> ]+$(?=\n(?!>))")  # an empty line at a quotation's end
_ENTER, _LEAVE = "\x0e", "\x0f"  # where a quotation begins and ends


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail, quoted lines with > before them; the hidden ones only where all is hidden."""
    if html.count("<") > MOST_TAGS:
        html = _TAG.sub(" ", html)
    if html.count("&") > MOST_TAGS:
        html = _NAMED_SIGN.sub(" ", html)  # in some scripts every letter is a number
    clean = nh3.clean(
        html[:LONGEST_HTML].replace(_ENTER, "").replace(_LEAVE, ""),
        tags=_BLOCKS | _INLINE,
        attributes={"a": {"href"}, "blockquote": {"type", "class"}, "*": {"style", "hidden"}},
        link_rel=None,
        clean_content_tags={"script", "style", "title"},
    )
    return _read(clean, with_hidden=False) or _read(clean, with_hidden=True)


def _read(clean: str, *, with_hidden: bool) -> str:
    reader = _Words(with_hidden=with_hidden)
    reader.feed(clean)
    reader.close()
    text = "\n".join(_quoted_lines("".join(reader.found)))
    return _EMPTY_LINES.sub("\n\n", _LAST_QUOTED.sub("", text)).strip()


def _quoted_lines(text: str) -> list[str]:
    lines, depth = [], 0
    for line in text.split("\n"):
        depth = max(0, depth + line.count(_ENTER) - line.count(_LEAVE))  # they stand at the beginning of lines
        said = " ".join(line.replace(_ENTER, "").replace(_LEAVE, "").split())
        lines.append(f"{'> ' * depth}{said}".rstrip())
    return lines


class _Words(HTMLParser):
    """Collects the words of cleaned HTML, a line for each block, and where links lead."""

    def __init__(self, *, with_hidden: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._with_hidden = with_hidden
        self._open: list[tuple[str, bool, bool]] = []  # tag, whether it hides, whether it quotes
        self._hidden = 0
        self._link = ""
        self._breaks = 0  # line ends since the last word

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        hides = not self._with_hidden and _is_invisible(said)
        quotes = tag == "blockquote" and bool(_QUOTATION.search(f"{said.get('type', '')} {said.get('class', '')}"))
        if tag not in _VOID:
            self._open.append((tag, hides, quotes))
            self._hidden += hides
        if self._hidden:
            return
        if tag == "a":
            self._link = said.get("href", "")
        elif tag == "br":
            self._break(self._breaks + 1)
        elif tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)
            self.found.append(_ENTER if quotes else "- " if tag == "li" else "")

    def handle_endtag(self, tag: str) -> None:
        opened, hides, quotes = self._open.pop() if self._open else (tag, False, False)
        if self._hidden:
            self._hidden -= hides
            return
        if tag == "a":
            said = self.found[-1].strip() if self.found else ""
            if self._link and said and said not in self._link:
                self.found.append(f" <{self._link.removeprefix('mailto:')}>")
            self._link = ""
        elif tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)
            self.found.append(_LEAVE if quotes and opened == tag else "")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.found.append(data.replace("\n", " "))
        if data.strip():
            self._breaks = 0

    def _break(self, wanted: int) -> None:
        self.found.append("\n" * max(0, wanted - self._breaks))
        self._breaks = max(self._breaks, wanted)


def _is_invisible(said: dict[str, str]) -> bool:
    style = "".join(said.get("style", "").lower().split())
    return "hidden" in said or _INVISIBLE.search(style) is not None
