"""Markdown as statements use it: safe HTML for pages, and a plain tree of blocks for typesetting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup, escape
from mdit_py_plugins.footnote import footnote_plugin

# A list in a list counts two. Deeper text is not cut but shown as it was typed.
MAX_NESTING = 16
MAX_LINK_CHARACTERS = 2000  # what browsers and PDF readers follow without trouble
LINK_SCHEMES = ("http://", "https://", "mailto:")

_TAGS = {
    "p", "br", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td", "sup", "section",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "id", "class"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "sup": {"class"},
    "section": {"class"},
    "th": {"class"},
    "td": {"class"},
}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one appearance. `note` is the index of a footnote called here."""

    text: str = ""
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""
    note: int | None = None
    line_break: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list, quote, code, rule or table.

    `items` are the entries of a list or the one content of a quote; `rows` are a table's, its head first.
    """

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    start: int | None = None
    items: tuple[tuple[Block, ...], ...] = ()
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()
    alignments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A parsed text: its blocks, and the footnotes that its runs call by index."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[Block, ...], ...] = ()


def to_html(text: str) -> Markup:
    """Render a text as HTML that is safe to show: no raw HTML, script, image or h1; links to web and mail only."""
    tokens, env = _parse(text)
    if tokens is None:
        return _literal_html(text)
    for token in tokens:
        _dress(token)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def parse(text: str) -> Manuscript:
    """Return a text as blocks and runs; heading levels begin at 1 and skip none."""
    tokens, _ = _parse(text)
    if tokens is None:
        return Manuscript(tuple(Block("paragraph", tuple(_lines(part))) for part in _paragraphs(text)))
    blocks: list[Block] = []
    notes: list[tuple[Block, ...]] = []
    for node in SyntaxTreeNode(tokens).children:
        if node.type == "footnote_block":
            notes.extend(_blocks(note.children) for note in node.children)
        else:
            blocks.extend(_blocks([node]))
    return Manuscript(tuple(blocks), tuple(notes))


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING + 2})
    parser.enable("table").disable("image").use(footnote_plugin, inline=False)
    parser.validateLink = _is_safe_link  # type: ignore[method-assign]
    return parser


def _is_safe_link(url: str) -> bool:
    return len(url) <= MAX_LINK_CHARACTERS and url.strip().lower().startswith(LINK_SCHEMES)


_MARKDOWN = _make_parser()


def _parse(text: str) -> tuple[list[Token] | None, dict[str, object]]:
    """Return tokens with settled headings, or None where the text is nested so that it can't be read as Markdown."""
    env: dict[str, object] = {}
    tokens = _without_empty_headings(_MARKDOWN.parse(text, env))
    if any(token.level > MAX_NESTING for token in tokens) or not _is_well_nested(tokens):
        return None, env
    open_levels: list[int] = []
    settled = 1
    for token in tokens:
        if token.children:
            token.children = _without_empty_links(token.children)
        if token.type == "heading_open":
            level = int(token.tag[1])
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
            settled = len(open_levels)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{settled}"
    return tokens, env


def _is_well_nested(tokens: list[Token]) -> bool:
    """Tell whether each block that opens also closes: a footnote defined in itself, behind a quotation, does not."""
    open_types: list[str] = []
    for token in tokens:
        if token.nesting == 1:
            open_types.append(token.type.removesuffix("_open"))
        elif token.nesting == -1 and (not open_types or open_types.pop() != token.type.removesuffix("_close")):
            return False
    return not open_types


def _without_empty_headings(tokens: list[Token]) -> list[Token]:
    """Leave out headings without a word: they would be stops for screen readers, and a gap in the levels."""
    empty: set[int] = set()
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and not any(
            child.content.strip() or child.type == "footnote_ref" for child in tokens[number + 1].children or ()
        ):
            empty |= {number, number + 1, number + 2}
    return [token for number, token in enumerate(tokens) if number not in empty]


