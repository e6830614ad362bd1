"""Judges whether two names are of one person or body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.directory.matching.bodies import is_one_body
from app.directory.matching.census import Census
from app.directory.matching.evidence import Weighing, evidence_of, kinds_differ
from app.directory.matching.keys import KeyedName, keyed
from app.directory.matching.people import has_each_word, is_called_alike, is_spelt_alike, sound_of
from app.directory.matching.scripts import Script, script_of
from app.directory.matching.spellings import is_spelt, read_aloud
from app.directory.matching.states import Candidate, Detail, Ground, Likeness

# So many chance namesakes of a shorter form of a name are too many to ask about each.
_MOST_BY_CHANCE = 0.1
_SHORTEST_FAMILY_NAME = 3


@dataclass(frozen=True)
class Judgement:
    """What two candidates are to each other."""

    likeness: Likeness
    ground: Ground
    score: float
    evidence: Weighing


@dataclass(frozen=True)
class Standing:
    """Who else bears a row's name: other rows that say something else, other entries; and whose address is shared."""

    is_alone_in_list: bool
    is_alone_in_directory: bool
    shares_address: bool = False

    @property
    def is_alone(self) -> bool:
        """Tell whether nobody else bears the name."""
        return self.is_alone_in_list and self.is_alone_in_directory


def judge(one: KeyedName, other: KeyedName, standing: Standing, census: Census) -> Judgement | None:
    """Say how sure two candidates are the same and why, or None."""
    is_body = one.is_body or other.is_body
    if not is_body and not (one.names_somebody and other.names_somebody):
        return _judge_unnamed(one, other, evidence_of(one, other, census))
    if one.name == other.name:
        return _judge_same_name(evidence_of(one, other, census), standing)
    found = alike(one, other, census)
    if found and not kinds_differ(one.candidate, other.candidate):
        return Judgement(Likeness.LIKELY, *found, evidence_of(one, other, census))
    return _judge_address(evidence_of(one, other, census), standing) if one.candidate.email else None


def _judge_same_name(evidence: Weighing, standing: Standing) -> Judgement:
    """Take namesakes for one only where something else agrees, nothing differs and nobody else bears the name."""
    if Detail.EMAIL in evidence.agrees and evidence.is_proof and standing.is_alone_in_list:
        return Judgement(Likeness.EXACT, Ground.SAME_ADDRESS, 100.0, evidence)
    if evidence.differs or not standing.is_alone:
        return Judgement(Likeness.LIKELY, Ground.OTHER_DETAILS, 99.0, evidence)
    if evidence.is_proof:
        return Judgement(Likeness.EXACT, Ground.SAME_DETAILS, 100.0, evidence)
    return Judgement(Likeness.LIKELY, Ground.ONLY_NAME, 99.5, evidence)


def _judge_unnamed(one: KeyedName, other: KeyedName, evidence: Weighing) -> Judgement | None:
    """ "Anonymous" and a lone first name are no identity: without more than the name there is nothing to ask."""
    if one.sounds != other.sounds:
        return None
    if Detail.EMAIL in evidence.agrees:
        return Judgement(Likeness.LIKELY, Ground.SAME_ADDRESS, 98.0, evidence)
    if evidence.is_proof and not (one.is_nobody or other.is_nobody):
        return Judgement(Likeness.LIKELY, Ground.SAME_DETAILS, 97.0, evidence)
    return None


def _judge_address(evidence: Weighing, standing: Standing) -> Judgement | None:
    """Ask about another name with the same address, unless it is an office's, which many have."""
    if Detail.EMAIL not in evidence.agrees or standing.shares_address:
        return None
    return Judgement(Likeness.LIKELY, Ground.SHARED_ADDRESS, 50.0, evidence)


