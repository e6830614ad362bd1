"""How much work one transaction takes, and how long others get to write between two: on SQLite one writes at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# A portion that took longer than this is followed by one of half its size, and one that took less than half of it by
# one of twice its size.
LONGEST_HOLD_SECONDS = 0.25
SMALLEST_PORTION = 20
LARGEST_PORTION = 500
# How long others get to write, for each second that a portion kept them from it. Those who wait don't queue: they look
# again at least every tenth of a second.
SHARE_FOR_OTHERS = 1.0
SHORTEST_REST_SECONDS = 0.02


@dataclass
class WorkPace:
    """The size of the next portion, learnt from how long the last one held the database."""

    share_for_others: float = SHARE_FOR_OTHERS
    most: int = LARGEST_PORTION
    size: int = field(default=0)
    _held_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.size = self.size or self.most

    @contextmanager
    def portion(self) -> Iterator[int]:
        """Measure how long one portion keeps others from writing, and choose the size of the next."""
        began_at = time.monotonic()
        yield self.size
        self._held_seconds = time.monotonic() - began_at
        if self._held_seconds > LONGEST_HOLD_SECONDS:
            self.size = max(self.size // 2, min(SMALLEST_PORTION, self.most))
        elif self._held_seconds < LONGEST_HOLD_SECONDS / 2:
            self.size = min(self.size * 2, self.most)

    def rest(self) -> None:
        """Let others write for a while, where only one can at a time."""
        if self.share_for_others:
            time.sleep(max(self._held_seconds * self.share_for_others, SHORTEST_REST_SECONDS))
        self._held_seconds = 0.0
