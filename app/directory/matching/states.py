"""What is compared, how sure a likeness is, and what speaks for and against it."""

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
    FEWER_WORDS = "fewer_words"
    SCRIPT = "script"
    LOOKALIKE = "lookalike"
    BODY = "body"


class Detail(StrEnum):
    """What two candidates can agree or differ in, besides the columns that only a list has."""

    KIND = "kind"
    COUNTRY = "country"
    AFFILIATION = "affiliation"
    EMAIL = "email"


@dataclass(frozen=True)
class Candidate:
    """What is compared of one row or entry; empty where it is not known. `is_organisation` None: not said.

    `columns` holds what a row says in further columns, left out of the import or not; `remarks` what an entry says
    besides.
    """

    name: str
    country: str = ""
    affiliation: str = ""
    email: str = ""
    is_organisation: bool | None = None
    columns: tuple[tuple[int, str], ...] = ()
    remarks: str = ""


@dataclass(frozen=True)
class Match:
    """Row `left` may be the same as entry (or earlier row) `right`. Agreeing in a column is told by its number."""

    left: int
    right: int
    likeness: Likeness
    ground: Ground
    score: float
    agrees: tuple[Detail | int, ...] = ()
    differs: tuple[Detail | int, ...] = ()