def alike(one: KeyedName, other: KeyedName, census: Census) -> tuple[Ground, float] | None:
    """Say in what two different spellings are alike, most telling first."""
    if one.folded == other.folded or "".join(one.folded.split()) == "".join(other.folded.split()):
        return Ground.SPELLING, 98.0
    if one.lookalike == other.lookalike:
        return Ground.LOOKALIKE, 98.0
    if one.words == other.words:
        return Ground.TITLE, 97.0
    if one.is_body or other.is_body:
        share = is_one_body(one.words, other.words, census.rarity)
        return (Ground.BODY, 90.0 * share) if share else None
    if sorted(one.words) == sorted(other.words):
        return Ground.WORD_ORDER, 97.0
    if min(len(one.words), len(other.words)) > 1:
        return _alike_in_words(one, other, census)
    if Script.LATIN in (one.script, other.script) and one.script is not other.script and _across(one, other, census):
        return Ground.SCRIPT, 90.0
    return None


def _alike_in_words(one: KeyedName, other: KeyedName, census: Census) -> tuple[Ground, float] | None:
    if one.script is not other.script:
        return (Ground.SCRIPT, 90.0) if _across(one, other, census) else None
    if one.sounds == other.sounds or one.joined == other.joined:
        return Ground.SPELLING, 95.0
    if _initials_agree(one.words, other.words):
        return Ground.INITIALS, 92.0
    if is_spelt_alike(one.words, other.words, census.is_rare):
        return Ground.SPELLING, 91.0
    if _is_shorter(one, other, census):
        return Ground.FEWER_WORDS, 89.0
    return None


def _across(one: KeyedName, other: KeyedName, census: Census) -> bool:
    native, latin = (other, one) if one.script is Script.LATIN else (one, other)
    words = latin.words if latin.script is Script.LATIN else tuple(read_aloud(word) for word in latin.words)
    if is_called_alike(native.words, words, wholly=True):
        return True
    if len(one.words) == len(other.words) == 2:
        return False
    short = min(one, other, key=lambda item: len(item.words))
    return census.chance_of(short.words) <= _MOST_BY_CHANCE and is_called_alike(native.words, words, wholly=False)


def _is_shorter(one: KeyedName, other: KeyedName, census: Census) -> bool:
    """Tell whether one name is the other without some words, and too rare to be borne by two people by chance."""
    short, long = sorted((one, other), key=lambda item: len(item.words))
    left = list(long.sounds)
    for sound in short.sounds:
        if sound not in left:
            return False
        left.remove(sound)
    return len(short.words) < len(long.words) and census.chance_of(short.words) <= _MOST_BY_CHANCE


def _initials_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell "F. Brandt" and "Frank K. Brandt" to be alike: the shorter fits into the longer, in order."""
    short, long = sorted((one, other), key=len)
    if all(len(word) > 1 for word in (*short, *long)):
        return False
    if len(short[-1]) < _SHORTEST_FAMILY_NAME or sound_of(short[-1]) != sound_of(long[-1]):
        return False
    rest = iter(long[:-1])
    return all(any(_stands_for(word, full) for full in rest) for word in short[:-1])


def _stands_for(word: str, full: str) -> bool:
    return word == full or (1 in (len(word), len(full)) and word[:1] == full[:1])


def is_same_name(one: str, other: str) -> bool:
    """Tell whether `one` can be another spelling of `other`, or a shorter form of it.

    Case, accents, spaces, titles, order, initials, another script and a slip of a letter make no other name; a word
    that stands nowhere in the other one does.
    """
    mine, theirs = keyed(Candidate(one)), keyed(Candidate(other))
    if mine.name == theirs.name:
        return True
    found = alike(mine, theirs, Census([mine, theirs]))
    if found and found[0] is Ground.SCRIPT:
        return has_each_word(mine.words, theirs.words)
    if found and (found[0] is not Ground.FEWER_WORDS or len(mine.words) < len(theirs.words)):
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
    if script_of(word) is script_of(full):
        return sound_of(word) == sound_of(full)
    return read_aloud(full).startswith(read_aloud(word)) if len(word) == 1 else is_spelt(word, full)
