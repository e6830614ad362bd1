"""Markdown: what is kept, what hostile text turns into, and the tree for the typesetter."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, strategies as st

from app.base.markdown import Block, Run, parse, to_html

ALLOWED_TAGS = (
    {"p", "br", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "a", "hr", "sup", "section"}
    | {"h2", "h3", "h4", "h5", "h6"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
FRAGMENTS = st.sampled_from(
    [
        "<script>",
        "</p>",
        "[x](",
        "javascript:",
        ")",
        "`",
        "*",
        "_",
        "**",
        "# ",
        "> ",
        "- ",
        "1. ",
        "\n",
        "\n\n",
        "|",
        "a|b\n-|-\n",
        "![",
        "](",
        "<a href=",
        '"',
        "onclick=x",
        "&lt;",
        "&#x6a;",
        "[^1]",
        "[^1]: ",
        "    ",
        "\x00",
        "\\",
        "style='x'",
        "é",
        "ب",
    ]
)


def tags_of(html: str) -> set[str]:
    return {tag.lower() for tag in re.findall(r"<\s*/?\s*([A-Za-z0-9]+)", html)}


def words_of(blocks: tuple[Block, ...]) -> str:
    parts = []
    for block in blocks:
        parts += [run.text for run in block.runs]
        parts += [words_of(item) for item in block.items]
        parts += [run.text for row in block.rows for cell in row for run in cell]
    return " ".join(parts)


def test_to_html_keeps_what_statements_use() -> None:
    html = to_html("We **urge** you:\n\n1. *stop*\n2. answer\n\n> as promised\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert "<strong>urge</strong>" in html
    assert "<ol>" in html
    assert "<em>stop</em>" in html
    assert "<blockquote>" in html
    assert '<td class="align-end">2</td>' in html


def test_to_html_settles_headings_below_the_pages_own() -> None:
    html = to_html("# One\n\n### Three\n\n## Two\n\n# Again\n")
    assert re.findall(r"<(h\d)>", html) == ["h2", "h3", "h3", "h2"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](java&#x73;cript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "[click](vbscript:x)",
        "[click](//evil.example/x)",
        "[click](/desk/delete)",
        "<javascript:alert(1)>",
        '[x](https://ok.example/"onmouseover="alert(1))',
        "![x](//evil.example/pixel.png)",
        "<style>body{}</style>",
        "[x]: javascript:alert(1)\n\n[x]",
        "`` <b onclick=x> ``",
        "```<img src=x>\n</code><script>\n```",
        "[^<script>]: x\n\n[^<script>]",
    ],
)
def test_to_html_leaves_nothing_hostile(hostile: str) -> None:
    html = to_html(hostile)
    assert tags_of(html) <= ALLOWED_TAGS
    for target in re.findall(r'href="([^"]*)"', html):
        assert target.startswith(("https://ok.example", "#fn"))
    assert not re.search(r"<[^>]*\s(on\w+|style|src)=", html)


def test_to_html_offers_a_picture_as_a_link_only() -> None:
    assert "<img" not in to_html("![x](https://elsewhere.example/pixel.png)")


def test_to_html_says_that_a_link_is_not_ours() -> None:
    assert to_html("[x](https://ok.example)") == (
        '<p><a href="https://ok.example" rel="noopener noreferrer nofollow">x</a></p>\n'
    )


def test_to_html_replaces_nul() -> None:
    assert "\0" not in to_html("a\0b")
    assert "\0" not in to_html(">" * 500 + "a\0b")


@pytest.mark.parametrize("hostile", [">" * 5000 + " deep", "\n".join("  " * depth + "- deep" for depth in range(400))])
def test_deep_nesting_is_shown_as_typed(hostile: str) -> None:
    html = to_html(hostile)
    assert html.count("deep") == hostile.count("deep")
    assert words_of(parse(hostile).blocks).count("deep") == hostile.count("deep")
    assert "<blockquote>" not in html
    assert "<ul>" not in html


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 20000,
        "*a" * 10000,
        "_*" * 10000 + "x",
        "`" * 20000,
        "[^1]" * 5000 + "\n\n[^1]: x",
        "|" * 20000,
        "<" * 20000,
    ],
)
def test_long_nonsense_is_read_in_time(hostile: str) -> None:
    assert to_html(hostile)
    assert parse(hostile).blocks


def test_footnotes_link_there_and_back() -> None:
    html = to_html("Torture was found.[^un]\n\n[^un]: Opinion of the Working Group.\n")
    assert 'href="#fn1"' in html
    assert 'id="fn1"' in html
    assert 'href="#fnref1"' in html
    manuscript = parse("Torture was found.[^un]\n\n[^un]: Opinion of the Working Group.\n")
    assert manuscript.blocks == (Block("paragraph", (Run("Torture was found."), Run(note=0))),)
    assert manuscript.notes == ((Block("paragraph", (Run("Opinion of the Working Group."),)),),)


def test_parse_flattens_emphasis_into_runs() -> None:
    (block,) = parse("a **b *c* [d](https://x.example)** `e`\\\nf").blocks
    assert block.runs == (
        Run("a "),
        Run("b ", strong=True),
        Run("c", strong=True, emphasis=True),
        Run(" ", strong=True),
        Run("d", strong=True, href="https://x.example"),
        Run(" "),
        Run("e", code=True),
        Run(line_break=True),
        Run("f"),
    )


def test_parse_reads_lists_tables_and_quotes() -> None:
    blocks = parse("3. x\n4. y\n   - z\n\n> q\n\n|a|b|\n|-|-:|\n|c|d|\n\n---\n\n    code\n").blocks
    assert [block.kind for block in blocks] == ["list", "quote", "table", "rule", "code"]
    assert blocks[0].start == 3
    assert [inner.kind for inner in blocks[0].items[1]] == ["paragraph", "list"]
    assert blocks[2].rows[1] == ((Run("c"),), (Run("d"),))
    assert blocks[2].alignments == ("start", "end")


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
@example("[^1]: > [^1]: ")
@example("[x]()")
@example('<a href="')
def test_any_text_stays_harmless(text: str) -> None:
    html = to_html(text)
    assert tags_of(html) <= ALLOWED_TAGS
    assert not re.search(r"<[^>]*\s(on\w+|style|src)=", html)
    assert not re.search(r'<[^>]*\shref="(?!https?:|mailto:|#fn)', html)
    parse(text)


@pytest.mark.parametrize("empty", ["# ", "## #", "# [](https://x.example)", "=\n=", "# ` `"])
def test_empty_headings_leave_no_gap(empty: str) -> None:
    text = f"{empty}\n\n### Words\n"
    assert [block.level for block in parse(text).blocks if block.kind == "heading"][-1] <= 2
    assert "></h" not in to_html(text)


def test_headings_begin_at_the_first_level() -> None:
    assert [block.level for block in parse("# \n\n### Words\n\n> ## More\n").blocks if block.kind == "heading"] == [1]
    assert "<h2>Words</h2>" in to_html("# \n\n### Words\n")
