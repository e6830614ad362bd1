"""What a person is sorted by without a name to sort by is a rule; with one it is that."""

from __future__ import annotations

import pytest

from app.directory.sort_names import family_fields, given_fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Anna Maria Berg", ("Berg", "Anna Maria")),
        ("Jan van den Berg", ("Berg", "Jan van den")),
        ("Madonna", ("Madonna",)),
        ("Berg, Anna", ("Berg",)),
        ("Anna Berg, PhD", ("Berg", "Anna")),
        ("Anna Berg (Oslo)", ("Berg", "Anna")),
        ("Sam Hill Jr.", ("Hill", "Sam")),
        ("Sam Hill III", ("Hill", "Sam")),
        ("III", ("III",)),
        ("(Anna)", ("(Anna)",)),
        ("Олександра Бондаренко", ("Бондаренко", "Олександра")),
        ("شیرین عبادی", ("عبادی", "شیرین")),
        ("山田 花子", ("山田", "花子")),
        ("毛泽东", ("毛泽东",)),
        ("김 철수", ("김", "철수")),
        (",", (",",)),
    ],
)
def test_the_last_word_is_the_family(name: str, fields: tuple[str, ...]) -> None:
    assert family_fields(name, "en") == fields


@pytest.mark.parametrize("language", ["hu", "vi"])
def test_where_names_begin_with_the_family_the_first_word_is(language: str) -> None:
    assert family_fields("Nagy Anna Mária", language) == ("Nagy", "Anna Mária")
    assert family_fields("Dr. Nagy Anna", language) == ("Nagy", "Dr. Anna")
    assert family_fields("Dr. N.", language) == ("N.", "Dr.")


def test_what_was_given_is_taken_as_it_is() -> None:
    assert given_fields("van den Berg, Jan") == ("van den Berg", "Jan")
    assert given_fields("やまだ、はなこ") == ("やまだ、はなこ",)
    assert given_fields(" , ") == ()
    assert given_fields("2") < given_fields("10"), "numbers sort by their value"
