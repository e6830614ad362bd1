"""What is compared, how sure a likeness is, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Likeness(StrEnum):
    """How sure it is that two entries are the same."""

    EXACT = "exact"
    LIKELY = "likely"


class Ground(StrEnum):
    """What speaks for it."""

    SAME_ADDRESS = "same_address"
    SAME_DETAILS = "same_details"
    ONLY_NAME = "only_name"
    SHARED_ADDRESS = "shared_address"
    OTHER_DETAILS = "other_details"
    SPELLING = "spelling"
    WORD_ORDER = "word_order"
    TITLE = "title"
    INITIALS = "initials"
    SCRIPT = "script"
    LOOKALIKE = "lookalike"


@dataclass(frozen=True)
class Candidate:
    """What is compared of one row or entry; empty where it is not known. `is_organisation` None: not said."""

    name: str
    country: str = ""
    affiliation: str = ""
    email: str = ""
    is_organisation: bool | None = None


@dataclass(frozen=True)
class Match:
    """Row `left` may be the same as entry (or earlier row) `right`."""

    left: int
    right: int
    likeness: Likeness
    ground: Ground
    score: float
