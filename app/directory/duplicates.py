"""Finds who may be in a list twice, or already in the directory. It only ever proposes; a person decides.

*Exact* means that nothing speaks against it and something speaks for it: the same name (case and spaces aside) with the
same country or affiliation, or with the same address, and nobody else of that name on either side. Everything softer
(accents, word order, titles, initials, another script, a misspelling, an address shared) is *likely*.

Names are put into buckets by keys, so that 10,000 rows against 10,000 entries need no 100 million comparisons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz

from app.base.addresses import canonical, is_same
from app.base.names import comparison_key, confusables_folded, same_name_key
from app.base.romanisation import consonants, romanised

# Measured on invented look-alikes: "Jon Smith" and "John Smith" 95, "Anna Berg" and "Hanna Berg" 95, "Anna Berg" and
# "Anja Berg" 89, "Petra Holm" and "Peter Holm" 90, "Maria Rossi" and "Mario Rossi" 91, "Ana Lopes" and "Luis Lopes" 74.
_ALIKE_PERCENT = 88
_ALIKE_ACROSS_SCRIPTS_PERCENT = 62
_MOST_IN_A_BUCKET = 20
_MOST_MATCHES = 5
# Words around a name that are not the name; a title alone makes nobody another person.
_TITLES = frozenset(comparison_key("""
    dr prof professor mr mrs ms miss sir dame hon rev fr sr jr phd md msc ba ma llm esq mep mp dott dottssa ing dipl
    herr frau mme mlle don dona sheikh ustadh проф доктор профессор професор пан пані госпожа the ev gmbh ggmbh
    inc ltd llc asbl aisbl vzw ngo foundation stiftung
""").split())  # fmt: skip


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


@dataclass(frozen=True)
class _Keyed:
    """A candidate with what it is compared by, computed once."""

    candidate: Candidate
    name: str
    folded: str
    words: tuple[str, ...]
    lookalike: str
    rough: str
    sounds: tuple[str, ...]
    says: tuple[str, ...]


def find_all(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> tuple[list[Match], list[Match]]:
    """Return what `find_duplicates` and `find_repeats` do, computing each row's keys once."""
    left, right = [_keyed(row) for row in rows], [_keyed(entry) for entry in entries]
    return _all_matches(left, right, within=False), _all_matches(left, left, within=True)


def find_duplicates(rows: Sequence[Candidate], entries: Sequence[Candidate]) -> list[Match]:
    """Return for each row its best few matches among the directory's entries, exact ones first."""
    return find_all(rows, entries)[0]


def find_repeats(rows: Sequence[Candidate]) -> list[Match]:
    """Return for each row its matches among the rows before it."""
    return find_all(rows, ())[1]


def is_same_name(one: str, other: str) -> bool:
    """Tell whether `one` can be another spelling of `other`, or a shorter form of it.

    Case, accents, spaces, titles, order, initials, another script and a slip of a letter make no other name; a word
    that stands nowhere in the other one does.
    """
    mine, theirs = _keyed(Candidate(one)), _keyed(Candidate(other))
    if mine.name == theirs.name or _alike(mine, theirs) is not None:
        return True
    return len(mine.words) <= len(theirs.words) and _is_part(mine.words, theirs.words)


def _is_part(short: Sequence[str], long: Sequence[str]) -> bool:
    """Tell whether each word of a shorter name stands for another one of the longer, and one of them in full."""
    left = list(long)
    for word in short:
        found = next((full for full in left if _stands_for(word, full) or _sounds_like(word, full)), None)
        if found is None:
            return False
        left.remove(found)
    return any(len(word) > 1 for word in short)


def _sounds_like(word: str, full: str) -> bool:
    one, other = romanised(word), romanised(full)
    if len(one) == 1:
        return other.startswith(one)
    same = bool(consonants(word)) and consonants(word) == consonants(full)
    return same and fuzz.ratio(one, other) >= _ALIKE_ACROSS_SCRIPTS_PERCENT


def _all_matches(left: Sequence[_Keyed], right: Sequence[_Keyed], within: bool) -> list[Match]:
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
            judged = _judge(one, right[other], alone)
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


