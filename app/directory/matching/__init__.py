"""Finds who may be in a list twice, or already in the directory. It only ever proposes; a person decides.

*Exact* means that nothing speaks against it and something speaks for it: the same name (case and spaces aside) with the
same country or affiliation, or with the same address, and nobody else of that name on either side. Everything softer
(accents, word order, titles, initials, another script, a misspelling, an address shared) is *likely*.

Names are put into buckets by keys, so that 10,000 rows against 10,000 entries need no 100 million comparisons.
"""
