"""The canonical bytes: one text, one sequence of bytes, and back."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.statements.canonical import CanonicalAnnex, CanonicalText, from_bytes, sha256_of, to_bytes

SAMPLE = CanonicalText(
    statement="stop-abusive-requests",
    version=1,
    language="pl",
    title="Zażółć gęślą jaźń",
    summary="Krótko.",
    text="Pierwszy akapit.\n\nDrugi „akapit”.",
    demands=("Po pierwsze.", "Po drugie,\nz przypisem."),
    addressees=("Ministerstwo Sprawiedliwości",),
    annexes=(CanonicalAnnex("Raport", "raport.pdf", 1234, "ab" * 32),),
)
EXPECTED = """{
  "format": "undersigned statement text 1",
  "statement": "stop-abusive-requests",
  "version": 1,
  "language": "pl",
  "title": "Zażółć gęślą jaźń",
  "summary": [
    "Krótko."
  ],
  "text": [
    "Pierwszy akapit.",
    "",
    "Drugi „akapit”."
  ],
  "demands": [
    [
      "Po pierwsze."
    ],
    [
      "Po drugie,",
      "z przypisem."
    ]
  ],
  "addressees": [
    "Ministerstwo Sprawiedliwości"
  ],
  "annexes": [
    {
      "title": "Raport",
      "filename": "raport.pdf",
      "size": 1234,
      "sha256": "abababababababababababababababababababababababababababababababab"
    }
  ]
}
"""

# Letters with accents, vowel signs, both kinds of line break, quotes and braces: whatever could confuse a format.
_characters = st.one_of(
    st.characters(exclude_categories=["Cs"]), st.sampled_from('\n\r"\\{}[],: \u0301\u200d\u2028\x00é')
)
_text = st.text(_characters, max_size=12)
# The first example builds a table of all characters, which takes a while on a busy machine.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_annexes = st.builds(
    CanonicalAnnex, _text, _text, st.integers(0, 10**9), st.text("0123456789abcdef", min_size=64, max_size=64)
)
contents = st.builds(
    CanonicalText,
    statement=_text,
    version=st.integers(1, 99),
    language=_text,
    title=_text,
    summary=_text,
    text=_text,
    demands=st.lists(_text, max_size=3).map(tuple),
    addressees=st.lists(_text, max_size=3).map(tuple),
    annexes=st.lists(_annexes, max_size=2).map(tuple),
)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def normalised(content: CanonicalText, form: Literal["NFC", "NFD"] = "NFC") -> CanonicalText:
    """The same content with every text in a normal form and LF."""

    def each(text: str) -> str:
        return unicodedata.normalize(form, _normal(text))

    return CanonicalText(
        each(content.statement),
        content.version,
        each(content.language),
        each(content.title),
        each(content.summary),
        each(content.text),
        tuple(map(each, content.demands)),
        tuple(map(each, content.addressees)),
        tuple(replace(annex, title=each(annex.title), filename=each(annex.filename)) for annex in content.annexes),
    )


def test_to_bytes_is_the_documented_format() -> None:
    assert to_bytes(SAMPLE).decode() == EXPECTED
    assert sha256_of(to_bytes(SAMPLE)) == "a0f595a0d78be1d895376016b4f734d325673872a1461fa7986b43b8359919ff"


@calmly
@given(contents)
def test_bytes_read_back_are_the_content_so_two_contents_never_share_bytes(content: CanonicalText) -> None:
    """What can be read back exactly can't have come from anything else."""
    assert from_bytes(to_bytes(content)) == normalised(content)


@calmly
@given(contents, contents)
def test_different_contents_have_different_bytes(one: CanonicalText, other: CanonicalText) -> None:
    assert (to_bytes(one) == to_bytes(other)) == (normalised(one) == normalised(other))


@calmly
@given(contents)
def test_decomposed_text_has_the_same_bytes(content: CanonicalText) -> None:
    assert to_bytes(normalised(content, "NFD")) == to_bytes(content)


@calmly
@given(contents)
def test_line_breaks_of_any_system_have_the_same_bytes(content: CanonicalText) -> None:
    plain = normalised(content)
    windows = replace(plain, text=plain.text.replace("\n", "\r\n"), summary=plain.summary.replace("\n", "\r"))
    assert to_bytes(windows) == to_bytes(plain)


@calmly
@given(contents)
def test_bytes_are_one_json_document_that_ends_with_one_newline(content: CanonicalText) -> None:
    canonical = to_bytes(content)
    assert canonical.endswith(b"}\n")
    assert b"\r" not in canonical
    assert list(json.loads(canonical)) == [
        "format", "statement", "version", "language", "title", "summary", "text", "demands", "addressees", "annexes",
    ]  # fmt: skip


def test_demand_split_in_two_is_another_text() -> None:
    together, apart = replace(SAMPLE, demands=("One.\nTwo.",)), replace(SAMPLE, demands=("One.", "Two."))
    assert to_bytes(together) != to_bytes(apart)


@pytest.mark.parametrize(
    "mangled",
    [
        EXPECTED.replace("  ", " "),
        EXPECTED.rstrip("\n"),
        EXPECTED.replace("text 1", "text 2"),
        EXPECTED.replace('"version": 1', '"version": "1"'),
        unicodedata.normalize("NFD", EXPECTED),
        EXPECTED.replace("\n", "\r\n"),
        "{}",
        "[]",
        "nonsense",
    ],
)
def test_from_bytes_refuses_whatever_is_not_canonical(mangled: str) -> None:
    with pytest.raises(ValueError):
        from_bytes(mangled.encode())


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        to_bytes(replace(SAMPLE, title="\ud800"))
