"""People who may be in a list twice are proposed with the reason, and never merged by mistake."""

import random
import time

import pytest
from hypothesis import given, settings, strategies as st

from app.base.names import same_name_key
from app.directory.matching.finding import find_duplicates, find_repeats
from app.directory.matching.judging import is_same_name
from app.directory.matching.states import Candidate, Ground, Likeness, Match


def only(matches: list[Match]) -> Match:
    assert len(matches) == 1, matches
    return matches[0]


def compared(one: Candidate, other: Candidate) -> Match | None:
    matches = find_duplicates([one], [other])
    return only(matches) if matches else None


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        (Candidate("Anna Weiß", "DE", "Poet"), Candidate("anna  weiss", "DE", "Poet"), Ground.SAME_DETAILS),
        (Candidate("Олена Коваль", "", "Юристка"), Candidate("ОЛЕНА КОВАЛЬ", "UA", "юристка"), Ground.SAME_DETAILS),
        (Candidate("سارا احمدی", "", "Journalist"), Candidate("سارا احمدی", "IR", "Journalist"), Ground.SAME_DETAILS),
        (Candidate("李小明", "CN", "诗人"), Candidate("李小明", "CN", "诗人"), Ground.SAME_DETAILS),
        (Candidate("Ann May", email="Ann@example.org"), Candidate("Ann May", "NZ", "Poet", "ann@example.org"),
         Ground.SAME_ADDRESS),
    ],
)  # fmt: skip
def test_find_duplicates_is_exact_where_something_agrees_and_nothing_contradicts(
    one: Candidate, other: Candidate, ground: Ground
) -> None:
    match = compared(one, other)
    assert match is not None
    assert (match.likeness, match.ground) == (Likeness.EXACT, ground)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Candidate("Ann May", email="ann@example.org"), Candidate("Ann May", "NZ", "Poet")),
        (Candidate("Ann May"), Candidate("Ann May")),
        (Candidate("Ann May", "NZ"), Candidate("Ann May", "NZ")),
    ],
)
def test_find_duplicates_never_takes_a_name_alone_or_with_a_country_for_proof(one: Candidate, other: Candidate) -> None:
    match = compared(one, other)
    assert match is not None
    assert (match.likeness, match.ground) == (Likeness.LIKELY, Ground.ONLY_NAME)


LIKELY = [
    ("René Marchand", "Rene Marchand", Ground.SPELLING),
    ("Marchand René", "René Marchand", Ground.WORD_ORDER),
    ("Dr. Ann May", "Ann May", Ground.TITLE),
    ("Prof. Dr. Jörg Öhler", "Jörg Öhler", Ground.TITLE),
    ("F. Brandt", "Frank Brandt", Ground.INITIALS),
    ("Frank K. Brandt", "Frank Brandt", Ground.INITIALS),
    ("Frank Karl Brandt", "Frank K. Brandt", Ground.INITIALS),
    ("Jonathan Smithe", "Jonathan Smith", Ground.SPELLING),
    ("Аnna Berg", "Anna Berg", Ground.LOOKALIKE),
    ("Олена Шевчук", "Olena Shevchuk", Ground.SCRIPT),
    ("Александр Юсупов", "Aleksandr Yusupov", Ground.SCRIPT),
    ("ნინო ბერიძე", "Nino Beridze", Ground.SCRIPT),
    ("Անի Հակոբյան", "Ani Hakobyan", Ground.SCRIPT),
    ("Ελένη Νικολάου", "Eleni Nikolaou", Ground.SCRIPT),
    ("سارا احمدی", "Sara Ahmadi", Ground.SCRIPT),
    ("سارا احمدي", "سارا احمدی", Ground.SPELLING),
    ("The Lighthouse Foundation", "Lighthouse Foundation", Ground.BODY),
]


@pytest.mark.parametrize(("one", "other", "ground"), LIKELY)
def test_find_duplicates_shows_variants_as_likely_with_their_reason(one: str, other: str, ground: Ground) -> None:
    match = compared(Candidate(one, "DE"), Candidate(other, "DE"))
    assert match is not None
    assert (match.likeness, match.ground) == (Likeness.LIKELY, ground)


DIFFERENT = [
    ("Anna Berg", "Petra Holm"), ("Ana Lopes", "Luis Lopes"), ("李小明", "李小红"), ("王伟", "王芳"),
    ("Ali Hassan", "Omar Hassan"), ("Олена Коваль", "Ірина Коваль"), ("سارا احمدی", "مریم رضایی"),
    ("ნინო ბერიძე", "გიორგი ბერიძე"), ("김민수", "김민지"), ("Amnesty Nordland", "Lighthouse Foundation"),
    ("J. Berg", "Anna Berg"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_find_duplicates_leaves_different_people_alone(one: str, other: str) -> None:
    assert compared(Candidate(one, "DE"), Candidate(other, "DE")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Candidate("Wei Wang", "CN"), Candidate("Wei Wang", "CH")),
        (Candidate("Wei Wang", "CN", "Poet"), Candidate("Wei Wang", "CN", "Judge")),
        (Candidate("Wei Wang", "CN", email="a@example.org"), Candidate("Wei Wang", "CN", email="b@example.org")),
        (Candidate("Aurora", is_organisation=True), Candidate("Aurora", is_organisation=False)),
    ],
)
def test_find_duplicates_is_never_exact_where_a_detail_contradicts(one: Candidate, other: Candidate) -> None:
    match = compared(one, other)
    assert match is not None
    assert match.likeness is Likeness.LIKELY


