"""What is typed into the questions of an import."""

import pytest

from app.imports.forms import read_answers, read_countries


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
