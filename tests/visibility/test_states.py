"""Which change of visibility shows less, which shows more: every pair, written out."""

from __future__ import annotations

import itertools

import pytest

from app.visibility.states import Visibility, is_tighter, is_wider

PUBLIC, INSTITUTION, PSEUDONYM, COUNTED = (
    Visibility.PUBLIC,
    Visibility.INSTITUTION,
    Visibility.PSEUDONYM,
    Visibility.COUNTED,
)
# From what to what, and whether less and more is shown by it. Neither a pseudonym nor a name in confidence contains
# the other: to go from one to the other hides something and shows something, in both directions.
CHANGES = {
    (PUBLIC, INSTITUTION): (True, False),
    (PUBLIC, PSEUDONYM): (True, False),
    (PUBLIC, COUNTED): (True, False),
    (INSTITUTION, PUBLIC): (False, True),
    (INSTITUTION, PSEUDONYM): (True, True),
    (INSTITUTION, COUNTED): (True, False),
    (PSEUDONYM, PUBLIC): (False, True),
    (PSEUDONYM, INSTITUTION): (True, True),
    (PSEUDONYM, COUNTED): (True, False),
    (COUNTED, PUBLIC): (False, True),
    (COUNTED, INSTITUTION): (False, True),
    (COUNTED, PSEUDONYM): (False, True),
}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(Visibility, repeat=2)))
def test_a_change_shows_less_or_more(old: Visibility, new: Visibility) -> None:
    assert (is_tighter(new, old), is_wider(new, old)) == CHANGES.get((old, new), (False, False))
