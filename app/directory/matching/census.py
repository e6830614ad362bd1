"""How often words and details occur in a list and the directory together: what is rare tells more than the rest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from app.directory.matching.bodies import rarity_among
from app.directory.matching.keys import KeyedName, folded_text
from app.directory.matching.states import Detail

# In each of two lists once, and once by mistake.
_RARE = 3
# A small list can't tell how common a detail is elsewhere: it counts as if it stood beside this many other people.
_OTHERS = 50
# Two chance namesakes share a country far more often than a short list makes it look.
_MOST_BITS = {Detail.COUNTRY: 3.0}


class Census:
    """Counts words by the names that hold them, and details by the different names that are said to have them."""

    def __init__(self, items: Iterable[KeyedName]) -> None:
        names: dict[str, tuple[str, ...]] = {}
        details: set[tuple[Detail | int, str, str]] = set()
        for item in items:
            names[item.name] = item.words
            one = item.candidate
            details.add((Detail.COUNTRY, folded_text(one.country), item.name))
            details.add((Detail.AFFILIATION, folded_text(one.affiliation), item.name))
            details.update((column, folded_text(value), item.name) for column, value in one.columns)
        self._names = len(names)
        self._words = Counter(word for words in names.values() for word in set(words))
        self._details = Counter((kind, value) for kind, value, _ in details if value)

    def is_rare(self, word: str) -> bool:
        """Tell whether hardly anybody's name holds a word: a misspelling is rare, another name often is not."""
        return self._words[word] <= _RARE

    def rarity(self, word: str) -> float:
        """Return how much a word tells, from 0 (it stands in every name) to 1."""
        return rarity_among(self._words[word], self._names)

    def chance_of(self, words: Iterable[str]) -> float:
        """Return how many people are to be expected who bear all these words by chance."""
        total = max(self._names, 1000)
        return total * math.prod(max(self._words[word], 1) / total for word in words)

    def bits(self, detail: Detail | int, value: str) -> float:
        """Return how much it tells that two namesakes agree in a detail: 5 bits happen by chance once in 32 times."""
        borne = self._details[(detail, folded_text(value))] or 1
        told = math.log2((self._names + _OTHERS) / borne)
        return min(told, _MOST_BITS.get(detail, told)) if isinstance(detail, Detail) else told