def test_find_duplicates_is_never_exact_where_two_entries_bear_the_name() -> None:
    entries = [Candidate("Ann May", "NZ", "Poet"), Candidate("Ann May", "AU", "Judge")]
    matches = find_duplicates([Candidate("Ann May", "NZ", "Poet")], entries)
    assert {match.likeness for match in matches} == {Likeness.LIKELY}
    assert {match.right for match in matches} == {0, 1}


def test_find_duplicates_is_never_exact_where_two_different_rows_bear_the_name() -> None:
    rows = [Candidate("Ann May", "", "Poet", "a@example.org"), Candidate("Ann May", "", "Poet", "b@example.org")]
    for entry in (Candidate("Ann May", "", "Poet"), Candidate("Ann May", email="a@example.org")):
        assert {match.likeness for match in find_duplicates(rows, [entry])} == {Likeness.LIKELY}


def test_rows_that_say_different_things_in_any_column_are_never_joined_not_even_by_way_of_an_entry() -> None:
    rows = [Candidate("Ann May", "", "Poet", "ann@example.org", columns=((4, city),)) for city in ("Graz", "Wien")]
    entry = Candidate("Ann May", "", "Poet", "ann@example.org")
    assert {match.likeness for match in (*find_repeats(rows), *find_duplicates(rows, [entry]))} == {Likeness.LIKELY}


def test_find_duplicates_takes_a_repeated_row_for_one() -> None:
    rows = [Candidate("Ann May", "NZ", "Poet"), Candidate("ann may", "NZ", "poet")]
    matches = find_duplicates(rows, [Candidate("Ann May", "NZ", "Poet")])
    assert [match.likeness for match in matches] == [Likeness.EXACT, Likeness.EXACT]


def test_find_duplicates_does_not_take_an_office_address_for_a_person() -> None:
    match = compared(Candidate("Ann May", email="office@example.org"), Candidate("Bo Li", email="office@example.org"))
    assert match is not None
    assert (match.likeness, match.ground) == (Likeness.LIKELY, Ground.SHARED_ADDRESS)


def test_find_repeats_points_to_the_earlier_row() -> None:
    rows = [Candidate("Ann May", "NZ", "Poet"), Candidate("Bo Li", "SG"), Candidate("ANN MAY", "NZ", "Poet")]
    match = only(find_repeats(rows))
    assert (match.left, match.right, match.likeness) == (2, 0, Likeness.EXACT)


def test_find_repeats_points_every_repetition_to_the_first() -> None:
    matches = find_repeats([Candidate("Wei Wang", "CN", "Poet")] * 3)
    assert [(match.left, match.right, match.likeness) for match in matches] == [
        (1, 0, Likeness.EXACT),
        (2, 0, Likeness.EXACT),
    ]


def test_find_repeats_leaves_three_who_differ_to_a_person() -> None:
    rows = [Candidate("Wei Wang", "CN", line) for line in ("", "Poet", "Judge")]
    assert {match.likeness for match in find_repeats(rows)} == {Likeness.LIKELY}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=30), st.sampled_from(["", "DE", "UA"])), max_size=12))
def test_exact_never_joins_names_that_differ_by_more_than_case_and_spaces(people: list[tuple[str, str]]) -> None:
    rows = [Candidate(name, country) for name, country in people]
    for match in find_duplicates(rows, rows):
        if match.likeness is Likeness.EXACT:
            assert same_name_key(rows[match.left].name) == same_name_key(rows[match.right].name)


def invented(number: int, seed: int) -> list[Candidate]:
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choice("bdgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))

    given_names = [word().title() for _ in range(300)]
    return [
        Candidate(f"{chance.choice(given_names)} {word().title()}", chance.choice(["DE", "FR"])) for _ in range(number)
    ]


def test_ten_thousand_against_ten_thousand_takes_seconds_not_hours() -> None:
    rows, entries = invented(10_000, 1), invented(10_000, 2)
    started = time.monotonic()
    find_duplicates(rows, entries)
    assert time.monotonic() - started < 30


def test_ten_thousand_of_one_name_are_bounded_too() -> None:
    rows = [Candidate("Maria Anna Berg", "DE")] * 3_000
    matches = find_duplicates(rows, rows)
    assert all(match.likeness is Likeness.LIKELY for match in matches)
    assert len(matches) + len(find_repeats(rows)) <= 6 * len(rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ales  BIALIATSKI", "Aleś Bialiatski"),
        ("Bialiatski, Ales", "Ales Bialiatski"),
        ("Алесь Бяляцкі", "Ales Bialiatski"),
        ("Dr. Ales Bialiatski", "Ales Bialiatski"),
        ("A. Bialiatski", "Ales Bialiatski"),
        ("Ales", "Ales Bialiatski"),
        ("Halyna K.", "Галина Коваленко"),
    ],
)
def test_another_spelling_is_the_same_name(one: str, other: str) -> None:
    assert is_same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mickey Mouse", "Ales Bialiatski"),
        ("Ales Mouse", "Ales Bialiatski"),
        ("Ales Bialiatski Mouse", "Ales Bialiatski"),
        ("A. B.", "Ales Bialiatski"),
        ("COF", "Centre for Open Files"),
        ("李伟", "张伟"),
    ],
)
def test_a_word_that_stands_nowhere_makes_another_name(one: str, other: str) -> None:
    assert not is_same_name(one, other)
