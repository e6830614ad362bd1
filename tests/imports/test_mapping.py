"""Which column holds what, guessed from headings in many languages and from the cells."""

import pytest

from app.imports.mapping import Field, guess_mapping, looks_like_data


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("name;country;affiliation", "name country affiliation"),
        ("Email Address;First Name;Last Name;Tags", "email first_name last_name group"),
        ("email;first_name;last_name;zip_code;country", "email first_name last_name ignore country"),
        ("Nom;Prénom;Pays;Adresse e-mail", "last_name first_name country email"),
        ("Nom;Pays", "name country"),
        ("Name;Vorname;E-Mail;Sprache", "last_name first_name email language"),
        ("Имя;Фамилия;Страна;Почта", "first_name last_name country email"),
        ("Прізвище;Імʼя;Країна", "last_name first_name country"),
        ("الاسم;البلد;البريد الإلكتروني", "name country email"),
        ("نام;نام خانوادگی;کشور", "first_name last_name country"),
        ("姓名;国家;邮箱", "name country email"),
        ("სახელი და გვარი;ქვეყანა", "name country"),
        ("Organisation;Country;Representative;Role", "organisation country representative role"),
        ("Name;Organisation;Title", "name affiliation credential"),
        ("Full name;Group;Role in the group;Pinned;Notes", "name group role prominent notes"),
        ("name;name;shoe size", "name ignore ignore"),
    ],
)
def test_guess_mapping_reads_headings(header: str, fields: str) -> None:
    assert [field.value for field in guess_mapping(header.split(";"), [])] == fields.split()


def test_guess_mapping_reads_cells_where_headings_say_nothing() -> None:
    sample = [["Ann", "ann@example.org", "New Zealand"], ["Bo", "bo@example.org", "Singapore"]]
    assert guess_mapping(["A", "B", "C"], sample) == (Field.IGNORE, Field.EMAIL, Field.COUNTRY)


def test_guess_mapping_does_without_rows_and_with_ragged_ones() -> None:
    assert guess_mapping(["name", "x"], [["Ann"]]) == (Field.NAME, Field.IGNORE)
    assert guess_mapping([], []) == ()


def test_looks_like_data_tells_a_list_without_headings() -> None:
    assert looks_like_data(["Ann May", "ann@example.org"])
    assert looks_like_data(["Ann May", "New Zealand", "Poet"])
    assert not looks_like_data(["name", "country"])
    assert not looks_like_data(["Teilnehmende", "Ort"])
