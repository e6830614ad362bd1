"""Lists as they arrive: many delimiters and encodings, and refusals that name the mend."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from app.base.errors import Refusal
from app.base.sheets import write_csv
from app.sheets.looks import NO_HEADINGS, Look
from app.sheets.raw_sheets import MOST_ROWS, column_letter
from app.sheets.reading import MOST_BYTES, read_sheet

ROWS = [["Jürgen Öhler", "Deutschland", "Professor, Universität X"], ["Ann May", "New Zealand", "Poet"]]


def as_csv(delimiter: str = ";", ending: str = "\n", final: bool = False) -> str:
    lines = ["name;country;affiliation", *[";".join(row) for row in ROWS]]
    text = ending.join(line.replace(";", delimiter) for line in lines)
    return text + ending if final else text


def cells(content: bytes) -> list[list[str]]:
    return [list(row.cells) for row in read_sheet(content).rows]


def refusal(content: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        read_sheet(content)
    assert caught.value.field == "file"
    return caught.value.message


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_read_sheet_sniffs_the_delimiter(delimiter: str, ending: str, final: bool) -> None:
    sheet = read_sheet(as_csv(delimiter, ending, final).encode())
    assert (sheet.look.delimiter, sheet.header) == (delimiter, ("name", "country", "affiliation"))
    assert [list(row.cells) for row in sheet.rows] == ROWS
    assert [row.number for row in sheet.rows] == [2, 3]
    assert sheet.problems == ()


def test_read_sheet_reads_commas_in_quotation_marks() -> None:
    assert cells(b'name,affiliation\n"May, Ann","Poet, X"\nBo,Y\n') == [["May, Ann", "Poet, X"], ["Bo", "Y"]]


def test_read_sheet_obeys_the_delimiter_excel_declares() -> None:
    assert cells(b"sep=|\r\nname|country\r\nA, B; C|DE\r\n") == [["A, B; C", "DE"]]


def test_read_sheet_reads_a_list_of_one_column() -> None:
    assert [list(row.cells) for row in read_sheet("name\nОлена\nسارا".encode(), headings=["Name"]).rows] == [
        ["Олена"],
        ["سارا"],
    ]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "windows-1252")],
)  # fmt: skip
def test_read_sheet_finds_the_encoding(encoding: str, expected: str) -> None:
    sheet = read_sheet(as_csv().encode(encoding))
    assert (sheet.look.encoding, sheet.rows[0].cells[0]) == (expected, "Jürgen Öhler")


def test_read_sheet_finds_cyrillic_in_one_byte() -> None:
    sheet = read_sheet("имя;страна\nОлена Коваль;Украина\n".encode("cp1251"))
    assert (sheet.look.encoding, sheet.rows[0].cells[0]) == ("windows-1251", "Олена Коваль")


def test_read_sheet_obeys_the_encoding_it_is_told() -> None:
    content = "όνομα\nΕλένη".encode("cp1253")
    assert read_sheet(content, Look(encoding="windows-1253")).rows[0].cells == ("Ελένη",)


def test_read_sheet_names_the_line_where_encodings_mix() -> None:
    content = "name\nJörg\n".encode() + "René\n".encode("cp1252")
    assert "line 3 is not" in refusal(content)


def test_read_sheet_names_the_line_of_a_nul_byte() -> None:
    assert "Line 3 holds a NUL byte" in refusal(b"name\nAnn\nB\x00o\n")


def test_read_sheet_refuses_too_many_columns_with_the_number() -> None:
    message = refusal(",".join(f"c{n}" for n in range(300)).encode() + b"\n" + b",".join([b"x"] * 300))
    assert "300 columns" in message
    assert "200" in message


def test_read_sheet_takes_no_account_of_empty_columns_at_the_end() -> None:
    assert read_sheet(b"name,country" + b"," * 100 + b"\nAnn,NZ" + b"," * 100).header == ("name", "country")


def test_read_sheet_refuses_too_many_rows() -> None:
    assert "100,000 rows" in refusal(b"name\n" + b"A\n" * (MOST_ROWS + 1))


def test_read_sheet_refuses_too_many_bytes() -> None:
    assert "50.0 MB; at most 50 MB" in refusal(b"name\n" + b"A" * MOST_BYTES)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" ;; \n", b'""\n""'])
def test_read_sheet_refuses_an_empty_file(content: bytes) -> None:
    assert "empty" in refusal(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.7 x", "PDF"), (b"<!DOCTYPE html><html>", "HTML"), (b"  <html>", "HTML"), (b"\x89PNG\r\n\x1a\n..", "PNG"),
     (b"\xd0\xcf\x11\xe0abc", "an old Microsoft Office file (.xls, .doc)"), (b"{\\rtf1 x", "an RTF text")],
)  # fmt: skip
def test_read_sheet_recognises_other_files_by_their_bytes(content: bytes, kind: str) -> None:
    assert kind in refusal(content)


def test_read_sheet_refuses_a_quotation_mark_left_open() -> None:
    assert "line 3" in refusal(b'name,country\nAnn,NZ\n"Bo,SG\nCy,FR\n')


def test_read_sheet_flags_formulas_and_keeps_them_as_text() -> None:
    sheet = read_sheet(b"name,note\n=1+1,x\n@anna,y\n", headings=["name", "note"])
    assert [(p.row, p.column, p.refused) for p in sheet.problems] == [(2, 0, False), (3, 0, False)]
    assert sheet.rows[0].cells[0] == "=1+1"


@pytest.mark.parametrize("evil", ["A\x07", "A\u202eB", "A\x00b".replace("\x00", "\x1b")])
def test_read_sheet_refuses_a_cell_with_what_nobody_sees(evil: str) -> None:
    sheet = read_sheet(f'name,country\n"{evil}",NZ\nBo,SG\n'.encode())
    assert [(p.row, p.column, p.refused) for p in sheet.problems] == [(2, 0, True)]
    assert sheet.rows[1].cells == ("Bo", "SG")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\x0b", "\x85", "\u2028"])
def test_read_sheet_keeps_line_breaks_in_cells_as_line_feeds(ending: str) -> None:
    """What reads the rows knows where a line may break, and that no name holds one."""
    sheet = read_sheet(f'name,notes\nAnn,"called{ending}promised"\n'.encode())
    assert sheet.rows[0].cells == ("Ann", "called\npromised")
    assert sheet.problems == ()


def test_read_sheet_refuses_a_row_with_more_cells_than_headings() -> None:
    sheet = read_sheet(b"name,country\nMay, Ann,NZ\nBo,SG\nCy,FR,,\n")
    assert [(p.row, p.column, p.refused) for p in sheet.problems] == [(2, None, True)]


def test_read_sheet_skips_empty_rows_and_keeps_their_numbers() -> None:
    assert [row.number for row in read_sheet(b"name\n\nAnn\n\n\nBo\n").rows] == [3, 6]


def test_no_headings_gives_letters() -> None:
    sheet = read_sheet(b"Ann,NZ\nBo,SG\n", Look(heading_row=NO_HEADINGS))
    assert sheet.header == ("A", "B")
    assert [row.cells[0] for row in sheet.rows] == ["Ann", "Bo"]


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_read_sheet_reads_xlsx() -> None:
    sheet = read_sheet(xlsx([["name", "year", "pinned"], ["سارا احمدی", 2022, True], ["Zoë", 1.5, None]]))
    assert sheet.look == Look(worksheet="Sheet", heading_row=1)
    assert [row.cells for row in sheet.rows] == [("سارا احمدی", "2022", "yes"), ("Zoë", "1.5", "")]


def test_read_sheet_never_runs_a_formula_of_xlsx() -> None:
    assert read_sheet(xlsx([["name", "x"], ["Ann", '=HYPERLINK("http://x")']])).rows[0].cells == ("Ann", "")


def test_read_sheet_refuses_three_hundred_columns_of_xlsx() -> None:
    assert "300 columns" in refusal(xlsx([[f"c{n}" for n in range(300)], ["x"] * 300]))


def test_read_sheet_refuses_an_archive_that_is_no_spreadsheet() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    assert "ZIP archive" in refusal(buffer.getvalue())


@pytest.mark.parametrize("cut", [30, 400, 3000])
def test_read_sheet_refuses_a_damaged_spreadsheet(cut: int) -> None:
    assert "damaged" in refusal(xlsx([["name"], ["Ann"]])[:cut])


def test_read_sheet_refuses_entities_in_xlsx() -> None:
    buffer = io.BytesIO(xlsx([["name"], ["Ann"]]))
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts["xl/workbook.xml"].split(b"?>")[-1]
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "damaged" in refusal(out.getvalue())


def test_what_write_csv_writes_is_read_again() -> None:
    sheet = read_sheet(b"".join(write_csv(["name", "country"], [["Олена", "UA"], ['A "B", C', "DE"]])))
    assert [row.cells for row in sheet.rows] == [("Олена", "UA"), ('A "B", C', "DE")]


def test_column_letter_counts_as_spreadsheets_do() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 59)] == ["A", "Z", "AA", "BH"]
