"""Judges whether two names are of one person or body."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from app.base.addresses import is_same
from app.base.romanisation import consonants, romanised
from app.directory.matching.keys import KeyedName, folded_text, keyed
from app.directory.matching.states import Candidate, Ground, Likeness

# Measured on invented look-alikes: "Jon Smith" and "John Smith" 95, "Anna Berg" and "Hanna Berg" 95, "Anna Berg" and
# "Anja Berg" 89, "Petra Holm" and "Peter Holm" 90, "Maria Rossi" and "Mario Rossi" 91, "Ana Lopes" and "Luis Lopes" 74.
_ALIKE_PERCENT = 88
ALIKE_ACROSS_SCRIPTS_PERCENT = 62


def is_same_name(one: str, other: str) -> bool:
    """Tell whether `one` can be another spelling of `other`, or a shorter form of it.

    Case, accents, spaces, titles, order, initials, another script and a slip of a letter make no other name; a word
    that stands nowhere in the other one does.
    """
    mine, theirs = keyed(Candidate(one)), keyed(Candidate(other))
    if mine.name == theirs.name or alike(mine, theirs) is not None:
        return True
    return len(mine.words) <= len(theirs.words) and _is_part(mine.words, theirs.words)


def _is_part(short: Sequence[str], long: Sequence[str]) -> bool:
    """Tell whether each word of a shorter name stands for another one of the longer, and one of them in full."""
    left = list(long)
    for word in short:
        found = next((full for full in left if stands_for(word, full) or _sounds_like(word, full)), None)
        if found is None:
            return False
        left.remove(found)
    return any(len(word) > 1 for word in short)


def _sounds_like(word: str, full: str) -> bool:
    one, other = romanised(word), romanised(full)
    if len(one) == 1:
        return other.startswith(one)
    same = bool(consonants(word)) and consonants(word) == consonants(full)
    return same and fuzz.ratio(one, other) >= ALIKE_ACROSS_SCRIPTS_PERCENT


def judge(one: KeyedName, other: KeyedName, alone: bool) -> tuple[Likeness, Ground, float] | None:
    """Say how sure two candidates are the same and why, or None. `alone`: nobody else bears the name."""
    mine, theirs = one.candidate, other.candidate
    same_address = bool(mine.email) and is_same(mine.email, theirs.email)
    if one.name == other.name:
        return _judge_same_name(mine, theirs, same_address, alone)
    ground_and_score = alike(one, other)
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
    return bool(one and other) and folded_text(one) != folded_text(other)


def _agrees(one: str, other: str) -> bool:
    return bool(one and other) and folded_text(one) == folded_text(other)


def alike(one: KeyedName, other: KeyedName) -> tuple[Ground, float] | None:
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
            if fuzz.ratio(one.rough, other.rough) >= ALIKE_ACROSS_SCRIPTS_PERCENT:
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
    return all(any(stands_for(word, full) for full in rest) for word in short[:-1])


def stands_for(word: str, full: str) -> bool:
    """Tell whether two words are the same, or one the initial of the other."""
    return word == full or (1 in (len(word), len(full)) and word[:1] == full[:1])


def _scripts_comparable(one: KeyedName, other: KeyedName) -> bool:
    """In Chinese, Japanese and Korean one letter is a syllable: a different one is a different name."""
    return one.rough.isascii() and other.rough.isascii()


@lru_cache(maxsize=65536)
def _scripts(folded: str) -> str:
    return "latin" if folded.isascii() else "other"