def _without_empty_links(children: list[Token]) -> list[Token]:
    """Leave of a link to nowhere, `[words]()`, its words. Links never nest, so its end is the next one."""
    kept: list[Token] = []
    inside_empty = False
    for token in children:
        if token.type == "link_open":
            inside_empty = not token.attrs.get("href")
        if not (inside_empty and token.type in {"link_open", "link_close"}):
            kept.append(token)
    return kept


def _dress(token: Token) -> None:
    """Make a token fit a page: headings below the page's own, alignment as a class and not as a style."""
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    style = str(token.attrs.pop("style", ""))
    if style in {"text-align:right", "text-align:center"}:
        token.attrSet("class", "align-end" if style.endswith("right") else "align-center")


def _paragraphs(text: str) -> list[str]:
    cleaned = text.replace("\r\n", "\n").replace("\0", "\ufffd")
    return [part.strip("\n") for part in cleaned.split("\n\n") if part.strip()]


def _lines(paragraph: str) -> Iterator[Run]:
    for number, line in enumerate(paragraph.split("\n")):
        if number:
            yield Run(line_break=True)
        yield Run(line)


def _literal_html(text: str) -> Markup:
    line_break = Markup("<br>\n")
    return Markup("\n").join(
        Markup("<p>{}</p>").format(line_break.join(escape(line) for line in part.split("\n")))
        for part in _paragraphs(text)
    )


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> tuple[Block, ...]:
    return tuple(block for node in nodes for block in _block(node))


def _block(node: SyntaxTreeNode) -> Iterator[Block]:
    match node.type:
        case "heading":
            yield Block("heading", _inline(node), level=int(node.tag[1]))
        case "paragraph":
            yield Block("paragraph", _inline(node))
        case "bullet_list":
            yield Block("list", items=tuple(_blocks(item.children) for item in node.children))
        case "ordered_list":
            start = int(node.attrs.get("start", 1))
            yield Block("list", start=start, items=tuple(_blocks(item.children) for item in node.children))
        case "blockquote":
            yield Block("quote", items=(_blocks(node.children),))
        case "fence" | "code_block":
            yield Block("code", (Run(node.content.rstrip("\n"), code=True),))
        case "hr":
            yield Block("rule")
        case "table":
            yield _table(node)


def _table(node: SyntaxTreeNode) -> Block:
    lines = [row.children for part in node.children for row in part.children]
    rows = tuple(tuple(_inline(cell) for cell in cells) for cells in lines)
    styles = [str(cell.attrs.get("style", "")) for cell in lines[0]]
    alignments = tuple("end" if "right" in style else "center" if "center" in style else "start" for style in styles)
    return Block("table", rows=rows, alignments=alignments)


def _inline(node: SyntaxTreeNode) -> tuple[Run, ...]:
    runs = [run for child in node.children for run in _runs(child.children, Run())]
    return tuple(_merged(runs))


def _runs(nodes: Sequence[SyntaxTreeNode], style: Run) -> Iterator[Run]:
    """Flatten nested emphasis and links into runs, so that typesetting needs no recursion."""
    for node in nodes:
        match node.type:
            case "strong":
                yield from _runs(node.children, replace(style, strong=True))
            case "em":
                yield from _runs(node.children, replace(style, emphasis=True))
            case "link":
                yield from _runs(node.children, replace(style, href=str(node.attrs["href"])))
            case "code_inline":
                yield replace(style, text=node.content, code=True)
            case "softbreak":
                yield replace(style, text="\n")
            case "hardbreak":
                yield Run(line_break=True)
            case "footnote_ref":
                yield Run(note=int(node.meta["id"]))
            case _:
                yield replace(style, text=node.content)


def _merged(runs: Sequence[Run]) -> Iterator[Run]:
    """Join neighbours of one appearance; a letter and its accent must reach the font together."""
    waiting: Run | None = None
    for run in runs:
        plain = run.note is None and not run.line_break
        if waiting is not None and plain and replace(waiting, text="") == replace(run, text=""):
            waiting = replace(waiting, text=waiting.text + run.text)
            continue
        if waiting is not None:
            yield waiting
        waiting = run if plain else None
        if not plain:
            yield run
    if waiting is not None:
        yield waiting
