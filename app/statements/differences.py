"""Where two texts differ, paragraph by paragraph and inside a paragraph word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Above these lengths, whole paragraphs are marked: comparing words takes time that grows with their square.
_MOST_PARAGRAPHS = 2_000
_MOST_WORDS = 600
# Paragraphs that share less than this are two paragraphs, not one that was changed.
_LIKENESS = 0.4


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went."""

    mark: Mark
    text: str


Paragraph = tuple[Piece, ...]


def differences(before: str, after: str) -> list[Paragraph]:
    """Return the paragraphs of both texts in order, each as pieces that are the same, removed or added."""
    old, new = _paragraphs(before), _paragraphs(after)
    if len(old) > _MOST_PARAGRAPHS or len(new) > _MOST_PARAGRAPHS:
        return [(Piece(Mark.REMOVED, before),), (Piece(Mark.ADDED, after),)]
    found: list[Paragraph] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            found += [(Piece(Mark.SAME, text),) for text in old[i1:i2]]
        else:
            found += _replaced(old[i1:i2], new[j1:j2])
    return found


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    for before, after in zip(old, new, strict=False):
        changed = _word_by_word(before, after)
        yield from [changed] if changed else [(Piece(Mark.REMOVED, before),), (Piece(Mark.ADDED, after),)]
    shared = min(len(old), len(new))
    yield from ((Piece(Mark.REMOVED, text),) for text in old[shared:])
    yield from ((Piece(Mark.ADDED, text),) for text in new[shared:])


def _word_by_word(before: str, after: str) -> Paragraph | None:
    """Return one paragraph with its changed words marked; None where the two have too little in common."""
    old, new = _words(before), _words(after)
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _LIKENESS:
        return None
    pieces = []
    for operation, i1, i2, j1, j2 in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece(Mark.SAME, "".join(old[i1:i2])))
            continue
        pieces += [Piece(Mark.REMOVED, "".join(old[i1:i2]))] if i2 > i1 else []
        pieces += [Piece(Mark.ADDED, "".join(new[j1:j2]))] if j2 > j1 else []
    return tuple(pieces)


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text.strip()) if part]


def _words(text: str) -> list[str]:
    """Split between words; scripts that write none apart are split by character."""
    return re.findall(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\s+|[^\s\u2e80-\u9fff\uf900-\ufaff]+", text)
