"""Messages that many people get: put together once for each language, then filled in for each person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Skeleton(Protocol):
    """A message that lacks only what is one person's own."""

    def fill(self, mail: Filled, message_id: str, date: str) -> bytes:
        """Return the whole message for one person. Raises UnsafeHeader."""
        ...


@dataclass(frozen=True)
class Filled:
    """One person's copy of a skeleton: the address, and what stands where the skeleton has placeholders."""

    skeleton: Skeleton
    to_name: str
    to_address: str
    values: Mapping[str, str]
