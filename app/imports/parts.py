"""Which rows of a dry run belong together on the page: by what they ask, alike ones side by side, and in one sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.base.locales import gettext as _, lazy_gettext as _l, ngettext
from app.imports.review import Reviewed, RowVerdict


class ReviewPart(StrEnum):
    """Which rows of the dry run are shown; what needs somebody comes first."""

    PROBLEMS = "problems"
    MENDED = "mended"
    COUNTRIES = "countries"
    EXACT = "exact"
    NAMESAKES = "namesakes"
    LIKELY = "likely"
    ANSWERED = "answered"
    CHANGES = "changes"
    ALL = "all"

    @property
    def label(self) -> str:
        """The part as its tab says it."""
        return str(_PART_LABELS[self])

    @property
    def asks(self) -> bool:
        """Tell whether each row is a question about whom it means, to be answered one by one."""
        return self in (ReviewPart.LIKELY, ReviewPart.ANSWERED)

    @property
    def mends(self) -> bool:
        """Tell whether cells can be written anew beside each row."""
        return self in (ReviewPart.PROBLEMS, ReviewPart.MENDED)

    @property
    def is_ordered(self) -> bool:
        """Tell whether rows that are alike stand side by side in it."""
        return self.asks or self.lists_pairs

    @property
    def lists_pairs(self) -> bool:
        """Tell whether each row stands beside the one whom it means, to be answered together."""
        return self in (ReviewPart.EXACT, ReviewPart.NAMESAKES)


_PART_LABELS = {
    ReviewPart.PROBLEMS: _l("Problems"),
    ReviewPart.MENDED: _l("Mended"),
    ReviewPart.COUNTRIES: _l("Countries"),
    ReviewPart.EXACT: _l("Exact matches"),
    ReviewPart.NAMESAKES: _l("Same name only"),
    ReviewPart.LIKELY: _l("Likely duplicates"),
    ReviewPart.ANSWERED: _l("Answered"),
    ReviewPart.CHANGES: _l("Changes"),
    ReviewPart.ALL: _l("All rows"),
}


@dataclass(frozen=True)
class RowSums:
    """What becomes of the rows of a file; the others add up to `rows`."""

    rows: int
    added: int
    changed: int
    there: int
    unanswered: int
    refused: int


class Counted(Protocol):
    """A dry run, with its rows or without."""

    def count(self, *verdicts: RowVerdict) -> int: ...


def sums_of(review: Counted) -> RowSums:
    """Count what would become of the rows if nothing more was answered."""
    return RowSums(
        review.count(*RowVerdict),
        review.count(RowVerdict.ADD),
        review.count(RowVerdict.UPDATE),
        review.count(RowVerdict.UNCHANGED, RowVerdict.REPEAT),
        review.count(RowVerdict.ASKED),
        review.count(RowVerdict.REFUSED),
    )


def first_part(number_in: Callable[[ReviewPart], int]) -> ReviewPart:
    """Return the part that opens first: what needs somebody, where anything does, or else what would change."""
    order = (ReviewPart.PROBLEMS, ReviewPart.COUNTRIES, ReviewPart.EXACT, ReviewPart.NAMESAKES, ReviewPart.LIKELY)
    return next((part for part in order if number_in(part)), ReviewPart.ALL)


def figures_of(sums: RowSums) -> list[tuple[int, str]]:
    """Return the sums with their words; but for who is to be added, those of nobody are left out."""
    rows = [
        (sums.added, _("to be added")),
        (sums.changed, _("to be changed")),
        (sums.there, _("already there or repeated")),
        (sums.unanswered, _("waiting for you")),
        (sums.refused, _("can’t be imported")),
    ]
    return [(number, label) for number, label in rows if number or label == rows[0][1]]


def nothing_to_import(left_out: int) -> str:
    """Label the button that ends an import which would change nobody; rows that wait or are refused are left out."""
    if not left_out:
        return _("Finish: nothing would change")
    return ngettext("Finish, and leave %(num)s row out", "Finish, and leave %(num)s rows out", left_out)


def told_of_edits(edits: Sized, taken_back: int | None) -> str:
    """Say what became of rows that were written anew."""
    if taken_back is not None:
        return _("Row %(number)s is as in your list again.", number=taken_back)
    return ngettext("%(num)s row is mended.", "%(num)s rows are mended.", len(edits))


def place_of(groups: Mapping[int, int], row: int) -> tuple[int, int]:
    """Return where a row, by its number, stands among those that are asked about: alike ones stand side by side."""
    return groups.get(row, row), row


def open_of_groups(rows: Iterable[int], groups: Mapping[int, int]) -> dict[int, list[int]]:
    """Return the rows of each group that are still asked about, all by their numbers."""
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[groups.get(row, row)].append(row)
    return found


def belongs(row: Reviewed, part: ReviewPart) -> bool:
    """Tell whether a row is shown in a part."""
    is_open = bool(row.possible) and not row.answer and row.verdict is not RowVerdict.REFUSED
    return {
        ReviewPart.PROBLEMS: bool(row.problems),
        ReviewPart.MENDED: row.is_mended,
        ReviewPart.COUNTRIES: bool(row.country_text),
        ReviewPart.EXACT: is_open and row.has_exact,
        ReviewPart.NAMESAKES: is_open and row.has_only_name,
        ReviewPart.LIKELY: is_open and not row.has_exact and not row.has_only_name,
        ReviewPart.ANSWERED: bool(row.possible and row.answer),
        ReviewPart.CHANGES: row.verdict is RowVerdict.UPDATE,
        ReviewPart.ALL: True,
    }[part]
