"""What is no name of anybody's own is told from what is, in many languages."""

import pytest

from app.base.names import comparison_key
from app.directory.matching.finding import find_duplicates, find_repeats
from app.directory.matching.identity import names_somebody, without_titles
from app.directory.matching.states import Candidate, Likeness


@pytest.mark.parametrize("name", """
    Anonymous;anonymous;Anonymous 3;Anonymous teacher;Anonyme;Anonym;Anónimo;anonimo;Anoniem;Аноним;Анонім;Ανώνυμος
    مجهول;ناشناس;אנונימי
    匿名;無名氏;익명;गुमनाम;N. N.;N.N.;NN;n/a;XXX;Unknown;Name withheld;Name known to the editors
    a member of the staff;A Member of …
    ein Mitglied des Vereins;un membre de l'association;Anna;Anna K.;A. B.;Anne-Marie;Олена;Олена К.;سارا;Dr. Anna
    明;さくら;Bharath;42
""".replace("\n", ";").split(";"))  # fmt: skip
def test_a_lone_or_withheld_name_is_nobodys(name: str) -> None:
    assert not name.strip() or not names_somebody(name.strip(), comparison_key(name))


@pytest.mark.parametrize("name", """
    Anna Berg;A. Berg;Олена Коваль;王小明;王伟;김민수;さとう たろう;Na Li;Ma Fengying;Tag Uye;Nemo Nobody-Smith
    Dr. Ann May;سارا احمدی
""".strip().split(";"))  # fmt: skip
def test_a_name_in_full_is_somebodys(name: str) -> None:
    assert names_somebody(name, comparison_key(name))


@pytest.mark.parametrize("name", ["Anonymous", "Anna", "N. N.", "Аноним", "a member of the team"])
def test_nobody_is_never_proposed_on_the_name_alone(name: str) -> None:
    rows = [Candidate(name, "DE"), Candidate(name, "DE"), Candidate(name)]
    assert find_repeats(rows) == []
    assert find_duplicates(rows, rows) == []


def test_anonymous_teachers_of_one_school_stay_two_and_ask_nothing() -> None:
    rows = [Candidate("Anonymous", "DE", "Teacher, school A")] * 2
    assert find_repeats(rows) == []


def test_a_lone_name_with_one_address_is_asked_about_and_never_joined() -> None:
    rows = [Candidate("Bharath", "DE", line, "b@example.org") for line in ("Student", "Nurse")]
    assert [match.likeness for match in find_repeats(rows)] == [Likeness.LIKELY]
    assert [match.likeness for match in find_repeats([rows[0]] * 2)] == [Likeness.LIKELY]


def test_a_lone_name_is_asked_about_where_more_than_the_name_agrees() -> None:
    rows = [Candidate("Bharath", "DE", "Student, Lumen"), Candidate("Bharath", "DE", "Student, Lumen")]
    assert [match.likeness for match in find_repeats(rows)] == [Likeness.LIKELY]
    for other in (Candidate("Bharath", "DE", "Nurse, Lumen"), Candidate("Bharath", "FR", "Student, Lumen")):
        assert find_repeats([rows[0], other]) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Prof. Dr. Ann May", ("ann", "may")), ("Ann May, MA", ("ann", "may")), ("Ma Ing-wen", ("ma", "ing", "wen")),
        ("Hon Feng", ("hon", "feng")), ("Hon. Ann May", ("ann", "may")), ("Dr.", ("dr",)),
    ],
)  # fmt: skip
def test_without_titles_takes_no_part_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert without_titles(name, comparison_key(name)) == words
