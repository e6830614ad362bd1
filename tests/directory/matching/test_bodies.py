"""Organisations are known by their own words, not by those that half of them share."""

import pytest

from app.directory.matching.bodies import is_one_word
from app.directory.matching.finding import find_duplicates, find_repeats
from app.directory.matching.states import Candidate, Ground, Likeness, Match


def matches(one: str, other: str) -> list[Match]:
    return find_duplicates([Candidate(one, is_organisation=True)], [Candidate(other, is_organisation=True)])


DIFFERENT_BODIES = [
    ("University of Genoa", "University of Geneva"),
    ("University of Applied Sciences A", "University of Applied Sciences B"),
    ("Institute for Human Rights", "Association for Human Rights"),
    ("Association of Journalists", "Association of Jurists"),
    ("Verein für Menschenrechte Bern", "Verein für Menschenrechte Genf"),
    ("Zambia Press Council", "Gambia Press Council"),
    ("Lanterns", "Lanterns of the Northern Readers"),
    ("Austria Press Council", "Australia Press Council"),
    ("University of Bologna", "University Hospital of Bologna"),
    ("University of Lumen", "University of Applied Sciences Lumen"),
    ("F. Institute", "Fraunhofer Institute"),
    ("A. Foundation", "Aurora Foundation"),
    ("Group 1", "Group 2"),
    ("Amnesty Nordland", "Amnesty Sudland"),
    ("The Institute", "The Association"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT_BODIES)
def test_different_bodies_are_not_proposed(one: str, other: str) -> None:
    assert matches(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("University of Bern", "Universität Bern"),
        ("The Lighthouse Foundation", "Lighthouse Foundation e. V."),
        ("Lumen Valley Council", "Lumen Valley Counsil"),
        ("Stiftung Aurora", "Aurora Foundation"),
        ("Фонд Аврора", "Avrora Foundation"),
        ("Association of River Readers", "River Readers Association"),
    ],
)
def test_one_body_in_other_words_is_proposed_and_never_joined(one: str, other: str) -> None:
    assert [(match.likeness, match.ground) for match in matches(one, other)] == [(Likeness.LIKELY, Ground.BODY)]


def test_words_that_many_bodies_of_a_list_share_tell_little() -> None:
    names = ["Friends of the River Otter", "Friends of the River Beaver", *(f"River Guild {word}" for word in
             ("Aspen", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple"))]  # fmt: skip
    assert find_repeats([Candidate(name, is_organisation=True) for name in names]) == []


def test_one_slip_in_a_long_word_is_one_word_and_never_in_its_first_letter() -> None:
    assert is_one_word("valley", "vallei")
    assert not is_one_word("zambia", "gambia")
    assert not is_one_word("geneva", "genoa")
    assert not is_one_word("lund", "lunt")


def test_a_family_name_that_is_a_kind_of_body_makes_no_organisation() -> None:
    assert find_duplicates([Candidate("Ann Church")], [Candidate("Church Ann")])[0].ground is Ground.WORD_ORDER
    assert find_duplicates([Candidate("A. Church")], [Candidate("Ann Church")])[0].ground is Ground.INITIALS
