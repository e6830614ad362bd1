"""What a name is compared by, and the keys that bring two names together: only those that share one are compared.

Keys for other scripts and for initials are made only where the other side has such names: a plain list pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, pairwise, product

from app.base.addresses import canonical
from app.base.names import comparison_key, confusables_folded, same_name_key
from app.directory.matching.bodies import looks_like_a_body, own_words
from app.directory.matching.han import in_one_shape
from app.directory.matching.identity import is_nobody, names_somebody, without_titles
from app.directory.matching.kana import as_hiragana
from app.directory.matching.people import sound_of
from app.directory.matching.scripts import Script, script_of
from app.directory.matching.spellings import family_names_of, sounds_of, spellings_of_sign
from app.directory.matching.states import Candidate

_MOST_PAIRS = 6
_MOST_SOUNDS = 4
_MOST_ACROSS = 128


@dataclass(frozen=True)
class KeyedName:
    """A candidate with what it is compared by, computed once."""

    candidate: Candidate
    name: str
    folded: str
    words: tuple[str, ...]
    lookalike: str
    sounds: tuple[str, ...]
    joined: str
    script: Script
    is_body: bool
    is_nobody: bool
    names_somebody: bool
    says: tuple[object, ...]


@dataclass(frozen=True)
class Wanted:
    """Which keys the other side makes necessary."""

    native: bool = False
    latin: bool = False
    initials: bool = False


def keyed(candidate: Candidate) -> KeyedName:
    """Work out what a candidate is compared by."""
    folded = comparison_key(candidate.name)
    words = without_titles(candidate.name, folded)
    if not folded.isascii():
        words = tuple(as_hiragana(in_one_shape(word)) for word in words)
    scripts = {script_of(word) for word in words}
    details = (folded_text(candidate.country), folded_text(candidate.affiliation), canonical(candidate.email))
    columns = tuple((column, folded_text(value)) for column, value in candidate.columns)
    return KeyedName(
        candidate,
        same_name_key(candidate.name),
        folded,
        words,
        confusables_folded(folded),
        tuple(sorted(sound_of(word) for word in words)),
        "".join(words),
        next(iter(sorted(scripts - {Script.LATIN})), Script.LATIN),
        candidate.is_organisation is True or looks_like_a_body(words),
        is_nobody(folded),
        names_somebody(candidate.name, folded),
        (*details, columns),
    )


def wanted_by(items: list[KeyedName]) -> Wanted:
    """Return which keys are needed to be found by these names."""
    return Wanted(
        native=any(item.script is not Script.LATIN for item in items),
        latin=any(item.script is Script.LATIN for item in items),
        initials=any(len(word) == 1 for item in items for word in item.words),
    )


def bucket_keys(item: KeyedName, wanted: Wanted) -> Iterator[str]:
    """Yield the keys of a candidate, the most telling ones first."""
    yield "n" + item.name
    yield "c" + item.lookalike
    if item.candidate.email:
        yield "@" + canonical(item.candidate.email)
    yield "w" + item.joined
    if item.is_body:
        yield from _body_keys(item)
    if len(item.words) > 1 and not item.is_body:
        yield from _person_keys(item, wanted)
    if (item.script is Script.LATIN and wanted.native) or (item.script is not Script.LATIN and wanted.latin):
        yield from islice(_across(item), _MOST_ACROSS)


def _body_keys(item: KeyedName) -> Iterator[str]:
    for word in own_words(item.words):
        yield f"o{sound_of(word)[:5]}"


def _person_keys(item: KeyedName, wanted: Wanted) -> Iterator[str]:
    """Yield pairs of sounds, and one whole word with either end of another one, which may have a slip."""
    for one, other in islice(combinations(item.sounds, 2), _MOST_PAIRS):
        yield f"s{one} {other}"
    first, last = item.words[0], item.words[-1]
    for whole, part in ((first, last), (last, first)):
        yield f"p{whole} {part[:2]}"
        yield f"q{whole} {part[:1]}{part[-2:]}"
        if wanted.initials or len(part) == 1:
            yield f"i{whole} {part[:1]}"


def _across(item: KeyedName) -> Iterator[str]:
    """Yield keys that a name shares with its spellings in other scripts."""
    if item.script.has_family_name_first:
        for families, given in family_names_of("".join(item.words)):
            starts = sorted({spelt[:1] for spelt in spellings_of_sign(given[0])})
            yield from (f"h{family.replace(' ?', '')} {start}" for family in families for start in starts)
        return
    words = item.words
    if item.script is Script.LATIN and len(words) > 1:
        yield from (f"h{family} {start}" for family, start in _family_first_or_last(words))
    if item.script in (Script.LATIN, Script.KANA):
        yield f"j{_joined_sound(words)}"
    for one, other in islice(combinations([*words, *_joined(words)], 2), 3 * _MOST_PAIRS):
        yield from (
            f"x{min(pair)}/{max(pair)}"
            for pair in product(sounds_of(one)[:_MOST_SOUNDS], sounds_of(other)[:_MOST_SOUNDS])
        )


def _family_first_or_last(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what can be a Chinese or Korean family name, and the first letter of the given name beside it.

    Before both, a further name may stand that was chosen for readers of Latin letters.
    """
    for own in (words, words[1:]):
        if len(own) > 1:
            yield own[0], own[1][:1]
            yield own[-1], own[0][:1]
        if len(own) > 2:
            yield own[0] + own[1], own[2][:1]
            yield own[-2] + own[-1], own[0][:1]


def _joined(words: tuple[str, ...]) -> list[str]:
    """Return neighbours written as one, which in another script they may be ("Mohammad Reza")."""
    return [a + b for a, b in pairwise(words)] if len(words) > 2 else []


def _joined_sound(words: tuple[str, ...]) -> str:
    return "".join(sorted("".join(sounds_of(word)[0] for word in words)))


@lru_cache(maxsize=65536)
def folded_text(text: str) -> str:
    """Return the comparison key of a text, remembered."""
    return comparison_key(text)
