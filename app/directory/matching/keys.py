"""What a name is compared by, and the keys that bring two names together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from app.base.addresses import canonical
from app.base.names import comparison_key, confusables_folded, same_name_key
from app.base.romanisation import consonants, romanised
from app.directory.matching.states import Candidate

# Words around a name that are not the name; a title alone makes nobody another person.
_TITLES = frozenset(comparison_key("""
    dr prof professor mr mrs ms miss sir dame hon rev fr sr jr phd md msc ba ma llm esq mep mp dott dottssa ing dipl
    herr frau mme mlle don dona sheikh ustadh проф доктор профессор професор пан пані госпожа the ev gmbh ggmbh
    inc ltd llc asbl aisbl vzw ngo foundation stiftung
""").split())  # fmt: skip


@dataclass(frozen=True)
class KeyedName:
    """A candidate with what it is compared by, computed once."""

    candidate: Candidate
    name: str
    folded: str
    words: tuple[str, ...]
    lookalike: str
    rough: str
    sounds: tuple[str, ...]
    says: tuple[str, ...]


def keyed(candidate: Candidate) -> KeyedName:
    """Work out what a candidate is compared by."""
    folded = comparison_key(candidate.name)
    words = tuple(word for word in folded.split() if word not in _TITLES) or tuple(folded.split())
    rough = " ".join(sorted(romanised(word) for word in words))
    sounds = tuple(sorted(consonants(word) or romanised(word) for word in words))
    lookalike = confusables_folded(folded)
    says = (folded_text(candidate.country), folded_text(candidate.affiliation), canonical(candidate.email))
    return KeyedName(candidate, same_name_key(candidate.name), folded, words, lookalike, rough, sounds, says)


def bucket_keys(item: KeyedName) -> Iterator[str]:
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


@lru_cache(maxsize=65536)
def folded_text(text: str) -> str:
    """Return the comparison key of a text, remembered."""
    return comparison_key(text)
