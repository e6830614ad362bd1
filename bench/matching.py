"""Measure how well the same person is found in another script, and how rarely different people are taken for one.

Run it with `python -m bench.matching`; docs/matching.md holds what it printed.
"""

from __future__ import annotations

import random
import time

from app.directory.matching.finding import find_all, find_duplicates
from app.directory.matching.states import Candidate, Likeness, Match
from tests.factories.spelt_names import GIVEN_AND_FAMILY, SpeltName, relatives, spelt_names

PEOPLE = 300
MANY = 10_000


def recall(names: list[SpeltName]) -> tuple[float, list[SpeltName]]:
    """Return the share of Latin spellings whose native name is proposed, and those that are missed."""
    rows, entries = [Candidate(name.latin) for name in names], [Candidate(name.native) for name in names]
    found = {match.left for match in find_duplicates(rows, entries) if match.right == match.left}
    missed = [name for index, name in enumerate(names) if index not in found]
    return 1 - len(missed) / len(names), missed


def false_proposals(script: str) -> tuple[list[Match], int]:
    """Return whom rows are taken for who have other given names and the same family names, and the number of rows."""
    rows, entries = relatives(script)
    return find_duplicates([Candidate(one.latin) for one in rows], [Candidate(one.native) for one in entries]), len(
        rows
    )


def plain_list(number: int, seed: int) -> list[Candidate]:
    """Return a long list in Latin letters: few given names, many family names, two countries."""
    chance = random.Random(seed)
    given = [_word(chance) for _ in range(300)]
    return [Candidate(f"{chance.choice(given)} {_word(chance)}", chance.choice(["DE", "FR"])) for _ in range(number)]


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4))).title()


def main() -> None:
    """Print the table of scripts, and how long long lists take."""
    print(
        "| script | found, of 100 | taken for a namesake, of 1,000 rows | joined to somebody else |\n|---|---|---|---|"
    )
    for script in GIVEN_AND_FAMILY:
        share, _ = recall(spelt_names(script, PEOPLE))
        wrong, number = false_proposals(script)
        merged = sum(1 for match in wrong if match.likeness is Likeness.EXACT)
        print(
            f"| {script} | {100 * share:.0f} | {1000 * len({match.left for match in wrong}) / number:.1f} | {merged} |"
        )
    mixed = ([Candidate(name.latin) for s in GIVEN_AND_FAMILY for name in spelt_names(s, MANY)],
             [Candidate(name.native) for s in GIVEN_AND_FAMILY for name in spelt_names(s, MANY)])  # fmt: skip
    for title, (rows, entries) in {
        "one script": (plain_list(MANY, 1), plain_list(MANY, 2)), "twelve scripts against Latin": mixed,
    }.items():  # fmt: skip
        started = time.process_time()
        matches, repeats = find_all(rows, entries)
        seconds = time.process_time() - started
        print(f"\n{title}: {len(rows):,} rows, {len(entries):,} entries, {seconds:.1f} s of one core;", end=" ")
        print(f"{len(matches):,} matches, {len(repeats):,} repeats")


if __name__ == "__main__":
    main()
