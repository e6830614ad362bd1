"""What is typed into the questions of an import."""

import pytest

from app.imports.forms import read_answers, read_countries, read_edits, read_habits, read_ranks


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"text-0": "Holand", "country-0": "NL"}, {"Holand": "NL"}),
        ({"text-0": "Holand", "country-0": "none"}, {"Holand": ""}),
        ({"text-0": "Holand", "country-0": "other", "other-0": "NL"}, {"Holand": "NL"}),
        ({"text-0": "Holand", "other-0": "NL"}, {"Holand": "NL"}),
        ({"text-0": "Holand", "country-0": "BE", "other-0": "NL"}, {"Holand": "BE"}),
        ({"text-0": "Holand", "country-0": "other", "other-0": ""}, {"Holand": None}),
        ({"text-0": "Holand", "country-0": "XX"}, {}),
        ({"text-0": "Holand"}, {}),
        ({"country-0": "NL"}, {}),
    ],
)
def test_read_countries(typed: dict[str, str], expected: dict[str, str | None]) -> None:
    assert read_countries(typed) == expected


def test_read_answers_takes_numbered_rows_only() -> None:
    typed = {"row-2": "different", "row-x": "different", "row-": "different", "row-٣": "different", "part": "likely"}
    assert read_answers(typed) == {2: "different"}


def test_read_edits_takes_what_differs_from_what_was_shown() -> None:
    typed = {
        "mend-2-name": "Ann", "was-2-name": "", "mend-3-email": " a@b ", "was-3-email": "a@b", "mend-x-name": "Bo",
        "mend-4-shoe": "41", "mend-5-email": "", "was-5-email": "ann@localhost",
    }  # fmt: skip
    assert read_edits(typed) == {2: {"name": "Ann"}, 5: {"email": ""}}


def test_read_habits_and_ranks_take_what_is_offered() -> None:
    typed = {"habit-comma": "turn", "habit-dash": "turn", "habit-x": "keep", "habit-who signs": "people"}
    assert read_habits(typed) == {"comma": "turn", "who signs": "people"}
    assert read_ranks({"rank-1": "2", "rank-2": "1", "rank-3": "first"}, 4) == (0, 2, 1, 0)
    assert read_ranks({}, 4) == ()