def _counts(items: Iterable[_Keyed]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for item in items:
        counts[item.name] += 1
    return counts


def _keyed(candidate: Candidate) -> _Keyed:
    folded = comparison_key(candidate.name)
    words = tuple(word for word in folded.split() if word not in _TITLES) or tuple(folded.split())
    rough = " ".join(sorted(romanised(word) for word in words))
    sounds = tuple(sorted(consonants(word) or romanised(word) for word in words))
    lookalike = confusables_folded(folded)
    says = (_folded(candidate.country), _folded(candidate.affiliation), canonical(candidate.email))
    return _Keyed(candidate, same_name_key(candidate.name), folded, words, lookalike, rough, sounds, says)


def _bucket_keys(item: _Keyed) -> Iterator[str]:
    """Yield the keys of a candidate: two that share one are compared.

    Pairs of sounds keep the buckets of common given names small.
    """
    yield "n" + item.name
    yield "c" + item.lookalike
    if item.candidate.email:
        yield "@" + canonical(item.candidate.email)
    yield "w" + "".join(sorted(item.words))
    yield "s" + " ".join(item.sounds)
    if len(item.words) < 2:
        return
    for one, other in combinations(sorted({sound[:3] for sound in item.sounds}), 2):
        yield f"p{one} {other}"
    for word in (item.words[0], item.words[-1]):
        rest = item.words[0] if word is item.words[-1] else item.words[-1]
        yield f"i{romanised(word)} {romanised(rest)[:1]}"


def _buckets(items: Sequence[_Keyed]) -> dict[str, list[int]]:
    buckets: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for key in set(_bucket_keys(item)):
            buckets[key].append(index)
    return buckets


def _candidates(item: _Keyed, buckets: dict[str, list[int]], before: int | None) -> Iterator[int]:
    seen: set[int] = set()
    for key in dict.fromkeys(_bucket_keys(item)):
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


def _judge(one: _Keyed, other: _Keyed, alone: bool) -> tuple[Likeness, Ground, float] | None:
    mine, theirs = one.candidate, other.candidate
    same_address = bool(mine.email) and is_same(mine.email, theirs.email)
    if one.name == other.name:
        return _judge_same_name(mine, theirs, same_address, alone)
    ground_and_score = _alike(one, other)
    if ground_and_score and not _kinds_differ(mine, theirs):
        return Likeness.LIKELY, *ground_and_score
    if same_address:
        return Likeness.LIKELY, Ground.SHARED_ADDRESS, 50.0
    return None


def _judge_same_name(
    mine: Candidate, theirs: Candidate, same_address: bool, alone: bool
) -> tuple[Likeness, Ground, float]:
    if same_address and not _kinds_differ(mine, theirs):
        return Likeness.EXACT, Ground.SAME_ADDRESS, 100.0
    if _contradicts(mine, theirs) or not alone:
        return Likeness.LIKELY, Ground.OTHER_DETAILS, 99.0
    if _agrees(mine.country, theirs.country) or _agrees(mine.affiliation, theirs.affiliation):
        return Likeness.EXACT, Ground.SAME_DETAILS, 100.0
    return Likeness.EXACT, Ground.ONLY_NAME, 100.0


def _kinds_differ(mine: Candidate, theirs: Candidate) -> bool:
    return None not in (mine.is_organisation, theirs.is_organisation) and mine.is_organisation != theirs.is_organisation


def _contradicts(mine: Candidate, theirs: Candidate) -> bool:
    return (
        _kinds_differ(mine, theirs)
        or _differ(mine.country, theirs.country)
        or _differ(mine.affiliation, theirs.affiliation)
        or _differ(mine.email, theirs.email)
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and _folded(one) != _folded(other)


def _agrees(one: str, other: str) -> bool:
    return bool(one and other) and _folded(one) == _folded(other)


def _alike(one: _Keyed, other: _Keyed) -> tuple[Ground, float] | None:
    """Say in what two different spellings are alike, most telling first."""
    if one.folded == other.folded or "".join(one.folded.split()) == "".join(other.folded.split()):
        return Ground.SPELLING, 98.0
    if one.lookalike == other.lookalike:
        return Ground.LOOKALIKE, 98.0
    if one.words == other.words:
        return Ground.TITLE, 97.0
    if sorted(one.words) == sorted(other.words):
        return Ground.WORD_ORDER, 97.0
    if len(one.words) > 1 and len(other.words) > 1:
        if _initials_agree(one.words, other.words):
            return Ground.INITIALS, 92.0
        if one.sounds == other.sounds and _scripts(one.folded) != _scripts(other.folded):
            if fuzz.ratio(one.rough, other.rough) >= _ALIKE_ACROSS_SCRIPTS_PERCENT:
                return Ground.SCRIPT, 90.0
            return None
    score = fuzz.ratio(one.rough, other.rough, score_cutoff=_ALIKE_PERCENT)
    return (Ground.SPELLING, score) if score and _scripts_comparable(one, other) else None


def _initials_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell "F. Brandt" and "Frank K. Brandt" to be alike: the shorter fits into the longer, in order."""
    short, long = sorted((one, other), key=len)
    if len(short) == len(long) and all(min(len(a), len(b)) > 1 for a, b in zip(short, long, strict=True)):
        return False
    if len(short[-1]) < 3 or romanised(short[-1]) != romanised(long[-1]):
        return False
    rest = iter(long[:-1])
    return all(any(_stands_for(word, full) for full in rest) for word in short[:-1])


def _stands_for(word: str, full: str) -> bool:
    return word == full or (1 in (len(word), len(full)) and word[:1] == full[:1])


def _scripts_comparable(one: _Keyed, other: _Keyed) -> bool:
    """In Chinese, Japanese and Korean one letter is a syllable: a different one is a different name."""
    return one.rough.isascii() and other.rough.isascii()


@lru_cache(maxsize=65536)
def _folded(text: str) -> str:
    return comparison_key(text)


@lru_cache(maxsize=65536)
def _scripts(folded: str) -> str:
    return "latin" if folded.isascii() else "other"
