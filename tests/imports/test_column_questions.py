"""What a list's columns raise in questions, and cells that are mended in place, page by page and without scripts."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.directory.exports import HEADER
from app.imports.column_questions import list_questions, shown_columns
from app.imports.fields import Field
from app.imports.mapping import guess_mapping
from app.imports.plans import Plan
from app.sheets.looks import Look
from app.sheets.reading import Sheet, SheetRow
from tests.imports.review_forms import ticked
from tests.imports.test_pages import Importer, figures

MESSY = (
    "Name;E-mail;Organisation;Job title;Office\n"
    "OKORO, Ada;Ada Okoro <ada@example.org>;Lanterns;Chair;12\n"
    "TAKEDA, Jun;jun@example.org, jun2@example.org;Harbour;Dean;\n"
    "LIND, Mara;mara(at)example.org;Lanterns;;\n"
    "TBC;;Lanterns;;\n"
)
MESSY_COLUMNS = {
    "columns-0": "name", "columns-1": "email", "columns-2": "affiliation", "columns-3": "affiliation",
    "columns-4": "ignore", "has_header": "y",
}  # fmt: skip


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Importer:
    return Importer(app, client)


def test_the_columns_page_asks_what_only_a_person_can_say(desk: Importer) -> None:
    url = desk.paste(MESSY)
    page = desk.shown(f"{url}/columns")
    assert "3 names hold a comma." in page
    assert "Row 2: <bdi>Ada OKORO (sorted as OKORO, Ada)</bdi>" in page
    assert 'value="turn" checked' in page
    assert "Or does it hold “Name of an organisation that signs”?" in page
    assert "<bdi>Office</bdi> (1 cell)" in page

    asked = desk.client.post(f"{url}/columns", data=MESSY_COLUMNS | {"habit-comma": "turn"})
    assert asked.status_code == 200
    assert "One more look" in asked.text
    assert 'name="rank-2" value="1"' in asked.text

    answers = {"habit-comma": "turn", "rank-2": "2", "rank-3": "1"}
    assert desk.client.post(f"{url}/columns", data=MESSY_COLUMNS | answers).location == f"{url}/review"
    review = desk.shown(f"{url}/review?part=all")
    assert "Ada OKORO" in review
    assert "Chair, Lanterns" in review
    again = desk.shown(f"{url}/columns")
    assert 'name="rank-3" value="1"' in again


def test_organisations_that_stand_in_many_rows_raise_the_question_who_signs(desk: Importer) -> None:
    url = desk.paste("Name;Signing organisation\nAda;Lanterns\nJun;Lanterns\n")
    columns = {"columns-0": "name", "columns-1": "organisation", "has_header": "y"}
    asked = desk.client.post(f"{url}/columns", data=columns)
    assert "Some organisations stand in many rows. Who signs?" in asked.text
    assert "“Lanterns” (2)" in asked.text
    desk.client.post(f"{url}/columns", data=columns | {"habit-who signs": "people"})
    desk.client.post(f"{url}/apply")
    assert [(details.name, details.affiliation) for details in desk.details()] == [
        ("Ada", "Lanterns"), ("Jun", "Lanterns"),
    ]  # fmt: skip


def test_a_cell_is_mended_in_place_and_can_be_taken_back(desk: Importer) -> None:
    url = desk.paste(MESSY)
    desk.client.post(f"{url}/columns", data=MESSY_COLUMNS | {"habit-comma": "turn", "rank-2": "2", "rank-3": "1"})
    problems = desk.shown(f"{url}/review?part=problems")
    assert 'name="mend-4-email" value="mara(at)example.org"' in problems
    assert 'name="mend-5-name" value=""' in problems
    assert figures(problems) == ["3 to be added", "1 can’t be imported"]

    typed = {
        "part": "problems", "mend-3-email": "jun@example.org, jun2@example.org",
        "was-3-email": "jun@example.org, jun2@example.org", "mend-4-email": "mara@example.org",
        "was-4-email": "mara(at)example.org", "mend-5-name": "Lena Frost", "was-5-name": "", "mend-9-nothing": "x",
    }  # fmt: skip
    assert desk.client.post(f"{url}/edits", data=typed).location.endswith("/review?part=problems")
    assert figures(desk.shown(f"{url}/review")) == ["4 to be added"]
    mended = desk.shown(f"{url}/review?part=mended")
    assert 'name="mend-4-email" value="mara@example.org"' in mended
    desk.client.post(f"{url}/edits", data={"part": "mended", "take_back": "5"})
    assert figures(desk.shown(f"{url}/review")) == ["3 to be added", "1 can’t be imported"]

    desk.client.post(f"{url}/apply")
    assert [(one.name, one.email, one.notes) for one in desk.details()] == [
        ("Ada OKORO", "ada@example.org", ""),
        ("Jun TAKEDA", "jun@example.org", "E-mail: jun2@example.org"),
        ("Mara LIND", "mara@example.org", ""),
    ]


def names(*cells: str) -> tuple[Sheet, Plan]:
    rows = tuple(SheetRow(number, (cell,)) for number, cell in enumerate(cells, start=2))
    return Sheet(("Name",), rows, Look(), ()), Plan("list.csv", columns=(Field.NAME,))


@pytest.mark.parametrize(
    ("cells", "likely"),
    [
        (["Okoro, Ada", "Takeda, Jun", "Mara Lind"], "turn"),
        (["Ada Okoro, Lanterns, Harbour branch", "Jun Takeda, Chair, Lanterns"], "split"),
        (["Okoro, Ada", *(f"Mara Lind {letter}" for letter in "abcdefgh")], "keep"),
        (["OKORO Ada", "TAKEDA Jun"], "turn"),
        (["Ada Okoro (Lanterns)", "Jun Takeda"], "split"),
        (["- Ada Okoro", "Jun Takeda", "Mara Lind"], "strip"),
    ],
)
def test_what_many_names_have_is_proposed_for_the_column(cells: list[str], likely: str) -> None:
    (question,) = list_questions(*names(*cells))
    assert [option.value for option in question.options if option.is_chosen] == [likely]


def test_names_without_a_habit_raise_no_question() -> None:
    assert list_questions(*names("Ada Okoro", "Jun Takeda, PhD", "高橋 純")) == []


def test_a_second_meaning_is_shown_with_the_rows_where_it_would_differ(app: Flask) -> None:
    rows = [*[("Ada", "")] * 30, ("Jun", "Dean"), ("Mara", "Chair")]
    sheet = Sheet(("Name", "Position"), tuple(SheetRow(n, cells) for n, cells in enumerate(rows, start=2)), Look(), ())
    plan = Plan("list.csv", columns=(Field.NAME, Field.AFFILIATION))
    with app.test_request_context():
        name, position = shown_columns(sheet, plan, "en")
    assert name.second_meaning == ""  # a family name alone would read the same
    assert [(row.number, row.reading) for row in position.differences] == [
        (32, "Credential: Dean"), (33, "Credential: Chair"),
    ]  # fmt: skip


def test_the_exported_directory_comes_in_again_unchanged(desk: Importer) -> None:
    desk.add(name="Ada Okoro", notes="called\nwrote", sort_name="Okoro, Ada", groups=(("Jurists", "Chair"),))
    desk.add(name="Lanterns", organisation=True, credential="Founded 1999", affiliation="Harbour")
    exported = desk.client.get(f"{desk.url}/export.csv").data.decode("utf-8-sig")
    columns = {f"columns-{index}": field.value for index, field in enumerate(guess_mapping(HEADER, []))}
    url = desk.mapped(exported, **columns, has_header="y")
    desk.client.post(f"{url}/answers", data=ticked(desk.shown(f"{url}/review?part=exact")))
    assert figures(desk.shown(f"{url}/review")) == ["0 to be added", "2 already there or repeated"]
