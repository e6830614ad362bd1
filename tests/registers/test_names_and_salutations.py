"""How names are read and turned, and how letters begin."""

from __future__ import annotations

import pytest

from app.base.locales import STATEMENT_LANGUAGES
from app.registers.fields import OfficeField
from app.registers.headings import guess_offices
from app.registers.names import OfficeName, turned_capitals, turned_comma, with_halves
from app.registers.salutations import Greeted, Manner, default_pattern, filled_in, manner_of, unknown_places


@pytest.mark.parametrize(
    ("written", "turned"),
    [
        ("Zoë ÅNGSTRÖM", "Zoë Ångström"),
        ("ÅNGSTRÖM Zoë", "Ångström Zoë"),
        ("Anaïs D'ARC-O'BRIEN", "Anaïs D'Arc-O'Brien"),
        ("Ursula VON DER AUE", "Ursula von der Aue"),
        ("Mary MCGEE", "Mary McGee"),
        ("ADA OKORO", "Ada Okoro"),
        ("J. B. Okoro", "J. B. Okoro"),
        ("Олена КОВАЛЬ", "Олена Коваль"),
        ("김민수", "김민수"),
        ("Ada", "Ada"),
    ],
)
def test_names_in_capitals_are_turned(written: str, turned: str) -> None:
    assert turned_capitals(with_halves(written)).name == turned


def test_last_names_are_told_where_the_list_tells_them() -> None:
    assert with_halves("Zoë ÅNGSTRÖM") == OfficeName("Zoë ÅNGSTRÖM", "Zoë", "ÅNGSTRÖM")
    assert turned_comma("Ångström, Zoë") == OfficeName("Zoë Ångström", "Zoë", "Ångström")
    for untold in ("Zoë Ångström", "Ångström, Zoë, Dr.", "ADA OKORO"):
        assert turned_comma(untold).last == ""


def test_each_language_has_salutations_without_unknown_places() -> None:
    greeted = Greeted("Ada Okoro", "Ada", "Okoro", "Dr.", "Chair")
    for pattern in {
        default_pattern(language, manner) for language in [*STATEMENT_LANGUAGES, "xx"] for manner in Manner
    }:
        assert unknown_places(pattern) == []
        assert "Okoro" in filled_in(pattern, "{name}", greeted)


def test_what_a_row_lacks_leaves_the_neutral_salutation() -> None:
    patterns = "Dear Ms {last}", "Dear {name}"
    assert filled_in(*patterns, Greeted("Zoë Ångström", last="Ångström")) == "Dear Ms Ångström"
    assert filled_in(*patterns, Greeted("Zoë Ångström")) == "Dear Zoë Ångström"
    assert filled_in(*patterns, Greeted("", office="The clerk")) == "Dear The clerk"
    assert filled_in("{title}", "Dear {first}", Greeted("Zoë Ångström")) == "Zoë Ångström"


def test_gender_is_read_and_never_guessed() -> None:
    assert manner_of("F", {"f", "m"}) is Manner.WOMAN
    assert manner_of("m", {"f", "m"}) is Manner.MAN
    assert manner_of("M", {"h", "m"}) is Manner.WOMAN  # hombre, mujer
    assert manner_of("H", {"h", "m"}) is Manner.MAN
    for unknown in ("x", "d", "divers", "Zoë", "?"):
        assert manner_of(unknown, {"f", "m"}) is None


def test_columns_of_ministries_are_guessed() -> None:
    header = ["Ministerium", "Funktion", "Anrede", "Name", "E-Mail", "Telefon", "Wahlkreis", "Fraktion", "Ausschüsse"]
    row = [
        "Ministerium der Justiz",
        "Ministerin",
        "Frau",
        "Zoë Ångström",
        "z@bund.example.org",
        "030 1",
        "Nord",
        "A",
        "B",
    ]
    assert guess_offices(header, [row]) == (
        OfficeField.INSTITUTION, OfficeField.OFFICE, OfficeField.TITLE, OfficeField.NAME, OfficeField.EMAIL,
        OfficeField.NOTES, OfficeField.CONSTITUENCY, OfficeField.POLITICAL, OfficeField.COMMITTEE,
    )  # fmt: skip
    offices = guess_offices(["Office", "Email"], [["Chair of the committee", "chair@house.example.org"]])
    assert offices == (OfficeField.OFFICE, OfficeField.EMAIL)
