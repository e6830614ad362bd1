"""Lists made to stop the house: each is refused with the mend, by counts and bounds, or read in steady time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given, strategies as st

from app.background.children import FileReader
from app.base.errors import Refusal
from app.sheets import csv_reading, reading, vcard_reading, workbook_reading
from app.sheets.archives import MOST_MARKS, MOST_UNPACKED_BYTES
from app.sheets.cells import LONGEST_CELL
from app.sheets.raw_sheets import MOST_CELLS, MOST_CHARACTERS
from app.sheets.reading import read_sheet
from tests.factories.spreadsheets import ods_of, ole_of

pytestmark = pytest.mark.usefixtures("_interface")


@pytest.fixture
def _interface(app: Flask) -> object:
    """Sentences are translated, so they need an application."""
    with app.app_context():
        yield


def refusal(content: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        read_sheet(content)
    assert caught.value.field == "file"
    return caught.value.message


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
    f'ContentType="{OFFICE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{OFFICE}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" '
    f'ContentType="{OFFICE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets><sheet name="A" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{KINDS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
    f'Type="{KINDS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>name</t></si><si><t>Ann</t></si></sst>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>',
}


def spreadsheet(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Make a spreadsheet with a name in it and change its parts."""
    parts, out = {name: content.encode() for name, content in PARTS.items()}, io.BytesIO()
    change(parts)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_spreadsheet_of_these_tests_is_read() -> None:
    assert [row.cells for row in read_sheet(spreadsheet(lambda parts: None)).rows] == [("Ann",)]


def strings(parts: dict[str, bytes], number: int) -> None:
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"</sst>", b"<si/>" * number + b"</sst>")


def test_millions_of_empty_strings_are_counted_and_never_built() -> None:
    """22 million of them, in 162 KB, held a worker for a minute."""
    attack = spreadsheet(lambda parts: strings(parts, MOST_MARKS))
    assert len(attack) < 128 * 1024
    assert "save it as CSV" in refusal(attack)


def test_more_than_fits_unpacked_is_refused_by_what_the_archive_says() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        archive.infolist()[-1].file_size = MOST_UNPACKED_BYTES  # written at the end
    assert "unpacks to more than 256 MB" in refusal(out.getvalue())


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_marks_are_counted_in_every_part(part: str) -> None:
    def fill(parts: dict[str, bytes]) -> None:
        head, _slash, tail = parts[part].rpartition(b"</")
        parts[part] = head + b"<x/>" * MOST_MARKS + b"</" + tail

    assert "save it as CSV" in refusal(spreadsheet(fill))


def test_document_types_are_refused_in_every_part() -> None:
    def expand(parts: dict[str, bytes]) -> None:
        entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        parts["xl/sharedStrings.xml"] = entities + parts["xl/sharedStrings.xml"]

    assert "damaged" in refusal(spreadsheet(expand))


def test_long_strings_shared_by_many_cells_are_refused_by_their_characters() -> None:
    """A cell costs the file 30 bytes and names a text of any length."""

    def share(parts: dict[str, bytes]) -> None:
        text = b"<si><t>" + b"x" * LONGEST_CELL + b"</t></si>"
        parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"</sst>", text + b"</sst>")
        rows = b"".join(
            b'<row r="%d"><c r="A%d" t="s"><v>2</v></c></row>' % (n, n)
            for n in range(3, 4 + MOST_CHARACTERS // LONGEST_CELL)
        )
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
            b"</sheetData>", rows + b"</sheetData>"
        )

    assert "characters" in refusal(spreadsheet(share))


CELL = '<table:table-cell{} office:value-type="string"><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    "table",
    [
        '<table:table-row table:number-rows-repeated="1000000000">' + CELL.format("") + "</table:table-row>",
        "<table:table-row>" + CELL.format(' table:number-columns-repeated="1000000000"') + "</table:table-row>",
        '<table:table-row table:number-rows-repeated="60000">'
        + CELL.format(' table:number-columns-repeated="16000"')
        + "</table:table-row>",
    ],
    ids=["rows", "columns", "both"],
)
def test_repeats_of_ods_take_no_more_than_there_is(table: str) -> None:
    """Two numbers in an attribute ask for more cells than any machine has."""
    assert refusal(ods_of(f'<table:table table:name="A">{table}</table:table>'))


def test_empty_rows_that_fill_a_worksheet_of_ods_cost_nothing() -> None:
    """Programs write them to the last row that there could be."""
    row = "<table:table-row>" + CELL.format("") + "</table:table-row>"
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048574">{empty}</table:table-row>'
    assert len(read_sheet(ods_of(f'<table:table table:name="A">{row}{rest}</table:table>')).rows) == 1


@pytest.mark.parametrize("between", [b"", b" ", b"\n"])
def test_letters_without_end_are_judged_by_some_of_them(between: bytes) -> None:
    """One word of a million letters, or a million words."""
    letters = between.join([b"\xe9\xe8\xe7"] * 200_000)
    assert csv_reading.answer(b"\nname\n" + letters).startswith(b"{")


def test_a_chain_of_old_excel_that_bites_its_tail_ends() -> None:
    """The last sector says that the first one comes next."""
    assert refusal(ole_of(b"\x09\x08" + bytes(8_000), next_sector=2))


def test_a_cell_at_the_far_end_asks_for_no_room() -> None:
    def far(parts: dict[str, bytes]) -> None:
        cell = b'<row r="1048576"><c r="XFD1048576" t="s"><v>1</v></c></row></sheetData>'
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", cell)

    assert refusal(spreadsheet(far))


def test_half_a_character_is_refused_with_its_line() -> None:
    halved = "name\nAnn".encode("utf-16") + b"\x00\xd8"
    assert "can't be read as utf-16" in refusal(halved)


def test_more_filled_cells_than_fit_are_refused() -> None:
    rows = MOST_CELLS // 50 + 2
    assert "1,500,000 cells" in refusal((b"x," * 49 + b"x\n") * rows)


def test_a_heading_with_millions_of_empty_cells_is_read_once() -> None:
    """Cutting off one after the other took a copy for each."""
    assert read_sheet(b"a" + b"," * 2_000_000 + b"\nAnn").header == ("a",)


@pytest.mark.parametrize("quoted", [True, False])
def test_a_cell_of_any_length_is_refused_with_its_row_and_column(quoted: bool) -> None:
    """Python's csv module gives up at 131,072 characters."""
    cell = b'"' + b"x" * 140_000 + b'"' if quoted else b"x" * 140_000
    (problem,) = read_sheet(b"name,note\nAnn,\nBo," + cell + b"\n").problems
    assert (problem.row, problem.column, problem.refused) == (3, 1, True)
    assert "140000 characters long" in problem.message


def test_a_heading_of_any_length_is_cut() -> None:
    assert read_sheet(b"x" * 140_000 + b",b\nAnn,B\n").header == ("x" * 100, "b")


def test_a_list_that_takes_too_long_is_refused_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_TEXT", FileReader("app.sheets.csv_reading", 2**29, 0, 2**20))
    assert "save it as CSV" in refusal(b"name\nAnn\n")


@given(st.binary(max_size=400))
def test_readers_say_something_of_whatever_comes(content: bytes) -> None:
    assert csv_reading.answer(b"\n" + content).startswith(b"{")
    assert workbook_reading.answer(b"\nPK\x03\x04" + content).startswith(b"{")
    assert workbook_reading.answer(b"\n\xd0\xcf\x11\xe0" + content).startswith(b"{")
    assert vcard_reading.answer(b"\nBEGIN:VCARD\n" + content).startswith(b"{")
