"""A row of a list as an entry, with its problems named by row and column."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from app.directory.states import GroupPlace, SignatoryKind
from app.imports.fields import Field
from app.imports.lists import read_list
from app.imports.mapping import guess_mapping
from app.imports.plans import Plan
from app.imports.rows import Reading, read_rows
from app.sheets.looks import Look
from app.sheets.reading import Problem, Sheet, SheetRow


def sheet_of(text: str) -> Sheet:
    """Take a list apart here: a child for each of these tests would take longer than they do."""
    delimiter = next((sign for sign in ";|," if sign in text.partition("\n")[0]), ",")
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    numbered = tuple(SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, start=2))
    return Sheet(tuple(header), numbered, Look(), ())


def readings(text: str, **plan: object) -> list[Reading]:
    sheet = sheet_of(text)
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


@pytest.mark.parametrize("email", ["ann@localhost", "ann", "ann@", "a b@example.org", "ann may@example.org"])
def test_a_broken_address_is_kept_with_a_mark_and_refuses_nobody(email: str) -> None:
    reading = only(f'name,email\nAnn,"{email}"\n')
    assert not reading.is_refused
    assert [problem.column for problem in reading.problems] == [1]
    assert (reading.entry.details.email, reading.entry.details.notes) == ("", f"email: {email}")
    assert reading.mends == ((Field.EMAIL, email),)


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
        ("organisation\nhttps://evil.example\n", "It holds a web address."),
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


def mapped(text: str, columns: str, **plan: object) -> Reading:
    """Read the only row of a list whose columns a person named."""
    fields = tuple(Field(field) for field in columns.split())
    (reading,) = read_rows(sheet_of(text), Plan("list.csv", columns=fields, **plan))  # type: ignore[arg-type]
    return reading


def said(reading: Reading) -> list[str]:
    return [remark.message for remark in reading.remarks]


def test_title_middle_name_and_suffix_have_a_place() -> None:
    row = mapped(
        "a;b;c;d;e;f\nDr.;Ada;N.;Okoro;Jr.;Chair\n", "title first_name middle_name last_name suffix credential"
    )
    details = row.entry.details
    assert (details.name, details.sort_name, details.credential) == ("Ada N. Okoro Jr.", "Okoro, Ada N.", "Dr., Chair")
    assert row.remarks == row.problems == ()


def test_what_has_no_place_goes_to_the_notes_and_is_said() -> None:
    row = mapped(
        "name;title;phone;speaker;lang\nAda Okoro;Mrs;+49 30 000;Jun Takeda;Klingon\n",
        "name title phone representative language",
    )
    assert row.entry.details.notes.split("\n") == [
        "title: Mrs", "lang: Klingon", "speaker: Jun Takeda", "phone: +49 30 000",
    ]  # fmt: skip
    assert said(row) == [f"“{text}” is kept in the notes." for text in ("Mrs", "Jun Takeda")]
    assert not row.is_refused


@pytest.mark.parametrize(
    ("text", "group", "credential", "role"),
    [
        ("name;role\nAda;Chair\n", "", "Chair", ""),
        ("name;role\nAda;Chair\n", "Jurists", "", "Chair"),
        ("name;group;role\nAda;Jurists|Poets;Chair|Member|Founder\n", "", "Founder", "Chair"),
    ],
)
def test_a_role_without_a_group_is_a_credential(text: str, group: str, credential: str, role: str) -> None:
    entry = only(text, group=group).entry
    assert entry.details.credential == credential
    assert [place.role for place in entry.places][:1] == ([role] if role else [])


def test_columns_of_one_field_are_joined_in_the_order_chosen() -> None:
    text = "a;b;c;d;e\nAda;Lanterns;Chair;called;wrote\n"
    columns = "name affiliation affiliation notes notes"
    assert mapped(text, columns).entry.details.affiliation == "Lanterns, Chair"
    assert mapped(text, columns, ranks=(0, 2, 1, 0, 0)).entry.details.affiliation == "Chair, Lanterns"
    assert mapped(text, columns).entry.details.notes == "d: called\ne: wrote"


@pytest.mark.parametrize(
    ("cell", "email", "notes"),
    [
        ("Ada Okoro <ada@example.org>", "ada@example.org", ""),
        ("Lanterns office <ada@example.org>", "ada@example.org", "m: Lanterns office"),
        ("mailto:ada@example.org?subject=Hello", "ada@example.org", ""),
        ("ada@example.org (work)", "ada@example.org", "m: (work)"),
        ("work: ada@example.org", "ada@example.org", "m: work"),
        ("\u200bada@example.org\u200b.", "ada@example.org", ""),
        ("ada＠example.org", "ada@example.org", ""),
        ("ada@example.org; jun@example.org", "ada@example.org", "m: jun@example.org"),
        ("ada@example.org ::: jun@example.org", "ada@example.org", "m: jun@example.org"),
        ("ada@example.org or jun@example.org", "ada@example.org", "m: jun@example.org"),
        ("ada@example.org jun@example.org", "ada@example.org", "m: jun@example.org"),
        ("ada@example.org\njun@example.org", "ada@example.org", "m: jun@example.org"),
        ("ada@example.org, ADA@example.org", "ada@example.org", "m: ADA@example.org"),
        ("Okoro, Ada <ada@example.org>", "ada@example.org", ""),
        ('=HYPERLINK(""mailto:ada@example.org"";""Ada"")', "ada@example.org", ""),
        ("[Ada](mailto:ada@example.org?subject=x)", "ada@example.org", ""),
        ("[ada@example.org](mailto:ada@example.org)", "ada@example.org", ""),
        ("#N/A", "", ""),
        ("TBC", "", ""),
    ],
)
def test_addresses_are_found_as_people_write_them(cell: str, email: str, notes: str) -> None:
    row = mapped(f'name|m\nAda Okoro|"{cell}"\n', "name email")
    assert (row.entry.details.email, row.entry.details.notes) == (email, notes)
    assert not row.is_refused


def test_of_several_addresses_in_a_cell_one_is_asked_about() -> None:
    row = mapped('name;mail\nJun;"jun@example.org, jun2@example.org"\n', "name email")
    assert [problem.message for problem in row.problems] == [
        "It holds several addresses. Mail goes to jun@example.org."
    ]
    two_columns = mapped("name;mail;other\nJun;jun@example.org;jun2@example.org\n", "name email email")
    assert (two_columns.problems, said(two_columns)) == ((), ["“jun2@example.org” is kept in the notes."])


def test_an_address_beside_a_name_is_taken_from_it() -> None:
    details = mapped("people\nAda Okoro <ada@example.org>\n", "name").entry.details
    assert (details.name, details.email) == ("Ada Okoro", "ada@example.org")


@pytest.mark.parametrize("cell", ["#N/A", "TBC", "-", "n/a", "???", "Total", "Total: 318", "Итого", "合計"])
def test_what_is_no_name_is_asked_for(cell: str) -> None:
    row = mapped(f"name;country\n{cell};NZ\n", "name country")
    assert row.is_refused
    assert row.mends == ((Field.NAME, ""),)
    mended = mapped(f"name;country\n{cell};NZ\n", "name country", edits={2: {"name": "Total"}})
    assert (mended.entry.details.name, mended.is_refused, mended.is_mended) == ("Total", False, True)


def test_cells_that_say_nothing_are_empty_and_those_that_promise_are_said() -> None:
    row = mapped("name;who;where\nAda;n/a;TBC\n", "name affiliation country")
    assert (row.entry.details.affiliation, row.country_text) == ("", "")
    assert said(row) == ["“TBC” is taken as empty."]


def test_lines_of_a_cell_are_joined_or_kept_in_the_notes() -> None:
    row = mapped('name;who;notes\nAda;"Chair\nLanterns";"called\nwrote"\n', "name affiliation notes")
    assert (row.entry.details.affiliation, row.entry.details.notes) == ("Chair, Lanterns", "called\nwrote")
    broken = mapped('name\n"Ada\nOkoro"\n', "name")
    assert (broken.entry.details.name, len(broken.problems)) == ("Ada, Okoro", 1)


@pytest.mark.parametrize("cell", ["A\u202eB", "A\x07B", "\u200bA\u00adB\ufeff"])
def test_invisible_characters_are_taken_out(cell: str) -> None:
    sheet = read_list(f"name;notes\n{cell};x\n".encode())
    (row,) = read_rows(sheet, Plan("list.csv", columns=(Field.NAME, Field.NOTES)))
    assert (row.entry.details.name, row.is_refused) == ("AB", False)


@pytest.mark.parametrize("cell", ["stateless", "Apatride", "без гражданства", "无国籍", "عديم الجنسية"])
def test_stateless_is_no_country_and_no_problem(cell: str) -> None:
    row = mapped(f"name;country\nAda;{cell}\n", "name country")
    assert (row.country_text, row.entry.details.country, row.problems) == ("", "", ())
    assert row.entry.details.notes == f"country: {cell}"


def test_a_half_that_is_no_name_is_kept_in_the_notes() -> None:
    row = mapped("first;last\nAnn;evil.com\n", "first_name last_name")
    assert (row.entry.details.name, row.entry.details.notes, row.is_refused) == ("Ann", "last: evil.com", False)
    assert len(row.problems) == 1


def test_a_line_beside_a_name_that_is_unfit_refuses_nobody() -> None:
    row = mapped("name;affiliation\nAnn;see https://evil.example\n", "name affiliation")
    assert (row.entry.details.affiliation, row.is_refused) == ("", False)
    assert row.entry.details.notes == "affiliation: see https://evil.example"


def test_notes_that_are_too_long_say_what_is_not_kept() -> None:
    row = mapped(f"name;notes;phone\nAda;{'x' * 1990};+49 30 000000\n", "name notes phone")
    assert len(row.entry.details.notes) == 1990
    assert "This is not kept: “phone: +49 30 000000”." in row.problems[0].message


def test_a_mended_cell_is_read_like_any_other() -> None:
    row = mapped("name;mail\nAnn;ann@localhost\n", "name email", edits={2: {"email": "ann@example.org"}})
    assert (row.entry.details.email, row.entry.details.notes, row.problems) == ("ann@example.org", "", ())
    assert row.mends == ((Field.EMAIL, "ann@example.org"),)
    wrong = mapped("name;mail\nAnn;ann@localhost\n", "name email", edits={2: {"email": "ann@"}})
    assert len(wrong.problems) == 1


def test_a_row_that_says_person_has_its_organisation_for_an_affiliation() -> None:
    details = mapped("kind;org;name\nperson;Lanterns;Ada\n", "kind organisation name").entry.details
    assert (details.name, details.affiliation, details.representative) == ("Ada", "Lanterns", "")


def flawed(column: int | None, *, refused: bool, **plan: object) -> Reading:
    """Read a row that the reader of the file found a flaw in."""
    sheet = replace(sheet_of("name;mail\n- Ada;ada@example.org\n"), problems=(Problem(2, column, "Flawed.", refused),))
    (reading,) = read_rows(sheet, Plan("list.csv", columns=(Field.NAME, Field.EMAIL), **plan))  # type: ignore[arg-type]
    return reading


def test_a_row_that_is_no_signatory_waits_until_its_name_is_written() -> None:
    row = flawed(None, refused=True)
    assert row.is_refused
    assert row.mends == ((Field.NAME, "- Ada"), (Field.EMAIL, "ada@example.org"))
    assert not flawed(None, refused=True, edits={2: {"name": "Ada"}}).is_refused
    assert flawed(None, refused=True, edits={2: {"email": "a@example.org"}}).is_refused


def test_flaws_of_a_cell_are_marked_and_refuse_nobody() -> None:
    assert not flawed(1, refused=True).is_refused
    assert [problem.message for problem in flawed(1, refused=False).problems] == ["Flawed."]
    assert flawed(0, refused=False).problems == ()  # a bullet is no formula
    assert flawed(1, refused=True, edits={2: {"email": "a@example.org"}}).problems == ()


@pytest.mark.parametrize("base", ["name", "organisation", "first_name", "name organisation"])
@pytest.mark.parametrize("field", [field for field in Field if field is not Field.IGNORE])
def test_nothing_that_is_mapped_is_dropped(field: Field, base: str) -> None:
    """Two columns of every field beside a person, an organisation or both: each word is somewhere, or is said."""
    named = base.split()
    cells = [*(f"Zelda{index}" for index in range(len(named))), "Quibbleone", "Quibbletwo"]
    text = ";".join(f"h{index}" for index in range(len(cells))) + "\n" + ";".join(cells) + "\n"
    row = mapped(text, f"{base} {field} {field}")
    places = [word for place in row.entry.places for word in (place.group, place.role)]
    kept = " ".join([*row.entry.details.as_fields().values(), *places])
    assert not row.is_refused
    assert [cell for cell in cells if cell not in kept] == []
