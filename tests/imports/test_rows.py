"""A row of a list as an entry, with its problems named by row and column."""

from __future__ import annotations

import pytest

from app.directory.states import GroupPlace, SignatoryKind
from app.imports.lists import read_list
from app.imports.mapping import guess_mapping
from app.imports.plans import Plan
from app.imports.rows import Reading, read_rows


def readings(text: str, **plan: object) -> list[Reading]:
    sheet = read_list(text.encode())
    columns = guess_mapping(sheet.header, [row.cells for row in sheet.rows])
    return read_rows(sheet, Plan("list.csv", columns=columns, **plan))  # type: ignore[arg-type]


def only(text: str, **plan: object) -> Reading:
    (reading,) = readings(text, **plan)
    return reading


def test_first_and_last_name_make_the_name_and_its_sort_name() -> None:
    details = only("first name,last name\nAnna Maria,von Berg\n").entry.details
    assert (details.name, details.sort_name) == ("Anna Maria von Berg", "von Berg, Anna Maria")


def test_a_column_of_signing_organisations_makes_the_person_the_representative() -> None:
    entry = only("NGO name;Name;Country\nLighthouse Society;Ann May;NZ\n").entry
    assert entry.kind is SignatoryKind.ORGANISATION
    assert (entry.details.name, entry.details.representative) == ("Lighthouse Society", "Ann May")


@pytest.mark.parametrize(
    ("word", "kind"), [("organisation", "organisation"), ("NGO", "organisation"), ("person", "person")]
)
def test_a_column_of_kinds_is_read(word: str, kind: str) -> None:
    reading = only(f"name,kind\nLighthouse,{word}\n")
    assert reading.entry.kind.value == kind
    assert reading.gives_kind


def test_groups_come_with_their_roles() -> None:
    entry = only("name;group;role\nAnn;World Liberty Congress | Jurists;Member | Chair\n").entry
    assert entry.places == (GroupPlace("World Liberty Congress", "Member"), GroupPlace("Jurists", "Chair"))


def test_tags_of_mailchimp_are_groups() -> None:
    entry = only('Email Address,First Name,Last Name,Tags\nann@example.org,Ann,May,"""VIP"",""Press, X"""\n').entry
    assert [place.group for place in entry.places] == ["VIP", "Press, X"]


def test_a_group_for_the_whole_list_is_added_to_each_row() -> None:
    first, second = readings("name,group\nAnn,Jurists\nBo,\n", group="World Liberty Congress")
    assert {place.group for place in first.entry.places} == {"Jurists", "World Liberty Congress"}
    assert second.entry.places == (GroupPlace("World Liberty Congress"),)


@pytest.mark.parametrize(
    ("text", "language"),
    [("uk", "uk"), ("Українська", "uk"), ("Ukrainian", "uk"), ("fr-FR", "fr"), ("zh-Hant", "zh-Hant"), ("فارسی", "fa")],
)
def test_languages_are_understood_by_tag_and_name(text: str, language: str) -> None:
    assert only(f"name,language\nAnn,{text}\n").entry.details.language == language


def test_an_unknown_language_is_named_and_left_empty() -> None:
    reading = only("name,language\nAnn,Klingon\n")
    assert (reading.entry.details.language, reading.is_refused) == ("", False)
    assert "Klingon" in reading.problems[0].message


def test_a_doubtful_country_is_asked_and_the_answer_used() -> None:
    asked = only("name,country\nAnn,New Zealaand\n")
    assert (asked.entry.details.country, asked.country_text) == ("", "New Zealaand")
    answered = only("name,country\nAnn,New Zealaand\n", countries={"New Zealaand": "NZ"})
    assert (answered.entry.details.country, answered.country_text) == ("NZ", "")


@pytest.mark.parametrize("email", ["ann@localhost", "ann", "ann@", "a b@example.org", "ann@example.org,bo@example.org"])
def test_a_broken_address_refuses_the_row_and_names_the_column(email: str) -> None:
    reading = only(f'name,email\nAnn,"{email}"\n')
    assert reading.is_refused
    assert [problem.column for problem in reading.problems] == [1]


@pytest.mark.parametrize(
    "email", ["ann@müller.example", "用户@例子.example", "Ann.O'Neil+x@example.org", "<ann@example.org>"]
)
def test_unusual_addresses_are_taken(email: str) -> None:
    assert not only(f"name,email\nAnn,{email}\n").is_refused


def test_a_row_without_a_name_or_with_one_too_long_is_refused() -> None:
    nobody, long = readings(f"name,country\n,NZ\n{'x' * 300},NZ\n")
    assert "no name" in nobody.problems[0].message
    assert "300 characters long; at most 200" in long.problems[0].message


def test_problems_of_columns_that_are_left_out_do_not_matter() -> None:
    reading = only('name,shoe size\nAnn,"two\nlines"\n')
    assert not reading.is_refused


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("name\nhttps://evil.example\n", "It holds a web address."),
        ("name\nann@example.org\n", "It holds an e-mail address (ann@example.org)."),
        ("name\n+380 44 123 45 67\n", "It holds a telephone number"),
        ("name\nAnn evil.com\n", "It holds a web address (evil.com)."),
        ("first name,last name\nAnn,evil.com\n", "It holds a web address (evil.com)."),
        ("organisation\nhttps://evil.example\n", "It holds a web address."),
        ("name,affiliation\nAnn,see https://evil.example\n", "It holds a web address."),
    ],
)
def test_what_is_no_name_refuses_the_row_and_says_why(row: str, sentence: str) -> None:
    found = only(row)
    assert found.is_refused
    assert any(problem.message.startswith(sentence) for problem in found.problems)
    assert all(problem.column is not None for problem in found.problems)


def test_an_organisation_may_be_called_as_its_website_and_notes_may_hold_links() -> None:
    found = only("organisation,notes\nGulagu.net,see https://gulagu.net/about\n")
    assert (found.is_refused, found.entry.details.name) == (False, "Gulagu.net")
    assert found.entry.details.notes == "see https://gulagu.net/about"
