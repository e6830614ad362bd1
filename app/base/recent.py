"""What was made last, kept in memory under all that it was made from; and texts with gaps that are filled for each."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup, escape

T = TypeVar("T")


class Recent(Generic[T]):
    """The things that were used last. A key is everything that a thing is made from, so none is ever out of date."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the thing of a key, made now if need be."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class GappedWords:
    """Words with gaps between them: one more than there are gaps."""

    words: tuple[str, ...]
    gaps: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the whole; raises KeyError where a gap has no value. What is filled in is never searched for gaps."""
        pieces = [self.words[0]]
        for gap, word in zip(self.gaps, self.words[1:], strict=True):
            pieces += (values[gap], word)
        return "".join(pieces)


class Marks:
    """Random words that stand in the gaps while a text is rendered, and by which it is cut apart then."""

    def __init__(self, gaps: Sequence[str]) -> None:
        self.tag = secrets.token_hex(12)
        self.words = {gap: f"{self.tag}x{number:03}" for number, gap in enumerate(gaps)}
        self._names = {mark: gap for gap, mark in self.words.items()}
        self._mark = re.compile(f"({self.tag}x[0-9]{{3}})")

    def cut(self, text: str) -> GappedWords:
        """Return a text cut apart at its marks."""
        found = self._mark.split(text)
        return GappedWords(tuple(found[::2]), tuple(self._names[each] for each in found[1::2]))


def in_html(values: Mapping[str, str]) -> dict[str, str]:
    """Return values as a template writes them, in texts and in attributes; Markup stays as it is."""
    return {gap: value if isinstance(value, Markup) else str(escape(value)) for gap, value in values.items()}
