"""Spreadsheets of three programs: which worksheet is read, and that nothing in it is lost on the way."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from app.base.errors import Refusal
from app.sheets.looks import Look
from app.sheets.reading import FOUND, LookPart, Sheet, Worksheet, read_sheet
from tests.factories.spreadsheets import make_ods, make_xls, make_xlsx, ods_of

HEADINGS = ("Name", "Email", "Country", "Organisation", "Notes")
PEOPLE = [["Name", "Email"], ["Mara Lind", "mara@lantern.example.org"], ["Jun Takeda", "jun@lantern.example.org"]]
ROWS = [("Mara Lind", "mara@lantern.example.org"), ("Jun Takeda", "jun@lantern.example.org")]


def read(content: bytes, look: Look = FOUND) -> Sheet:
    return read_sheet(content, look, HEADINGS)


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("content", [make_xlsx({"People": PEOPLE}), make_ods({"People": PEOPLE}), make_xls(PEOPLE)])
def test_each_format_is_read_alike(content: bytes) -> None:
    sheet = read(content)
    assert sheet.header == ("Name", "Email")
    assert cells(sheet) == ROWS
    assert sheet.look == Look(worksheet="People", heading_row=1)
    assert sheet.worksheets == (Worksheet("People", False, 3),)


def test_names_of_every_script_come_out_of_every_format() -> None:
    names = ["བསྟན་འཛིན", "Олена Коваль", "林清河", "سارا احمدی", "Zoë Ñandú"]
    rows = [["Name"], *([name] for name in names)]
    for content in (make_xlsx({"A": rows}), make_ods({"A": rows}), make_xls(rows)):
        assert [row.cells[0] for row in read(content).rows] == names


def test_the_worksheet_that_looks_like_people_is_read_and_the_others_are_named() -> None:
    sheets = {"Read me": [["How to fill this in"], ["Write one name in a row"]], "People": PEOPLE, "Empty": []}
    for content in (make_xlsx(sheets), make_ods(sheets)):
        sheet = read(content)
        assert sheet.look.worksheet == "People"
        assert [one.name for one in sheet.worksheets] == list(sheets)
        (other,) = [one for one in sheet.others if one.guess is LookPart.WORKSHEET]
        assert (other.look.worksheet, other.is_close) == ("Read me", False)
        assert other.pairs[0][1].cells == ("How to fill this in",)


def test_a_second_list_is_pointed_out() -> None:
    bodies = [["Organisation", "Country"], ["Lanterns", "Norway"], ["Harbours", "Ghana"]]
    sheet = read(make_xlsx({"People": PEOPLE, "Bodies": bodies}))
    assert [one.look.worksheet for one in sheet.in_doubt(Look())] == ["Bodies"]
    assert sheet.in_doubt(Look(worksheet="People")) == ()


def test_a_hidden_worksheet_is_read_only_if_it_is_asked_for() -> None:
    hidden = [["Name"], ["Not To Be Read"], ["Nor This"]]
    sheets = {"Old": hidden, "People": PEOPLE[:2]}

    def hide(book: Workbook) -> None:
        book["Old"].sheet_state = "veryHidden"

    for content in (make_xlsx(sheets, hide), make_ods(sheets, hidden=["Old"])):
        sheet = read(content)
        assert sheet.look.worksheet == "People"
        assert sheet.worksheets[0] == Worksheet("Old", True, 3)
        assert "Not To Be Read" not in str(sheet)
        assert cells(read(content, Look(worksheet="Old"))) == [("Not To Be Read",), ("Nor This",)]


def test_only_hidden_worksheets_are_refused_with_the_mend() -> None:
    def hide(book: Workbook) -> None:
        book["Old"].sheet_state = "hidden"

    with pytest.raises(Refusal, match="Only hidden worksheets hold anything"):
        read(make_xlsx({"Empty": [], "Old": PEOPLE}, hide))


def test_a_chart_before_the_list_is_passed_over() -> None:
    def chart(book: Workbook) -> None:
        book.create_chartsheet("Chart", 0)

    sheet = read(make_xlsx({"People": PEOPLE}, chart))
    assert (sheet.look.worksheet, cells(sheet)) == ("People", ROWS)


def test_a_told_worksheet_that_is_gone_gives_the_first() -> None:
    assert read(make_xlsx({"Notes": [["x", "y"]], "People": PEOPLE}), Look(worksheet="")).look.worksheet == "Notes"


def test_rows_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    rows: list[list[object]] = [[], [None, "Letter of March"], [], [None, *PEOPLE[0]], [], [None, *PEOPLE[1]]]
    for content in (make_xlsx({"A": rows}), make_ods({"A": rows})):
        sheet = read(content)
        assert (sheet.look.heading_row, sheet.header) == (4, ("A", "Name", "Email"))
        assert [(row.number, row.cells[1]) for row in sheet.rows] == [(6, "Mara Lind")]
        assert [row.number for row in sheet.above] == [2]


def test_what_is_merged_downwards_belongs_to_each_row() -> None:
    def merge(book: Workbook) -> None:
        book["A"].merge_cells("B2:B3")
        book["A"].merge_cells("C1:D1")

    rows = [["Name", "Country", "Email"], ["Mara Lind", "Norway", "m@example.org"], ["Jun Takeda"], ["Ada Okoro"]]
    sheet = read(make_xlsx({"A": rows}, merge))
    assert [row.cells[:2] for row in sheet.rows] == [
        ("Mara Lind", "Norway"),
        ("Jun Takeda", "Norway"),
        ("Ada Okoro", ""),
    ]


def test_a_cell_in_error_is_told_and_not_emptied() -> None:
    def err(book: Workbook) -> None:
        book["A"]["A3"] = "#N/A"
        book["A"]["A3"].data_type = "e"

    sheet = read(make_xlsx({"A": [["Name", "Email"], ["Mara Lind", "m@example.org"], [None, None]]}, err))
    assert cells(sheet)[1] == ("#N/A", "")


def test_an_address_that_only_a_link_holds_has_a_column_of_its_own() -> None:
    def link(book: Workbook) -> None:
        book["A"]["A2"].hyperlink = "mailto:mara@lantern.example.org?subject=Hello"
        book["A"]["B3"].hyperlink = "mailto:jun@lantern.example.org"
        book["A"]["A3"].hyperlink = "https://lantern.example.org"

    rows: list[list[object]] = [["Name", "Email"], ["Mara Lind", None], ["Jun Takeda", "jun@lantern.example.org"]]
    sheet = read(make_xlsx({"A": rows}, link))
    assert sheet.header == ("Name", "Email", "Name (link)")
    assert cells(sheet) == [
        ("Mara Lind", "", "mara@lantern.example.org"),
        ("Jun Takeda", "jun@lantern.example.org", ""),
    ]


def test_values_are_written_as_people_read_them() -> None:
    row: list[Any] = [
        datetime.date(2026, 3, 1),
        datetime.datetime.fromisoformat("2026-03-01T09:30"),
        7.0,
        1.5,
        True,
        10115,
    ]
    sheet = read(make_xlsx({"A": [["Name", "Day", "Time", "A", "B", "C", "D"], ["Ann May", *row]]}))
    assert sheet.rows[0].cells[1:] == ("2026-03-01", "2026-03-01T09:30:00", "7", "1.5", "yes", "10115")


def test_a_document_that_is_no_spreadsheet_is_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(Refusal, match="no spreadsheet"):
        read(out.getvalue())


def test_a_repeated_row_of_ods_is_as_many_people() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row{}>" + cell + "</table:table-row>"
    table = '<table:table table:name="A">{}</table:table>'
    rows = row.format("", "Name") + row.format(' table:number-rows-repeated="2"', "Ann May") + row.format("", "Bo Li")
    assert [one.number for one in read(ods_of(table.format(rows))).rows] == [2, 3, 4]


def test_links_that_are_not_read_are_counted() -> None:
    link = '<text:p><text:a xlink:href="mailto:{}">{}</text:a></text:p>'
    cell = f'<table:table-cell office:value-type="string">{link}</table:table-cell>'
    cells = cell.format("ada@example.org", "Ada Okoro") + cell.format("jun@example.org", "jun@example.org")
    row = f"<table:table-row>{cells}</table:table-row>"
    table = f'<table:table table:name="A" xmlns:xlink="http://www.w3.org/1999/xlink">{row * 2}</table:table>'
    assert read(ods_of(table)).unread_links == 2
    linked = make_xls([["Name"], ["Ada Okoro"], ["Jun Takeda"]]) + "mailto:ada@example.org".encode("utf-16-le")
    assert read(linked).unread_links == 1
    assert read(make_ods({"A": [["Name"], ["Ada Okoro"]]})).unread_links == 0
