"""Finds who may be in a list twice, or already in the directory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.base.addresses import canonical
from app.directory.matching.census import Census
from app.directory.matching.judging import Standing, judge
from app.directory.matching.keys import KeyedName, bucket_keys, keyed, wanted_by
from app.directory.matching.states import Candidate, Likeness, Match

_MOST_IN_A_BUCKET = 20
_MOST_ACROSS_SCRIPTS = 100
_MOST_MATCHES = 5
# What namesakes score, whatever else is said.
_SAME_NAME = 99.0
# Two people with one address are perhaps one; more are an office.
_MOST_AT_AN_ADDRESS = 2


def find_all(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> tuple[list[Match], list[Match]]:
    """Return what `find_duplicates` and `find_repeats` do, computing each row's keys once."""
    left, right = [keyed(row) for row in rows], [keyed(entry) for entry in entries]
    census = Census([*left, *right])
    return _Search(left, right, census, False).matches(), _Search(left, left, census, True).matches()


def find_duplicates(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> list[Match]:
    """Return for each row its best few matches among the directory's entries, exact ones first."""
    left, right = [keyed(row) for row in rows], [keyed(entry) for entry in entries]
    return _Search(left, right, Census([*left, *right]), False).matches()


def find_repeats(rows: Sequence[Candidate]) -> list[Match]:
    """Return for each row its matches among the rows before it."""
    left = [keyed(row) for row in rows]
    return _Search(left, left, Census(left), True).matches()


class _Search:
    """Compares each name of a list with those that share a key with it."""

    def __init__(self, left: list[KeyedName], right: list[KeyedName], census: Census, within: bool) -> None:
        self._left, self._right, self._census, self._within = left, right, census, within
        self._wanted = wanted_by(left)
        self._asked = self._wanted if within else wanted_by(right)
        self._keys = [list(dict.fromkeys(bucket_keys(item, self._wanted))) for item in right]
        self._buckets = self._in_buckets()
        # Rows that say the same are one person written twice; entries of the directory are separate people.
        self._names_left = Counter(item.name for item in {(item.name, *item.says): item for item in left}.values())
        self._names_right = self._names_left if within else Counter(item.name for item in right)
        self._addresses = self._people_by_address()

    def matches(self) -> list[Match]:
        """Return the best few matches of each row."""
        found: list[Match] = []
        for index, one in enumerate(self._left):
            standing = self._standing(one)
            matches = []
            for other in self._sharing_a_key(index):
                verdict = judge(one, self._right[other], standing, self._census)
                if verdict:
                    evidence = verdict.evidence
                    matches.append(
                        Match(
                            index,
                            other,
                            verdict.likeness,
                            verdict.ground,
                            verdict.score,
                            evidence.agrees,
                            evidence.differs,
                        )
                    )
            matches = _namesakes_first(matches)
            matches.sort(key=lambda match: (match.likeness is not Likeness.EXACT, -match.score, match.right))
            found.extend((self._first_of_each(one, matches) if self._within else _unambiguous(matches))[:_MOST_MATCHES])
        return found

    def _first_of_each(self, one: KeyedName, matches: list[Match]) -> list[Match]:
        """Within a list, the rows that a row repeats repeat each other: the first stands for them."""
        repeated = {match.right for match in matches if self._right[match.right].name == one.name and not match.differs}
        return [match for match in matches if match.right not in repeated or match.right == min(repeated)]

    def _standing(self, one: KeyedName) -> Standing:
        once = 2 if self._within else 1
        return Standing(
            self._names_left[one.name] <= once,
            self._names_right[one.name] <= once,
            len(self._addresses[canonical(one.candidate.email)]) > _MOST_AT_AN_ADDRESS,
        )

    def _people_by_address(self) -> dict[str, set[str]]:
        people: dict[str, set[str]] = defaultdict(set)
        for item in (*self._left, *self._right):
            if item.candidate.email:
                people[canonical(item.candidate.email)].add(item.name)
        return people

    def _in_buckets(self) -> dict[str, list[int]]:
        buckets: dict[str, list[int]] = defaultdict(list)
        for index, keys in enumerate(self._keys):
            for key in keys:
                buckets[key].append(index)
        return buckets

    def _sharing_a_key(self, index: int) -> Iterator[int]:
        """Yield whom a row is compared with; within a list, the rows before it."""
        seen: set[int] = set()
        keys = self._keys[index] if self._within else dict.fromkeys(bucket_keys(self._left[index], self._asked))
        for key in keys:
            most = _MOST_ACROSS_SCRIPTS if key[0] in "hjx" else _MOST_IN_A_BUCKET
            for other in self._buckets.get(key, ())[:most]:
                if self._within and other >= index:
                    break
                if other not in seen:
                    seen.add(other)
                    yield other


def _namesakes_first(matches: list[Match]) -> list[Match]:
    """Where somebody of the very name is there and nothing differs, nobody else is asked about."""
    namesakes = [match for match in matches if match.score >= _SAME_NAME and not match.differs]
    return [match for match in matches if match.score >= _SAME_NAME] if namesakes else matches


def _unambiguous(matches: list[Match]) -> list[Match]:
    """Two exact matches for one row settle nothing: both are then only likely."""
    exact = [match for match in matches if match.likeness is Likeness.EXACT]
    if len(exact) < 2:
        return matches
    return [replace(match, likeness=Likeness.LIKELY) for match in matches]
