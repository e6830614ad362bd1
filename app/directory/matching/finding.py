"""Finds who may be in a list twice, or already in the directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from app.directory.matching.judging import judge
from app.directory.matching.keys import KeyedName, bucket_keys, keyed
from app.directory.matching.states import Candidate, Likeness, Match

_MOST_IN_A_BUCKET = 20
_MOST_MATCHES = 5


def find_all(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> tuple[list[Match], list[Match]]:
    """Return what `find_duplicates` and `find_repeats` do, computing each row's keys once."""
    left, right = [keyed(row) for row in rows], [keyed(entry) for entry in entries]
    return _all_matches(left, right, within=False), _all_matches(left, left, within=True)


def find_duplicates(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> list[Match]:
    """Return for each row its best few matches among the directory's entries, exact ones first."""
    return find_all(rows, entries)[0]


def find_repeats(rows: Sequence[Candidate]) -> list[Match]:
    """Return for each row its matches among the rows before it."""
    return find_all(rows, ())[1]


def _all_matches(left: Sequence[KeyedName], right: Sequence[KeyedName], within: bool) -> list[Match]:
    buckets = _buckets(right)
    # Rows that say the same are one person written twice; entries of the directory are separate people.
    names_left = _counts({(item.name, *item.says): item for item in left}.values())
    names_right = names_left if within else _counts(right)
    found: list[Match] = []
    once = 2 if within else 1
    for index, one in enumerate(left):
        alone = max(names_left[one.name], names_right[one.name]) <= once
        matches = []
        for other in _candidates(one, buckets, index if within else None):
            judged = judge(one, right[other], alone)
            if judged:
                matches.append(Match(index, other, *judged))
        matches.sort(key=lambda match: (match.likeness is not Likeness.EXACT, -match.score, match.right))
        found.extend((_first_exact(matches) if within else _unambiguous(matches))[:_MOST_MATCHES])
    return found


def _unambiguous(matches: list[Match]) -> list[Match]:
    """Two exact matches for one row settle nothing: both are then only likely."""
    exact = [match for match in matches if match.likeness is Likeness.EXACT]
    if len(exact) < 2:
        return matches
    return [Match(m.left, m.right, Likeness.LIKELY, m.ground, m.score) for m in matches]


def _first_exact(matches: list[Match]) -> list[Match]:
    """Within a list, the rows a row repeats repeat each other: the first stands for them."""
    exact = [match for match in matches if match.likeness is Likeness.EXACT]
    return exact[:1] or matches


def _counts(items: Iterable[KeyedName]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for item in items:
        counts[item.name] += 1
    return counts


def _buckets(items: Sequence[KeyedName]) -> dict[str, list[int]]:
    buckets: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for key in set(bucket_keys(item)):
            buckets[key].append(index)
    return buckets


def _candidates(item: KeyedName, buckets: dict[str, list[int]], before: int | None) -> Iterator[int]:
    seen: set[int] = set()
    for key in dict.fromkeys(bucket_keys(item)):
        bucket = buckets.get(key, ())
        taken = 0
        for index in bucket:
            if before is not None and index >= before:
                break
            if index in seen:
                continue
            if taken == _MOST_IN_A_BUCKET:
                break
            taken += 1
            seen.add(index)
            yield index
