"""Turn texts and names into the plain data that the typesetting templates read; nothing here becomes code there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from app.base.locales import direction
from app.base.markdown import Block, Manuscript, Run

Data = dict[str, Any]

# A person's text must not turn its neighbours around: overrides and embeddings are left out, marks and joiners stay.
# So are the three code points that PDF/A forbids, which nobody sees.
LEFT_OUT = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x0000, 0xFEFF, 0xFFFE])
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_HAN = r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BREAK_BETWEEN_HAN = re.compile(rf"(?<={_HAN})\n(?={_HAN})")
# No line of the letter holds so many characters. Scripts without spaces are left out: typst knows where they break.
_LONG_WORD = re.compile(
    r"[^\s\u0e00-\u109f\u1780-\u17ff\u1a00-\u1bff\u200b\u2e80-\u9fff\ua980-\ua9df\uaa60-\uaa7f\uac00-\ud7af]{48,}"
)
_BREAK_HERE = "\u200b"  # the zero-width space: letters join across it
_LONGEST_CHAIN = 24  # of consonants tied by viramas, which are parted only if they would leave the page
_JOINERS = frozenset("\u200c\u200d")
_VIRAMA = 9  # its class among combining marks
_APOSTROPHE = re.compile(r"[A-Za-z\u00c0-\u024f]’[A-Za-z\u00c0-\u024f]")
_REGIONS = {"zh": "CN", "ja": "JP", "ko": "KR"}


def own(text: str) -> Data:
    """Return somebody's own text as lines, with the direction of its first strong character."""
    lines = [_SPACES.sub(" ", line).strip() for line in text.translate(LEFT_OUT).split("\n")]
    return {
        "lines": [breakable(line) for line in lines if line] or [""],
        "rtl": _begins_right_to_left(text),
        "mends": _mends(text),
    }


def maybe_own(text: str) -> Data:
    """Return somebody's own text, or no lines where there is none."""
    return own(text) if text.strip() else {"lines": [], "rtl": False, "mends": []}


def paragraphs(text: str) -> list[Data]:
    """Return plain text as paragraphs, parted at empty lines."""
    return [own(part) for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]


def blocks(manuscript: Manuscript) -> list[Data]:
    """Return a parsed text as data: each footnote stands where it is first called."""
    setter = _Setter(manuscript)
    return [*setter.blocks(manuscript.blocks, may_note=True), *setter.left_over()]


def typography(language: str) -> Data:
    """Return what the typesetter needs to know of a language: its tag's parts, script and direction."""
    parts = language.replace("_", "-").split("-")
    lang = parts[0].lower() if re.fullmatch(r"[A-Za-z]{2,3}", parts[0]) else "en"
    region = next((part.upper() for part in parts[1:] if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    if lang == "zh" and not region:
        region = "TW" if "Hant" in parts else "CN"
    region = region or _REGIONS.get(lang, "")
    script = "han" if lang in _REGIONS else "plain"
    if direction(language) == "rtl" and lang not in {"he", "yi"}:
        script = "arabic"
    return {"lang": lang, "region": region, "script": script}


def _begins_right_to_left(text: str) -> bool:
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in kinds if kind in {"L", "R", "AL"}), False)


def _mends(text: str) -> list[str]:
    return ["apostrophe"] if _APOSTROPHE.search(text) else []


def _flowing(text: str) -> str:
    return breakable(_SPACES.sub(" ", _BREAK_BETWEEN_HAN.sub("", text.translate(LEFT_OUT))))


def breakable(text: str) -> str:
    """Let a word that is longer than any line break between its letters, or it would leave the page."""
    return _LONG_WORD.sub(lambda word: "".join(_broken(word[0])), text)


def _broken(word: str) -> Iterator[str]:
    before, chain = "", 0
    for letter in word:
        tied = unicodedata.category(letter)[0] == "M" or letter in _JOINERS or before in _JOINERS
        chain = chain + 1 if tied or unicodedata.combining(before or " ") == _VIRAMA else 0
        if before and (not chain or chain > _LONGEST_CHAIN):
            yield _BREAK_HERE
            chain = 0
        yield letter
        before = letter


class _Setter:
    """Walks blocks and remembers which footnotes have found their place."""

    def __init__(self, manuscript: Manuscript) -> None:
        self._notes = manuscript.notes
        self._placed: set[int] = set()

    def blocks(self, source: Iterable[Block], *, may_note: bool) -> list[Data]:
        return [self._block(block, may_note) for block in source]

    def left_over(self) -> Iterator[Data]:
        """Yield the notes that no line of the text could carry, under their numbers."""
        for number, note in enumerate(self._notes):
            if number not in self._placed:
                first, *rest = self.blocks(note, may_note=False) or [_paragraph([])]
                first["runs"] = [_call(number), _piece(" "), *first["runs"]]
                yield from (first, *rest)

    def _note(self, number: int) -> Data:
        """Return a note as runs that follow its number on the line, and the blocks below them."""
        content = self.blocks(self._notes[number], may_note=False)
        begins_with_words = bool(content) and content[0]["kind"] == "paragraph"
        return {
            "runs": content[0]["runs"] if begins_with_words else [],
            "blocks": content[1:] if begins_with_words else content,
        }

    def _block(self, block: Block, may_note: bool) -> Data:
        may_note = may_note and block.kind not in {"heading", "table"}
        keeps_lines = block.kind == "code"
        return {
            "kind": block.kind,
            "level": block.level,
            "start": block.start,
            "runs": [self._run(run, may_note, keeps_lines) for run in block.runs],
            "items": [self.blocks(item, may_note=may_note) for item in block.items],
            "rows": [[[self._run(run, False, False) for run in cell] for cell in row] for row in block.rows],
            "alignments": list(block.alignments),
        }

    def _run(self, run: Run, may_note: bool, keeps_lines: bool) -> Data:
        if run.line_break:
            return {"kind": "break"}
        if run.note is None:
            text = run.text.translate(LEFT_OUT) if keeps_lines else _flowing(run.text)
            looks = {"strong": run.strong, "emphasis": run.emphasis, "code": run.code, "href": run.href}
            return {**_piece(text), **looks}
        if may_note and run.note not in self._placed:
            self._placed.add(run.note)
            return {"kind": "note", **self._note(run.note)}
        return _call(run.note)


def _piece(text: str) -> Data:
    return {
        "kind": "text",
        "text": text,
        "strong": False,
        "emphasis": False,
        "code": False,
        "href": "",
        "mends": _mends(text),
    }


def _call(number: int) -> Data:
    return {"kind": "call", "text": str(number + 1)}


def _paragraph(runs: list[Data]) -> Data:
    return {"kind": "paragraph", "level": 0, "start": None, "runs": runs, "items": [], "rows": [], "alignments": []}
