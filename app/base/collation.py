"""In which order the readers of a language look for names: CLDR's rules, as bytes that every database sorts alike.

SQLite knows no language and PostgreSQL's collations depend on how it was built, so keys are made here (ADR 33).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import icu

# Keys of another edition may differ: what is stored is made anew when it changes.
EDITION = f"icu {icu.ICU_VERSION}"
# Longer ones are cut: PostgreSQL indexes no value above 2,700 bytes, and 240 tell some eighty letters apart.
LONGEST_KEY = 240
# CLDR's separator of fields: it sorts before everything, so that "Berg, Zoe" comes before "Berg Dahl, Anna", and
# accents of the first field count only where all letters of the others are the same.
_BETWEEN = "\ufffe"


def collation_key(fields: Iterable[str], language: str) -> bytes:
    """Return a key that sorts as CLDR sorts these fields, one after the other, in a language (BCP 47).

    A language that CLDR has no rules for gets those that are common to all. Keys compare within one language only.
    """
    return bytes(_collator(language).getSortKey(_BETWEEN.join(fields)))[:LONGEST_KEY]


@cache
def _collator(language: str) -> icu.Collator:
    return icu.Collator.createInstance(icu.Locale.forLanguageTag(language))
