"""CSV as it leaves: readable in Excel, in any script, and never a formula."""

import csv
import io

import pytest

from app.base.sheets import starts_a_formula, write_csv


def written(header: list[str], rows: list[list[object]]) -> str:
    return b"".join(write_csv(header, rows)).decode("utf-8")


def test_write_csv_begins_with_a_byte_order_mark_and_ends_lines_with_crlf() -> None:
    assert written(["name"], [["Олена"], ["سارا"]]) == "\ufeffname\r\nОлена\r\nسارا\r\n"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "\ufeff=1", "＝1", "\u00a0@x", "\u3000+"]
)
def test_write_csv_guards_what_a_spreadsheet_would_run(cell: str) -> None:
    rows = list(csv.reader(io.StringIO(written(["a"], [[cell]]), newline="")))
    assert rows[1] == ["'" + cell]


@pytest.mark.parametrize("cell", ["Anna-Maria", "a=b", "x@example.org", "'quoted", "", "Ó Briain"])
def test_write_csv_leaves_what_is_no_formula(cell: str) -> None:
    assert not starts_a_formula(cell)


def test_write_csv_keeps_numbers_and_empty_cells() -> None:
    assert written(["a", "b"], [[-5, None]]).splitlines()[1] == "-5,"


def test_write_csv_quotes_line_breaks_and_separators() -> None:
    text = written(["a"], [['Anna, "Ann"\nMay']])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ['Anna, "Ann"\nMay']


def test_write_csv_sends_many_rows_in_pieces() -> None:
    pieces = list(write_csv(["n"], ([number] for number in range(1200))))
    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\r\n") == 1201
