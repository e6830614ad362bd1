"""Makes of a dry run what is kept of it: its rows in blocks, what writing them needs, and its numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.identifiers import new_public_id
from app.base.names import same_name_key
from app.base.rows import belongs_to, portions
from app.directory.models import Signatory
from app.directory.states import NewEntry
from app.imports.blocks import IN_ONE_BLOCK
from app.imports.column_questions import left_out
from app.imports.parts import ReviewPart, belongs
from app.imports.queries import Seen
from app.imports.remembering import RowKeys
from app.imports.review import CountryQuestion, Review, Reviewed, RowVerdict
from app.imports.states import BlockKind

_MOST_NAMED = 5  # rows beside a doubtful country
_FAMILIES_IN_ONE_BLOCK = 2_000  # small, and a page of questions opens all


@dataclass(frozen=True)
class KeptRow:
    """A row of the dry run with all that is needed to write it, or to hand it back as it came.

    `leads_to` is the public id of the entry it goes to, drawn ahead for a new one. `result` is the entry as it will be;
    of several rows that change one entry, the first holds it. `seen_at` tells when that entry had been changed last.
    """

    reviewed: Reviewed
    cells: tuple[str, ...]
    keys: RowKeys
    leads_to: str = ""
    result: NewEntry | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class BlockCounts:
    """Which rows a block holds, how many stand in each part and under each verdict, and which in an ordered part."""

    first: int
    last: int
    parts: Mapping[str, int]
    verdicts: Mapping[str, int]
    ordered: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptReview:
    """The dry run without its rows."""

    header: tuple[str, ...]
    mark: str
    blocks: tuple[BlockCounts, ...] = ()
    countries: int = 0
    left_out_columns: tuple[tuple[str, int], ...] = ()  # headings, and how many cells stand below each
    groups: tuple[str, ...] = ()  # that the rows to be written name
    left_out: Mapping[str, int] = field(default_factory=dict)  # by reason, once it is applied

    def count(self, *verdicts: RowVerdict) -> int:
        """Count rows by verdict."""
        return sum(block.verdicts.get(verdict.value, 0) for block in self.blocks for verdict in verdicts)

    def number_in(self, part: ReviewPart) -> int:
        """Count what a part shows: rows, or doubtful countries."""
        if part is ReviewPart.COUNTRIES:
            return self.countries
        return sum(block.parts.get(part.value, 0) for block in self.blocks)

    @property
    def open_questions(self) -> int:
        """Count the rows that wait for an answer."""
        return self.count(RowVerdict.ASKED)

    @property
    def open_countries(self) -> int:
        """Count the rows whose country nobody has understood yet; they wait for nothing."""
        return sum(block.parts.get(ReviewPart.COUNTRIES.value, 0) for block in self.blocks)


@dataclass(frozen=True)
class KeptCountry:
    """A doubtful country with the names in a few of the rows that hold it, and how many there are."""

    question: CountryQuestion
    names: Mapping[int, str]
    rows: int


def blocks_of(
    session: Session, campaign_id: int, seen: Seen
) -> tuple[KeptReview, Iterator[tuple[BlockKind, Sequence[Any]]]]:
    """Return the numbers of a dry run, and its blocks one by one."""
    cells = {row.number: (row.cells, keys) for row, keys in zip(seen.sheet.rows, seen.keys, strict=True)}
    rows = list(rows_to_keep(session, campaign_id, seen.review, cells))
    counted = tuple(counts_of(part) for part in portions(rows, IN_ONE_BLOCK))
    countries = sorted(_countries(seen.review), key=lambda each: each.question.answer is not None)
    kept = KeptReview(
        seen.sheet.header, mark_in_words(seen.mark), counted, len(countries), tuple(left_out(seen.sheet, seen.plan)),
        _groups(rows),
    )  # fmt: skip
    parts: list[tuple[BlockKind, Sequence[Any], int]] = [
        (BlockKind.ROWS, rows, IN_ONE_BLOCK),
        (BlockKind.COUNTRIES, countries, IN_ONE_BLOCK),
        (BlockKind.FAMILIES, _families(seen.review.rows), _FAMILIES_IN_ONE_BLOCK),
    ]
    return kept, ((kind, part) for kind, items, most in parts for part in portions(items, most))


def rows_to_keep(
    session: Session, campaign_id: int, review: Review, came: Mapping[int, tuple[tuple[str, ...], RowKeys]]
) -> Iterator[KeptRow]:
    """Yield the rows of a dry run with what writing them needs; `came` holds the cells and keys by row."""
    additions = dict(review.additions)
    drawn = {number: new_public_id() for number in additions}
    changed_at = _changed_at(session, campaign_id, list(review.after))
    to_write = dict(review.after)
    for row in review.rows:
        kept = KeptRow(row, *came[row.number])
        if row.number in drawn:
            yield replace(kept, leads_to=drawn[row.number], result=additions[row.number])
        elif row.verdict is RowVerdict.REPEAT:
            yield replace(kept, leads_to=drawn[int(row.target.removeprefix("row:"))])
        elif row.verdict is RowVerdict.UPDATE:
            result, seen_at = to_write.pop(row.target, None), changed_at.get(row.target)
            yield replace(kept, leads_to=row.target, result=result, seen_at=seen_at)
        else:
            yield replace(kept, leads_to=row.target)


def counts_of(rows: Sequence[KeptRow]) -> BlockCounts:
    """Count the rows of a block."""
    parts = {part.value: sum(belongs(row.reviewed, part) for row in rows) for part in ReviewPart}
    verdicts = Counter(row.reviewed.verdict.value for row in rows)
    ordered = {
        part.value: tuple(row.reviewed.number for row in rows if belongs(row.reviewed, part))
        for part in ReviewPart
        if part.is_ordered and parts[part.value]
    }
    return BlockCounts(rows[0].reviewed.number, rows[-1].reviewed.number, parts, verdicts, ordered)


def _changed_at(session: Session, campaign_id: int, public_ids: Sequence[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for part in portions(public_ids):
        rows = session.execute(
            select(Signatory.public_id, Signatory.changed_at).where(
                belongs_to(Signatory.campaign_id, campaign_id), Signatory.public_id.in_(part)
            )
        )
        found |= {row.public_id: row.changed_at for row in rows}
    return found


def _groups(rows: Iterable[KeptRow]) -> tuple[str, ...]:
    places = (place for row in rows if row.result is not None for place in row.result.places)
    spellings: dict[str, str] = {}
    for place in places:
        spellings.setdefault(same_name_key(place.group), place.group)  # the first spelling stays
    return tuple(spellings.values())


def _countries(review: Review) -> Iterator[KeptCountry]:
    names = {row.number: row.entry.details.name for row in review.rows if row.country_text}
    for question in review.countries:
        few = question.rows[:_MOST_NAMED]
        named = {number: names.get(number, "") for number in few}
        yield KeptCountry(replace(question, rows=few), named, len(question.rows))


def _families(rows: Iterable[Reviewed]) -> list[list[int]]:
    """Return the rows that depend on each other: by an entry, or by a row, that each of them may go to."""
    leads: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := leads.setdefault(node, node)) != node:
            leads[node] = leads[above]
            node = above
        return node

    members: dict[str, list[int]] = defaultdict(list)
    linked = [row for row in rows if row.possible or row.known]
    for row in linked:
        for answer in [one.answer for one in row.possible] or [f"same:{row.target}"]:
            leads[root(answer)] = root(f"row:{row.number}")
    for row in linked:
        members[root(f"row:{row.number}")].append(row.number)
        for one in row.possible:
            if one.row is not None:
                members[root(f"row:{row.number}")].append(one.row)
    families = (sorted(set(numbers)) for numbers in members.values())
    return [family for family in families if len(family) > 1]


def mark_in_words(mark: Sequence[object]) -> str:
    """Return the mark of a directory, without that of the decisions."""
    *directory, _plan = mark
    return " ".join(str(each) for each in directory)
